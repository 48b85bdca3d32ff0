/** The Internet checksum (RFC 1071). */

/** From so many bytes on, words of 32 bits are faster. */
const long = 256;

/**
 * The one's complement sum of bytes in pairs, added to an earlier sum; not yet folded, and for long ranges only congruent to
 * it. At most some 64 KiB at a time.
 */
export function sumOf(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let total = sum;
  const even = to - ((to - from) & 1);
  let at = from;
  const place = bytes.byteOffset + from;
  if (to - from >= long && (place & 1) === 0) {
    // The sum of the pairs in the other order is the sum with its bytes swapped (RFC 1071, section 2, B).
    if (place & 2) total += pairAt(bytes, at);
    at += place & 2;
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, (even - at) >> 2);
    let swapped = 0;
    for (let i = 0; i < words.length; i++) swapped += words[i] as number;
    const folded = ~foldedChecksum(swapped) & 0xffff;
    total += ((folded & 0xff) << 8) | (folded >> 8);
    at += words.length * 4;
  }
  for (; at < even; at += 2) total += pairAt(bytes, at);
  if (even < to) total += (bytes[even] as number) << 8;
  return total;
}

const pairAt = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

/** The checksum of what was summed. */
export function foldedChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

export const checksum = (bytes: Uint8Array, from: number, to: number): number => foldedChecksum(sumOf(bytes, from, to));
