/** A text of the machine’s with `{places}`, and its translation. */
export type Phrase = readonly [english: string, japanese: string];

const place = /\\\{(\w+)\\\}/g;

/**
 * Translates texts that are one of these phrases; undefined for others.
 * @param around what a text has around a phrase, as a regular expression
 */
export function phrasebook(phrases: readonly Phrase[], [before, after]: readonly [string, string] = ['', '']) {
  const patterns = phrases.map(([english, japanese]) => {
    const escaped = english.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(place, '(?<$1>.+?)');
    return { pattern: new RegExp(`^${before}${escaped}${after}$`), japanese };
  });
  return (
    text: string,
  ): { readonly japanese: string; readonly places: Readonly<Record<string, string>> } | undefined => {
    for (const { pattern, japanese } of patterns) {
      const places = pattern.exec(text)?.groups ?? (pattern.test(text) ? {} : undefined);
      if (places)
        return { places, japanese: japanese.replace(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole) };
    }
    return undefined;
  };
}
