/** SHA-1 (FIPS 180-4, 6.1), by which Git names objects. Synchronous, unlike the hosts' own. */

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The digest of the parts, one behind the other, as 40 hexadecimal digits. */
export function sha1(...parts: readonly Uint8Array[]): string {
  const length = parts.reduce((sum, { length }) => sum + length, 0);
  const padded = new Uint8Array((((length + 8) >>> 6) + 1) << 6);
  let at = 0;
  for (const part of parts) {
    padded.set(part, at);
    at += part.length;
  }
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(length) * 8n);
  const hash = Int32Array.of(0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0);
  const w = new Int32Array(80);
  const word = (i: number): number => w[i] as number;
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 80; i++) w[i] = rotate(word(i - 3) ^ word(i - 8) ^ word(i - 14) ^ word(i - 16), 1);
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = hash;
    for (let i = 0; i < 80; i++) {
      const f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      const k = i < 20 ? 0x5a82_7999 : i < 40 ? 0x6ed9_eba1 : i < 60 ? 0x8f1b_bcdc : 0xca62_c1d6;
      const next = (rotate(a, 5) + f + e + k + word(i)) | 0;
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = next;
    }
    for (const [i, value] of [a, b, c, d, e].entries()) hash[i] = ((hash[i] as number) + value) | 0;
  }
  return [...hash].map((each) => (each >>> 0).toString(16).padStart(8, '0')).join('');
}

/** An object's name as the 20 bytes that trees, the index and packs hold. */
export const idBytes = (id: string): Uint8Array =>
  Uint8Array.from({ length: id.length / 2 }, (_, i) => Number.parseInt(id.slice(2 * i, 2 * i + 2), 16));

export const idText = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
