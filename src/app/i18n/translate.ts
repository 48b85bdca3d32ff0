import { type Catalogue, en, type Key } from './en.ts';

export type Language = 'en' | 'ja';

/** The catalogues that have come. English comes with the page, and stands in for the others. */
const catalogues: { readonly en: Catalogue; ja?: Catalogue } = { en };

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

type Arguments<K extends Key> = [Places<(typeof en)[K]>] extends [never]
  ? []
  : [values: { readonly [Place in Places<(typeof en)[K]>]: string | number }];

/** The keys whose texts have no places. */
export type PlainKey = { [K in Key]: [Places<(typeof en)[K]>] extends [never] ? K : never }[Key];

export type Translate = <K extends Key>(key: K, ...values: Arguments<K>) => string;

/** The text of `key` in `language`, its places filled. */
export const translator =
  (language: Language): Translate =>
  (key, ...[values]) => {
    const text = (catalogues[language] ?? en)[key];
    if (!values) return text;
    const filled: { readonly [place: string]: string | number } = values;
    return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, place: string, one?: string, other?: string) =>
      String((filled[place] === 1 ? one : other) ?? filled[place]),
    );
  };

/** The first of the browser's languages that the page speaks. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const language of languages) {
    const primary = language.toLowerCase().split('-')[0];
    if (primary === 'en' || primary === 'ja') return primary;
  }
  return 'en';
}
