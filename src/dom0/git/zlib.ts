/** zlib's format (RFC 1950), in which Git keeps objects. */
import { inflate } from '../../base/gzip.ts';
import { ok, type Result } from '../../base/result.ts';

/** A stored block holds no more (RFC 1951, 3.2.4). */
const blockMax = 0xffff;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

/** Packs bytes without compressing them: configs are small, and every reader takes stored blocks. */
export function store(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / blockMax));
  const out = new Uint8Array(2 + 5 * blocks + bytes.length + 4);
  const view = new DataView(out.buffer);
  out.set([0x78, 0x01]);
  let at = 2;
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * blockMax, (block + 1) * blockMax);
    out[at] = block === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, part.length, true);
    view.setUint16(at + 3, ~part.length & 0xffff, true);
    out.set(part, at + 5);
    at += 5 + part.length;
  }
  view.setUint32(at, adler32(bytes));
  return out;
}

/** Unpacks what begins at an offset; `end` is where what follows it begins. */
export function unpack(bytes: Uint8Array, at = 0): Result<{ readonly bytes: Uint8Array; readonly end: number }> {
  const inflated = inflate(bytes, at + 2);
  return inflated.ok ? ok({ bytes: inflated.value.bytes, end: inflated.value.end + 4 }) : inflated;
}
