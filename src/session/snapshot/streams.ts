/** The platform's streams that compress, on bytes that are all there. */
import { concatenated } from '../../base/bytes.ts';

/** Passes bytes through a stream. Throws RangeError if more than `most` come out, and what the stream throws. */
export async function through(stream: ByteTransform, bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await pass(stream, bytes, most, (piece) => pieces.push(piece));
  return concatenated(pieces);
}

/** The same to a place, which has to become full. */
export async function throughTo(stream: ByteTransform, bytes: Uint8Array, place: Uint8Array): Promise<void> {
  const length = await pass(stream, bytes, place.length, (piece, at) => place.set(piece, at));
  if (length < place.length) throw new RangeError('less comes out than was said');
}

/** Returns how many bytes came out. */
async function pass(
  stream: ByteTransform,
  bytes: Uint8Array,
  most: number,
  take: (piece: Uint8Array, at: number) => void,
): Promise<number> {
  const writer = stream.writable.getWriter();
  // A failure comes out at the other end, too.
  const written = Promise.all([writer.write(bytes), writer.close()]).catch(() => {});
  const reader = stream.readable.getReader();
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (length + next.value.length > most) throw new RangeError('more comes out than was said');
    take(next.value, length);
    length += next.value.length;
  }
  await written;
  return length;
}
