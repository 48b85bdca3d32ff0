/** Plain data with bytes in it as one run of bytes: the length of the JSON, the length of the bytes behind it, and both. */
import { concatenated } from '../../base/bytes.ts';
import { pack, unpack } from '../../session/snapshot/pack.ts';

const headSize = 8;

export function packBlob(data: unknown): Uint8Array {
  const { json, bytes } = pack(data);
  const text = new TextEncoder().encode(json);
  const head = new DataView(new ArrayBuffer(headSize));
  head.setUint32(0, text.length);
  head.setUint32(4, bytes.length);
  return concatenated([new Uint8Array(head.buffer), text, bytes]);
}

/** Throws SyntaxError or RangeError for what is none. */
export const unpackBlob = (blob: Uint8Array): unknown => firstOf(blob).data;

/** What is in blobs that follow each other. Throws SyntaxError or RangeError. */
export function inputsOf(blobs: Uint8Array): unknown[] {
  const all: unknown[] = [];
  for (let rest = blobs; rest.length > 0; ) {
    const { data, end } = firstOf(rest);
    all.push(data);
    rest = rest.subarray(end);
  }
  return all;
}

function firstOf(blob: Uint8Array): { readonly data: unknown; readonly end: number } {
  const head = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const textEnd = headSize + head.getUint32(0);
  const end = textEnd + head.getUint32(4);
  if (end > blob.length) throw new RangeError('it is not whole');
  const json = new TextDecoder().decode(blob.subarray(headSize, textEnd));
  return { data: unpack({ json, bytes: blob.subarray(textEnd, end) }), end };
}
