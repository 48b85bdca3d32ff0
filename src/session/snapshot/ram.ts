/**
 * Memory. Zeros are left out. Of chunks of 64 KiB that have what the loader has put somewhere only the two addresses are
 * kept: Xen copies kernel and initial RAM disk into Domain-0's memory. Of the others so are pages of 4 KiB that are as the
 * loader's, or as another: Linux has used a part of where they were, or has files twice.
 */
import type { Memory } from '../../arch/state/memory.ts';
import { bytes, list, optional, pair, record, type Shape, whole } from '../../base/shape.ts';
import { physAddr } from '../../base/units.ts';
import type { Segment } from '../../boot/elf.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { isZero } from '../../soc/storage/disk.ts';

const chunkSize = 0x1_0000;
const pageSize = 4096;

export interface RamState {
  /** Physical addresses of chunks, and of those that had their contents when all had been loaded. */
  readonly loaded: readonly (readonly [address: number, from: number])[];
  /** Pages that follow each other. */
  readonly changed: readonly (readonly [address: number, bytes: Uint8Array])[];
  /** Pages that are as the loader had put one, or as another one is now. */
  readonly loadedPages?: readonly (readonly [address: number, from: number])[] | undefined;
  readonly samePages?: readonly (readonly [address: number, as: number])[] | undefined;
}

export const ramState: Shape<RamState> = record<RamState>({
  loaded: list(pair(whole(), whole())),
  changed: list(pair(whole(), bytes)),
  loadedPages: optional(list(pair(whole(), whole()))),
  samePages: optional(list(pair(whole(), whole()))),
});

/** A chunk of memory. */
export interface RamChunk {
  readonly address: number;
  readonly chunk: Uint8Array;
  /** Whether it may be another than when it was asked for last. */
  readonly isWritten: boolean;
  /** Whether it is as the loader has left it. */
  readonly isLoaded: () => boolean;
}

/** The bytes that it gives are memory itself: use them before the machine goes on. */
export function saveRam({ memory }: Cluster, loaded: readonly Segment[]): RamState {
  const originals = new Originals(loaded);
  const unchanged: [number, number][] = [];
  const changed: [number, Uint8Array][] = [];
  const pages = new Pages(loaded);
  for (const [address, chunk] of chunksOf(memory)) {
    const from = originals.find(chunk, address);
    if (from === null) changed.push(...pages.unknown(chunk, address));
    else unchanged.push([address, from]);
  }
  return { loaded: unchanged, changed, loadedPages: pages.loaded, samePages: pages.same };
}

/** Addresses of the chunks that are not all zeros, and views of them. */
function* chunksOf(memory: Memory): Generator<[address: number, chunk: Uint8Array]> {
  for (const chunk of touchedChunks(memory)) if (!isZero(chunk[1])) yield chunk;
}

/** The chunks that may not be all zeros, told from what they were at the last call for this memory. */
export function* writtenChunks(memory: Memory, segments: readonly Segment[]): Generator<RamChunk> {
  const written = memory.takeWritten();
  for (const [address, chunk] of touchedChunks(memory)) {
    const from = chunk.byteOffset / pageSize;
    const isWritten = written.subarray(from, from + chunk.length / pageSize).includes(1);
    const isLoaded = (): boolean => {
      const original = loadedPart(segments, address, chunkSize);
      return original !== null && isEqual(original, chunk);
    };
    yield { address, chunk, isWritten, isLoaded };
  }
}

function* touchedChunks(memory: Memory): Generator<[address: number, chunk: Uint8Array]> {
  let last = -1;
  for (const { number } of memory.touchedPages()) {
    const address = number * pageSize - ((number * pageSize) % chunkSize);
    if (address === last) continue;
    last = address;
    yield [address, memory.view(physAddr(address), chunkSizeAt(memory, address))];
  }
}

/**
 * Gives memory, which is as the loader has left it, what was saved. Throws RangeError if it is the state of another memory.
 */
export function loadRam(cluster: Cluster, state: RamState, segments: readonly Segment[]): void {
  const { loaded, changed, loadedPages = [], samePages = [] } = state;
  const { memory } = cluster;
  const stays = new Set(loaded.flatMap(([address, from]) => (address === from ? [address] : [])));
  let last = -1;
  for (const { number } of memory.touchedPages()) {
    const address = number * pageSize - ((number * pageSize) % chunkSize);
    if (address === last || stays.has(address)) continue;
    last = address;
    writable(cluster, address, chunkSizeAt(memory, address)).fill(0);
  }
  for (const [address, from] of loaded) {
    if (stays.has(address)) continue;
    const chunk = loadedPart(segments, from, chunkSize);
    const size = chunkSizeAt(memory, address);
    if (chunk) writable(cluster, address, size).set(chunk.subarray(0, size));
  }
  for (const [address, pages] of changed) {
    // A whole chunk may say more than a region of memory has.
    const size = Math.min(pages.length, chunkSizeAt(memory, address, pages.length));
    writable(cluster, address, size).set(pages.subarray(0, size));
  }
  const page = (address: number): Uint8Array => writable(cluster, address, pageSize);
  for (const [address, from] of loadedPages)
    page(address).set(loadedPart(segments, from, pageSize) ?? new Uint8Array());
  for (const [address, as] of samePages) page(address).set(memory.view(physAddr(as), pageSize));
}

