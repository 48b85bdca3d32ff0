/** What happened on a lane, one slice after the other, with summaries of 16, 256 and 1,024 slices for far views. */

import type { TraceSlices } from '../api/trace.ts';

/** Slices of a chunk, and how many of one level a summary of the next has. */
const chunkSlices = 1024;
const fan = 16;
const groups = chunkSlices / fan;
const middles = groups / fan;
/** Summaries of a chunk: of the chunk, of its quarters, and of its groups. */
const nodes = 1 + middles + groups;
/** Values that a summary tells apart: those that had the most time of its parts. */
const kept = 4;

/** Bytes that a chunk takes. */
export const sliceChunkBytes = chunkSlices * (8 + 4 + 4) + nodes * (8 + kept * (4 + 8));

class Chunk {
  readonly start = new Float64Array(chunkSlices);
  /** Exact to 2 ns in 30 ms. */
  readonly length = new Float32Array(chunkSlices);
  readonly value = new Uint32Array(chunkSlices);
  count = 0;
  /** Of summaries: nanoseconds of all its slices, and those of the values that have most. */
  readonly busy = new Float64Array(nodes);
  readonly values = new Uint32Array(nodes * kept);
  readonly shares = new Float64Array(nodes * kept);

  end(at: number): number {
    return (this.start[at] as number) + (this.length[at] as number);
  }
}

/** Nanoseconds by value. */
class Shares {
  readonly times = new Map<number, number>();

  add(value: number, time: number): void {
    this.times.set(value, (this.times.get(value) ?? 0) + time);
  }

  /** The values by their times, the longest first. */
  sorted(): (readonly [value: number, time: number])[] {
    return [...this.times].sort((a, b) => b[1] - a[1]);
  }
}

/** Puts slices together that lie in one part of the view. */
class Merger {
  readonly #from: number;
  readonly #pixel: number;
  readonly start: number[] = [];
  readonly end: number[] = [];
  readonly value: number[] = [];
  readonly count: number[] = [];
  readonly share: number[] = [];
  readonly #shares = new Shares();
  #bin = -1;
  #binStart = 0;
  #binEnd = 0;
  #binCount = 0;
  #binBusy = 0;

  constructor(from: number, pixel: number) {
    this.#from = from;
    this.#pixel = pixel;
  }

