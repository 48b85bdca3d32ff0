import type { Catalogue, en, Key } from './en.ts';
import { enFirst } from './enFirst.ts';

export type Language = 'en' | 'ja';

/** The catalogues that have come. English stands in for the others; what the page shows first comes with the page. */
const catalogues: { en: Partial<Catalogue>; ja?: Catalogue } = { en: enFirst };

/** The rest of the English texts has come, with the panels. */
export function completeEnglish(texts: Catalogue): void {
  catalogues.en = texts;
}

/** Fetches the texts of a language. Do this before the language is chosen. */
export async function loadCatalogue(language: Language): Promise<void> {
  if (language === 'ja') catalogues.ja ??= (await import('./ja.ts')).ja;
}

/**
 * The names between braces in a text: `'{count} bytes'` has the place `count`. `{count:file is|files are}` gives the
 * form for one, or that for any other number.
 */
type Places<Text extends string> = Text extends `${string}{${infer Place}}${infer Rest}`
  ? (Place extends `${infer Name}:${string}` ? Name : Place) | Places<Rest>
  : never;

type Arguments<Text extends string> = [Places<Text>] extends [never]
  ? []
  : [values: { readonly [Place in Places<Text>]: string | number }];

/** The keys whose texts have no places. */
export type PlainKey = { [K in Key]: [Places<(typeof en)[K]>] extends [never] ? K : never }[Key];

/** Gives the texts of a catalogue, which is told by its English texts. */
export type TranslateFrom<Texts extends Readonly<Record<string, string>>> = <K extends keyof Texts>(
  key: K,
  ...values: Arguments<Texts[K]>
) => string;

export type Translate = TranslateFrom<typeof en>;

type TextsOf<Texts> = { readonly [K in keyof Texts]: string };

/**
 * The texts of catalogues, with their places filled. English stands in for a language that has not come; a text that is not
 * there yet is shown as its key.
 */
export const translatorOf =
  <Texts extends Readonly<Record<string, string>>>(
    catalogues: Readonly<Partial<Record<Language, Partial<TextsOf<Texts>>>>> & { readonly en: Partial<TextsOf<Texts>> },
  ) =>
  (language: Language): TranslateFrom<Texts> =>
  (key, ...[values]) => {
    const text: string = (catalogues[language] ?? catalogues.en)[key] ?? String(key);
    if (!values) return text;
    const filled: { readonly [place: string]: string | number } = values;
    return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, place: string, one?: string, other?: string) =>
      String((String(filled[place]) === '1' ? one : other) ?? filled[place]),
    );
  };

/** The text of `key` in `language`, its places filled. */
export const translator: (language: Language) => Translate = translatorOf<typeof en>(catalogues);

/** The first of the browser's languages that the page speaks. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const language of languages) {
    const primary = language.toLowerCase().split('-')[0];
    if (primary === 'en' || primary === 'ja') return primary;
  }
  return 'en';
}
