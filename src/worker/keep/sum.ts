/**
 * A sum of a chunk, 53 bits: two chunks with the same sum are taken for equal. Each word goes into two of four lanes, so that
 * 64 bits of state depend on it; the length is a multiple of 16.
 */
export function sumOf({ buffer, byteOffset, length }: Uint8Array): number {
  const words = new Uint32Array(buffer, byteOffset, length >>> 2);
  let a = 0x811c_9dc5;
  let b = 0x9e37_79b9;
  let c = 0x85eb_ca6b;
  let d = 0xc2b2_ae35;
  for (let i = 0; i + 3 < words.length; i += 4) {
    const [w, x, y, z] = [words[i] as number, words[i + 1] as number, words[i + 2] as number, words[i + 3] as number];
    a = (Math.imul(a ^ w, 0x0100_0193) + x) | 0;
    b = (Math.imul(b ^ x, 0x85eb_ca6b) + w) | 0;
    c = (Math.imul(c ^ y, 0x0100_0193) + z) | 0;
    d = (Math.imul(d ^ z, 0x85eb_ca6b) + y) | 0;
  }
  const low = Math.imul(a ^ (c >>> 15), 0xc2b2_ae35) ^ c;
  const high = Math.imul(b ^ (d >>> 13), 0x85eb_ca6b) ^ d;
  return (low >>> 0) * 2 ** 21 + (high >>> 11);
}
