import { createContext, useContext, useMemo } from 'react';
import { type Language, type Translate, translator } from './translate.ts';

/** The language of the page. */
export const LanguageContext = createContext<Language>('en');

/** The texts in the user's language. */
export function useTranslate(): Translate {
  const language = useContext(LanguageContext);
  return useMemo(() => translator(language), [language]);
}