  /** A slice, or a summary of `count` of them; `shares` says who had how much of it. */
  add(start: number, end: number, count: number, busy: number, shares: (into: Shares) => void): void {
    const bin = Math.floor((start - this.#from) / this.#pixel);
    const isLong = end - start >= this.#pixel;
    if (bin !== this.#bin || isLong) this.flush();
    if (this.#binCount === 0) this.#binStart = start;
    this.#bin = bin;
    this.#binEnd = end;
    this.#binCount += count;
    this.#binBusy += busy;
    shares(this.#shares);
    if (isLong) this.flush();
  }

  flush(): void {
    if (this.#binCount === 0) return;
    let most = 0;
    let longest = -1;
    for (const [value, time] of this.#shares.times)
      if (time > longest) {
        longest = time;
        most = value;
      }
    this.start.push(this.#binStart);
    this.end.push(this.#binEnd);
    this.value.push(most);
    this.count.push(this.#binCount);
    const length = this.#binEnd - this.#binStart;
    this.share.push(length > 0 ? Math.min(1, this.#binBusy / length) : 1);
    this.#shares.times.clear();
    this.#binCount = 0;
    this.#binBusy = 0;
  }
}

/** Called with the beginning, end and value of a slice; true to see no more. */
export type SeeSlice = (start: number, end: number, value: number) => unknown;

export class SliceTrack {
  readonly #chunks: Chunk[] = [];
  /** The present slice; its end is not known. */
  #open: { readonly start: number; readonly value: number } | null = null;
  #end = 0;

  /** Begins a slice; the one before ends. Returns whether a new chunk had to be made. */
  begin(time: number, value: number): boolean {
    const grew = this.finish(time);
    this.#open = { start: Math.max(time, this.#end), value };
    return grew;
  }

  /** The present slice ends. Returns whether a new chunk had to be made. */
  finish(time: number): boolean {
    const open = this.#open;
    if (!open) return false;
    this.#open = null;
    return this.add(open.start, Math.max(open.start, time), open.value);
  }

  /** Forgets the present slice. */
  drop(): void {
    this.#open = null;
  }

  get open(): { readonly start: number; readonly value: number } | null {
    return this.#open;
  }

  /** Adds a slice behind those before; where it overlaps them, it begins later. Returns whether a new chunk had to be made. */
  add(from: number, to: number, value: number): boolean {
    const start = Math.max(from, this.#end);
    const end = Math.max(start, to);
    this.#end = end;
    let chunk = this.#chunks.at(-1);
    const grew = !chunk || chunk.count === chunkSlices;
    if (!chunk || grew) {
      chunk = new Chunk();
      this.#chunks.push(chunk);
    }
    const at = chunk.count++;
    chunk.start[at] = start;
    chunk.length[at] = end - start;
    chunk.value[at] = value;
    if (chunk.count % fan === 0) summarise(chunk);
    return grew;
  }

  /** The end of the oldest chunk that can be given up; infinite where there is none. */
  get oldest(): number {
    const first = this.#chunks[0];
    return first && this.#chunks.length > 1 ? first.end(first.count - 1) : Number.POSITIVE_INFINITY;
  }

  giveUpOldest(): void {
    this.#chunks.shift();
  }

  /** How many slices are kept. */
  get count(): number {
    return this.#chunks.reduce((sum, { count }) => sum + count, 0);
  }

  /** Calls for each slice that lies in a window, in order; the present one ends `now`. True if that has been said. */
  each(from: number, to: number, now: number, see: SeeSlice): boolean {
    for (let index = this.#firstChunk(from); index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index] as Chunk;
      if ((chunk.start[0] as number) >= to) return false;
      for (let at = firstIn(chunk, from); at < chunk.count; at++) {
        const start = chunk.start[at] as number;
        if (start >= to) return false;
        if (see(start, chunk.end(at), chunk.value[at] as number) === true) return true;
      }
    }
    const { open } = this;
    return (
      open !== null && open.start < to && now > from && see(open.start, Math.max(now, open.start), open.value) === true
    );
  }

  /** The slice before a time, or the one that it lies in; null if there is none. */
  before(time: number, now: number): { readonly start: number; readonly end: number; readonly value: number } | null {
    const { open } = this;
    if (open && open.start <= time) return { ...open, end: Math.max(now, open.start) };
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const chunk = this.#chunks[index] as Chunk;
      if ((chunk.start[0] as number) > time) continue;
      let [low, high] = [0, chunk.count - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((chunk.start[middle] as number) <= time) low = middle;
        else high = middle - 1;
      }
      return { start: chunk.start[low] as number, end: chunk.end(low), value: chunk.value[low] as number };
    }
    return null;
  }

  /** The slices of a window, put together so that there are at most some in each `pixel` nanoseconds. */
  merged(from: number, to: number, pixel: number, now: number): TraceSlices {
    const merger = new Merger(from, pixel);
    const chunks = this.#chunks;
    for (let index = this.#firstChunk(from); index < chunks.length; index++) {
      const chunk = chunks[index] as Chunk;
      if ((chunk.start[0] as number) >= to) break;
      visit(chunk, from, to, pixel, merger);
    }
    const { open } = this;
    if (open && open.start < to && now > from) {
      const end = Math.max(now, open.start);
      merger.add(open.start, end, 1, end - open.start, (shares) => shares.add(open.value, end - open.start));
    }
    merger.flush();
    return {
      start: Float64Array.from(merger.start),
      end: Float64Array.from(merger.end),
      value: Uint32Array.from(merger.value),
      count: Uint32Array.from(merger.count),
      share: Float32Array.from(merger.share),
    };
  }

  /** The first chunk that has something behind `from`. */
  #firstChunk(from: number): number {
    let [low, high] = [0, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle] as Chunk;
      if (chunk.end(chunk.count - 1) <= from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The first slice of a chunk that ends behind `from`. */
function firstIn(chunk: Chunk, from: number): number {
  let [low, high] = [0, chunk.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunk.end(middle) <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sums up the last 16 slices, and what that completes. */
function summarise(chunk: Chunk): void {
  const group = chunk.count / fan - 1;
  const shares = new Shares();
  for (let at = group * fan; at < chunk.count; at++) shares.add(chunk.value[at] as number, chunk.length[at] as number);
  const node = 1 + middles + group;
  note(chunk, node, shares);
  if ((group + 1) % fan === 0) {
    const middle = (group + 1) / fan - 1;
    sum(chunk, 1 + middle, 1 + middles + middle * fan, fan);
  }
  if (chunk.count === chunkSlices) sum(chunk, 0, 1, middles);
}

function sum(chunk: Chunk, node: number, first: number, count: number): void {
  const shares = new Shares();
  let busy = 0;
  for (let part = first; part < first + count; part++) {
    addShares(chunk, part, shares);
    busy += chunk.busy[part] as number;
  }
  note(chunk, node, shares);
  chunk.busy[node] = busy;
}

function note(chunk: Chunk, node: number, shares: Shares): void {
  const sorted = shares.sorted();
  chunk.busy[node] = sorted.reduce((total, [, time]) => total + time, 0);
  for (const [i, [value, time]] of sorted.slice(0, kept).entries()) {
    chunk.values[node * kept + i] = value;
    chunk.shares[node * kept + i] = time;
  }
}

function addShares(chunk: Chunk, node: number, into: Shares): void {
  for (let i = node * kept; i < (node + 1) * kept; i++) {
    const time = chunk.shares[i] as number;
    if (time > 0) into.add(chunk.values[i] as number, time);
  }
}

/** Gives the slices of a chunk to a merger: by summaries where these are no longer than a pixel. */
function visit(chunk: Chunk, from: number, to: number, pixel: number, merger: Merger): void {
  const descend = (node: number, size: number, first: number): void => {
    const last = first + size - 1;
    if (first >= chunk.count) return;
    const isComplete = last < chunk.count;
    if (isComplete && (chunk.end(last) <= from || (chunk.start[first] as number) >= to)) return;
    if (isComplete && chunk.end(last) - (chunk.start[first] as number) <= pixel) {
      const add = (shares: Shares): void => addShares(chunk, node, shares);
      merger.add(chunk.start[first] as number, chunk.end(last), size, chunk.busy[node] as number, add);
      return;
    }
    if (size === fan) {
      for (let at = first; at <= Math.min(last, chunk.count - 1); at++) {
        const [start, end] = [chunk.start[at] as number, chunk.end(at)];
        if (end <= from && start < from) continue;
        if (start >= to) return;
        merger.add(start, end, 1, end - start, (shares) => shares.add(chunk.value[at] as number, end - start));
      }
      return;
    }
    const isWhole = node === 0;
    const parts = isWhole ? middles : fan;
    const child = isWhole ? 1 : 1 + middles + (node - 1) * fan;
    for (let part = 0; part < parts; part++) descend(child + part, size / parts, first + (part * size) / parts);
  };
  descend(0, chunkSlices, 0);
}
