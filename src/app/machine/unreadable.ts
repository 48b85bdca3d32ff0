import type { Translate } from '../i18n/translate.ts';

/** A file that the page cannot read or fetch; the message is a sentence for the user. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Fetches a guest from the page's server; throws `Unreadable`. */
export async function fetchGuest(name: string, url: string, translate: Translate): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new Unreadable(translate('refusal.notFetched', { name, reason: reasonOf(error) }));
  }
}
