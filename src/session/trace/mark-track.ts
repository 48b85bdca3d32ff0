/** Moments on a lane, in order of time, with two numbers each. */

import type { TraceMarks } from '../api/trace.ts';

const chunkMarks = 1024;
/** Bytes that a chunk takes. */
export const markChunkBytes = chunkMarks * (8 + 4 + 4);

class Chunk {
  readonly time = new Float64Array(chunkMarks);
  readonly a = new Uint32Array(chunkMarks);
  readonly b = new Uint32Array(chunkMarks);
  count = 0;
}

/** Called with the time and the numbers of a mark; true to see no more. */
export type SeeMark = (time: number, a: number, b: number) => unknown;

export class MarkTrack {
  readonly #chunks: Chunk[] = [];
  #last = 0;

  /** Adds a mark behind those before. Returns whether a new chunk had to be made. */
  add(time: number, a: number, b = 0): boolean {
    this.#last = Math.max(this.#last, time);
    let chunk = this.#chunks.at(-1);
    const grew = !chunk || chunk.count === chunkMarks;
    if (!chunk || grew) {
      chunk = new Chunk();
      this.#chunks.push(chunk);
    }
    const at = chunk.count++;
    chunk.time[at] = this.#last;
    chunk.a[at] = a;
    chunk.b[at] = b;
    return grew;
  }

  /** The end of the oldest chunk that can be given up; infinite where there is none. */
  get oldest(): number {
    const first = this.#chunks[0];
    return first && this.#chunks.length > 1 ? (first.time[first.count - 1] as number) : Number.POSITIVE_INFINITY;
  }

  giveUpOldest(): void {
    this.#chunks.shift();
  }

  /** How many marks are kept. */
  get count(): number {
    const last = this.#chunks.at(-1);
    return last ? (this.#chunks.length - 1) * chunkMarks + last.count : 0;
  }

  /** Calls for each mark of a window, in order. True if that has been said. */
  each(from: number, to: number, see: SeeMark): boolean {
    for (let index = this.#find(from), { count } = this; index < count; index++) {
      const [chunk, at] = this.#at(index);
      const time = chunk.time[at] as number;
      if (time >= to) return false;
      if (see(time, chunk.a[at] as number, chunk.b[at] as number) === true) return true;
    }
    return false;
  }

  /** The last mark up to a time; null if there is none. */
  before(time: number): { readonly time: number; readonly a: number; readonly b: number } | null {
    const index = this.#find(time + 1) - 1;
    if (index < 0) return null;
    const [chunk, at] = this.#at(index);
    return { time: chunk.time[at] as number, a: chunk.a[at] as number, b: chunk.b[at] as number };
  }

  /** The marks of a window, one in each `pixel` nanoseconds. */
  merged(from: number, to: number, pixel: number): TraceMarks {
    const found: [time: number, a: number, b: number, count: number][] = [];
    const end = this.#find(to);
    for (let index = this.#find(from); index < end; ) {
      const [first, firstAt] = this.#at(index);
      const bin = Math.floor(((first.time[firstAt] as number) - from) / pixel);
      const next = Math.max(index + 1, Math.min(end, this.#find(from + (bin + 1) * pixel, index)));
      const [chunk, at] = this.#at(next - 1);
      found.push([chunk.time[at] as number, chunk.a[at] as number, chunk.b[at] as number, next - index]);
      index = next;
    }
    return {
      time: Float64Array.from(found, ([time]) => time),
      a: Uint32Array.from(found, ([, a]) => a),
      b: Uint32Array.from(found, ([, , b]) => b),
      count: Uint32Array.from(found, ([, , , count]) => count),
    };
  }

  #at(index: number): readonly [Chunk, number] {
    return [this.#chunks[Math.floor(index / chunkMarks)] as Chunk, index % chunkMarks];
  }

  /** The number of the first mark at a time or behind it. */
  #find(time: number, low = 0): number {
    let high = this.count;
    let from = low;
    while (from < high) {
      const middle = (from + high) >>> 1;
      const [chunk, at] = this.#at(middle);
      if ((chunk.time[at] as number) < time) from = middle + 1;
      else high = middle;
    }
    return from;
  }
}
