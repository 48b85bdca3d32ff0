import type { Figure } from '../../session/stories/experiment.ts';
import type { StoryName } from '../../session/stories/stories.ts';
import { figuresJa, plotWordsJa } from './figuresJa.ts';
import type { Language } from './translate.ts';

/** What a story's figure is, and how it is measured. The machine's side has it in English. */
export function figureText(
  language: Language,
  story: StoryName,
  { id, label, how }: Pick<Figure, 'id' | 'label' | 'how'>,
): { readonly label: string; readonly how: string } {
  const [labelJa, howJa] = (language === 'ja' && figuresJa[story]?.[id]) || [];
  return { label: labelJa ?? label, how: howJa ?? how };
}

/** The name of a plot's line, or of what its bars stand on, which the machine's side has in English. */
export const plotWord = (language: Language, word: string): string => (language === 'ja' && plotWordsJa[word]) || word;
