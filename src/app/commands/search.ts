import { defaultFilter } from 'cmdk';
import type { Language, Translate } from '../i18n/translate.ts';
import type { Command } from './registry.ts';

/** The words by which the palette finds a command: its names in all languages. */
export const searchTerms = (command: Command, translators: Readonly<Record<Language, Translate>>): string[] =>
  Object.values(translators).map((translate) => command.label(translate));

/**
 * How well a command matches what the user searches, from 0 to 1. Of several with the same word, the way to a panel
 * comes first and what ends the session last; but a word of any is more than single letters of another.
 */
export function scoreOf({ id, endsSession }: Command, search: string, terms: readonly string[]): number {
  const score = defaultFilter?.(terms.join(' '), search) ?? 0;
  return score * (endsSession ? 0.4 : id.startsWith('panel.') ? 1 : 0.8);
}