/** A view of memory that is written next. */
function writable(cluster: Cluster, address: number, size: number): Uint8Array {
  const view = cluster.memory.view(physAddr(address), size);
  cluster.ramChanges(physAddr(address), size);
  return view;
}

/** What the loader has put into memory, found by contents. */
class Originals {
  readonly #segments: readonly Segment[];
  /** Addresses of chunks, by a sum of their contents. */
  readonly #addresses = new Map<number, number[]>();

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
    const addresses = new Set<number>();
    for (const { address, bytes } of segments) {
      const start = Number(address);
      for (let at = start - (start % chunkSize); at < start + bytes.length; at += chunkSize) addresses.add(at);
    }
    for (const address of addresses) {
      const sum = sumOf(loadedPart(segments, address, chunkSize) ?? new Uint8Array());
      this.#addresses.set(sum, [...(this.#addresses.get(sum) ?? []), address]);
    }
  }

  /** Where the loader had put what is in a chunk, at best in the chunk itself. */
  find(chunk: Uint8Array, address: number): number | null {
    const found = this.#addresses.get(sumOf(chunk)) ?? [];
    const isHere = (from: number): boolean => {
      const original = loadedPart(this.#segments, from, chunkSize);
      return original !== null && isEqual(original, chunk);
    };
    if (found.includes(address) && isHere(address)) return address;
    return found.find(isHere) ?? null;
  }
}

/** Pages that are known by their contents: the loader's, and those of the chunks so far. */
class Pages {
  readonly #known = new Map<
    number,
    { readonly page: Uint8Array; readonly address: number; readonly isLoaded: boolean }
  >();
  readonly loaded: [number, number][] = [];
  readonly same: [number, number][] = [];

  constructor(segments: readonly Segment[]) {
    for (const { address, bytes } of segments) {
      const start = Number(address);
      for (let at = start - (start % pageSize); at < start + bytes.length; at += pageSize) {
        const page = loadedPart(segments, at, pageSize);
        if (page && !isZero(page)) this.#known.set(sumOf(page), { page, address: at, isLoaded: true });
      }
    }
  }

  /** The pages of a chunk that are neither zeros nor known, as many together as follow each other. */
  *unknown(chunk: Uint8Array, address: number): Generator<[address: number, pages: Uint8Array]> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += pageSize) {
      if (!this.#isKnown(chunk.subarray(at, at + pageSize), address + at)) continue;
      if (from < at) yield [address + from, chunk.subarray(from, at)];
      from = at + pageSize;
    }
    if (from < chunk.length) yield [address + from, chunk.subarray(from)];
  }

  /** Whether a page is zeros or known; it is then. */
  #isKnown(page: Uint8Array, address: number): boolean {
    if (isZero(page)) return true;
    const sum = sumOf(page);
    const known = this.#known.get(sum);
    if (!known) this.#known.set(sum, { page, address, isLoaded: false });
    if (!known || !isEqual(known.page, page)) return false;
    (known.isLoaded ? this.loaded : this.same).push([address, known.address]);
    return true;
  }
}

/** FNV-1a over words. */
function sumOf({ buffer, byteOffset, length }: Uint8Array): number {
  const words = new Uint32Array(buffer, byteOffset, Math.floor(length / 4));
  let sum = 0x811c_9dc5;
  for (const word of words) sum = Math.imul(sum ^ word, 0x0100_0193);
  return sum;
}

/** A region of memory may end inside a chunk. */
function chunkSizeAt({ ram }: Memory, address: number, most = chunkSize): number {
  const region = ram.find(({ base, size }) => address >= base && address < base + size);
  return region ? Math.min(most, region.base + region.size - address) : most;
}

/** What the loader puts into a part of memory, with zeros around it; null if that is nothing. */
function loadedPart(segments: readonly Segment[], address: number, size: number): Uint8Array | null {
  const parts = segments.filter(({ address: start, bytes }) => {
    return Number(start) < address + size && address < Number(start) + bytes.length;
  });
  const [only] = parts;
  if (!only) return null;
  const at = address - Number(only.address);
  const isInside = parts.length === 1 && at >= 0 && at + size <= only.bytes.length;
  // It is read by words.
  if (isInside && (only.bytes.byteOffset + at) % 4 === 0) return only.bytes.subarray(at, at + size);
  const part = new Uint8Array(size);
  for (const { address: start, bytes } of parts) {
    const [from, to] = [Math.max(address, Number(start)), Math.min(address + size, Number(start) + bytes.length)];
    part.set(bytes.subarray(from - Number(start), to - Number(start)), from - address);
  }
  return part;
}

/** `a` may be longer. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  const [x, y] = [a, b].map(
    ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, Math.floor(length / 4)),
  ) as [Uint32Array, Uint32Array];
  for (let i = 0; i < y.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
