/** A larger file, in bytes, is not opened as text. */
const textMax = 2 * 2 ** 20;

/** The text of a file; null if it is not text. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.length > textMax || bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
