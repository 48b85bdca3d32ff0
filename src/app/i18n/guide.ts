import { useContext } from 'react';
import { type GuideKey, guideEn } from './guideEn.ts';
import { guideJa } from './guideJa.ts';
import { type Language, type TranslateFrom, translatorOf } from './translate.ts';
import { LanguageContext } from './useTranslate.ts';

export const guideCatalogues: Readonly<Record<Language, Readonly<Record<GuideKey, string>>>> = {
  en: guideEn,
  ja: guideJa,
};

/** The guide's texts in a language. */
export const guideTranslator: (language: Language) => TranslateFrom<typeof guideEn> =
  translatorOf<typeof guideEn>(guideCatalogues);

/** The guide's texts in the language of the page. Only parts that are loaded late may use it. */
export const useGuide = (): TranslateFrom<typeof guideEn> => guideTranslator(useContext(LanguageContext));
