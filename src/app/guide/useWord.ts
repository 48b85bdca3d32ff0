import { useContext, useEffect, useState } from 'react';
import { LanguageContext } from '../i18n/useTranslate.ts';
import type { Word } from './words.ts';

type Guide = typeof import('../i18n/guide.ts');
let guide: Guide | undefined;

/** Loads the glossary, which is no part of the page's first load. */
export async function loadGlossary(): Promise<void> {
  guide ??= await import('../i18n/guide.ts');
}

/** A word and its meaning in the page's language; null until the glossary is loaded. */
export function useWord(word: Word): { readonly term: string; readonly meaning: string } | null {
  const language = useContext(LanguageContext);
  const [loaded, setLoaded] = useState(guide);
  useEffect(() => {
    // Without the glossary the page works all the same.
    if (!loaded)
      void loadGlossary().then(
        () => setLoaded(guide),
        () => {},
      );
  }, [loaded]);
  const translate = loaded?.guideTranslator(language);
  return translate ? { term: translate(`term.${word}`), meaning: translate(`means.${word}`) } : null;
}
