/**
 * Memory by chunks of 64 KiB. Chunks of zeros are left out, and of those that are as the loader has left them only the
 * addresses are kept.
 */
import { bytes, list, pair, record, type Shape, whole } from '../../base/shape.ts';
import { physAddr } from '../../base/units.ts';
import type { Segment } from '../../boot/elf.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { isZero } from '../../soc/storage/disk.ts';

const chunkSize = 0x1_0000;

export interface RamState {
  /** Physical addresses of chunks that are as they were loaded. */
  readonly loaded: readonly number[];
  readonly changed: readonly (readonly [address: number, bytes: Uint8Array])[];
}

export const ramState: Shape<RamState> = record<RamState>({
  loaded: list(whole()),
  changed: list(pair(whole(), bytes)),
});

/** The bytes that it gives are memory itself: use them before the machine goes on. */
export function saveRam({ memory }: Cluster, loaded: readonly Segment[]): RamState {
  const unchanged: number[] = [];
  const changed: [number, Uint8Array][] = [];
  let last = -1;
  for (const { number } of memory.touchedPages()) {
    const address = number * 4096 - ((number * 4096) % chunkSize);
    if (address === last) continue;
    last = address;
    const chunk = memory.view(physAddr(address), chunkSizeAt(memory, address));
    if (isZero(chunk)) continue;
    const original = loadedChunk(loaded, address);
    if (original && isEqual(original, chunk)) unchanged.push(address);
    else changed.push([address, chunk]);
  }
  return { loaded: unchanged, changed };
}

/** Gives memory what was saved. What it had before is gone. Throws RangeError if it is the state of another memory. */
export function loadRam(cluster: Cluster, { loaded, changed }: RamState, segments: readonly Segment[]): void {
  const { memory } = cluster;
  const kept = new Set([...loaded, ...changed.map(([address]) => address)]);
  let last = -1;
  for (const { number } of memory.touchedPages()) {
    const address = number * 4096 - ((number * 4096) % chunkSize);
    if (address === last || kept.has(address)) continue;
    last = address;
    const size = chunkSizeAt(memory, address);
    memory.view(physAddr(address), size).fill(0);
    cluster.ramWritten(physAddr(address), size);
  }
  const put = (address: number, chunk: Uint8Array): void => {
    const size = chunkSizeAt(memory, address);
    if (chunk.length < size) throw new RangeError(`chunk ${address}: ${chunk.length} bytes`);
    memory.view(physAddr(address), size).set(chunk.subarray(0, size));
    cluster.ramWritten(physAddr(address), size);
  };
  for (const address of loaded) put(address, loadedChunk(segments, address) ?? new Uint8Array());
  for (const [address, chunk] of changed) put(address, chunk);
}

/** A region of memory may end inside a chunk. */
function chunkSizeAt({ ram }: Cluster['memory'], address: number): number {
  const region = ram.find(({ base, size }) => address >= base && address < base + size);
  return region ? Math.min(chunkSize, region.base + region.size - address) : chunkSize;
}

/** What the loader puts into a chunk, with zeros around it; null if that is nothing. */
function loadedChunk(segments: readonly Segment[], address: number): Uint8Array | null {
  let chunk: Uint8Array | null = null;
  for (const segment of segments) {
    const start = Number(segment.address);
    const [from, to] = [Math.max(address, start), Math.min(address + chunkSize, start + segment.bytes.length)];
    if (from >= to) continue;
    chunk ??= new Uint8Array(chunkSize);
    chunk.set(segment.bytes.subarray(from - start, to - start), from - address);
  }
  return chunk;
}

/** `a` may be longer. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  const [x, y] = [a, b].map(
    ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, Math.floor(length / 4)),
  ) as [Uint32Array, Uint32Array];
  for (let i = 0; i < y.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
