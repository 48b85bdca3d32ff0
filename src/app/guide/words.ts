import type { GuideKey } from '../i18n/guideEn.ts';

/** The words that the page's glossary explains. */
export type Word = Extract<GuideKey, `term.${string}`> extends `term.${infer Name}` ? Name : never;
