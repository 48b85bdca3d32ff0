/** The platform's streams that compress, on bytes that are all there. */

/** Passes bytes through a stream. Throws RangeError if more than `most` come out, and what the stream throws. */
export async function through(stream: ByteTransform, bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // A failure comes out at the other end, too.
  const written = Promise.all([writer.write(bytes), writer.close()]).catch(() => {});
  const reader = stream.readable.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pieces.push(next.value);
    length += next.value.length;
    if (length > most) throw new RangeError('more comes out than was said');
  }
  await written;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
