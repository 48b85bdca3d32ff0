/** The Internet checksum (RFC 1071). */

/** The one's complement sum of bytes in pairs, added to an earlier sum; not yet folded. At most some 64 KiB at a time. */
export function sumOf(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let total = sum;
  const even = to - ((to - from) & 1);
  for (let at = from; at < even; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (even < to) total += (bytes[even] as number) << 8;
  return total;
}

/** The checksum of what was summed. */
export function foldedChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

export const checksum = (bytes: Uint8Array, from: number, to: number): number => foldedChecksum(sumOf(bytes, from, to));
