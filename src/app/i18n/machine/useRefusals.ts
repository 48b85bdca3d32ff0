import { useContext, useEffect, useState } from 'react';
import { LanguageContext } from '../useTranslate.ts';

type Refusals = Pick<typeof import('./refusalJa.ts'), 'refusalInJapanese' | 'faultInJapanese'>;

const asTheyAre: Refusals = { refusalInJapanese: (text) => text, faultInJapanese: (text) => text };

/**
 * The machine's refusals, which are English, in the language of the page. Few visits need the translations, which are
 * loaded then.
 */
export function useRefusals(): {
  readonly refusal: (text: string) => string;
  readonly fault: (text: string) => string;
} {
  const language = useContext(LanguageContext);
  const [japanese, setJapanese] = useState(asTheyAre);
  useEffect(() => {
    if (language === 'ja') void import('./refusalJa.ts').then(setJapanese);
  }, [language]);
  const { refusalInJapanese, faultInJapanese } = language === 'ja' ? japanese : asTheyAre;
  return { refusal: refusalInJapanese, fault: faultInJapanese };
}
