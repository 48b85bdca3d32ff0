/** How values are written in packets: hexadecimal digits, registers in the byte order of the target, and numbers of threads. */

const hexDigits = /^(?:[0-9a-f]{2})*$/i;

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The bytes that pairs of digits stand for; null if they are none. */
export const bytesOf = (hex: string): Uint8Array | null =>
  hexDigits.test(hex)
    ? Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
    : null;

/** A register's value, little-endian; one that is not known is `x` all over. */
export function registerHex(value: bigint | null, bits: number): string {
  if (value === null) return 'x'.repeat(bits / 4);
  const digits = BigInt.asUintN(bits, value)
    .toString(16)
    .padStart(bits / 4, '0');
  return (digits.match(/../g) ?? []).reverse().join('');
}

/** The value of a register of so many bits; null if the digits are none. */
export function registerValue(hex: string, bits: number): bigint | null {
  if (hex.length !== bits / 4 || !hexDigits.test(hex)) return null;
  return BigInt(`0x${(hex.match(/../g) ?? []).reverse().join('')}`);
}

/** A number in hexadecimal digits, as most packets have them; null if it is none, or has more than 64 bits. */
export const numberOf = (hex: string): bigint | null => (/^[0-9a-f]{1,16}$/i.test(hex) ? BigInt(`0x${hex}`) : null);

/** The same as a number that addresses, lengths and so on fit in; null if it is larger than `most`. */
export function smallNumber(hex: string, most: number): number | null {
  const value = numberOf(hex);
  return value === null || value > BigInt(most) ? null : Number(value);
}

/** Text and its characters as bytes of UTF-8, each a character. */
export const textHex = (text: string): string => hexOf(new TextEncoder().encode(text));
export const byteText = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');

/** Threads by their numbers, which begin at 1; -1 stands for all of them, 0 for any. */
export const isAmong = (thread: number, id: number): boolean => id <= 0 || id === thread;

export const idText = (thread: number): string => thread.toString(16);

/** Reads a thread's number, 0 or -1; null if it is none. */
export function parseId(text: string): number | null {
  if (text === '-1') return -1;
  return smallNumber(text, 0x7fff_ffff);
}
