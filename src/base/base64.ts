/** Base64 with padding (RFC 4648, section 4). */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...alphabet].map((letter, value) => [letter.charCodeAt(0), value]));
const padding = '=';

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const triple = (a << 16) | (b << 8) | c;
    const digit = (shift: number): string => alphabet[(triple >>> shift) & 63] as string;
    parts.push(
      digit(18) + digit(12) + (i + 1 < bytes.length ? digit(6) : padding) + (i + 2 < bytes.length ? digit(0) : padding),
    );
  }
  return parts.join('');
}

/** The bytes of a text in base64, or null if it is none. Only the text that `toBase64` writes is accepted. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0) return null;
  const padded = text.endsWith('==') ? 2 : text.endsWith(padding) ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padded);
  const digits = text.length - padded;
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < digits; i++) {
    const value = values.get(text.charCodeAt(i));
    if (value === undefined) return null;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >>> held;
  }
  // The bits of the last digit that belong to no byte are zeros.
  return (bits & (2 ** held - 1)) === 0 ? bytes : null;
}
