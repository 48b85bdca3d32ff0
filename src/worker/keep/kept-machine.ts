/**
 * A machine in three files, as disks are (chunk-pool.ts): at any moment they hold it as it was at the last commit, whole. Of
 * a machine with a state, a commit writes the chunks that have changed since the last one; of one without, what has
 * entered. The machine stands still only while the changes are copied; they are written in parts between its turns.
 */
import { err, type Result } from '../../base/result.ts';
import type { Recipe } from '../../session/api/boot.ts';
import { type JournalEntry, journalVersion } from '../../session/api/journal.ts';
import type { MomentToKeep } from '../../session/session.ts';
import type { RamChunk } from '../../session/snapshot/ram.ts';
import { readSnapshot, type Snapshot, unknownHash } from '../../session/snapshot/snapshot.ts';
import { type ChunkStore, chunkSize, isZero, sectorSize } from '../../soc/storage/disk.ts';
import { ChunkPool, type PoolFiles } from '../disks/chunk-pool.ts';
import { inputsOf, packBlob, unpackBlob } from './blob.ts';
import { type KeptHead, readHead } from './head.ts';
import { sumOf } from './sum.ts';

/** The parts, each a disk of the pool. Physical addresses are places in `ram`, sectors in `card`. */
type Part = 'head' | 'recipe' | 'inputs' | 'state' | 'ram' | 'card';

const addresses = 2 ** 32;
/** So many chunks are written at a time: 2 MiB. */
const chunksAtOnce = 32;

/** A chunk to be written; null for one of zeros. */
interface Change {
  readonly part: Part;
  readonly index: number;
  readonly bytes: Uint8Array | null;
}

/** What a commit says besides. */
export type About = Pick<KeptHead, 'stamp' | 'about'>;

export class KeptMachine {
  readonly #pool: ChunkPool;
  readonly #stores = new Map<Part, ChunkStore>();
  /** By part and chunk: a sum of what is kept. */
  readonly #sums = new Map<Part, Map<number, number>>();
  /** Addresses of the chunks of memory that are as the loader has left them. */
  #loaded: ReadonlySet<number> = new Set();
  /** The machine that is kept by its recipe, and how many of its inputs, with the end of their text. */
  #recipe: Recipe | null = null;
  #recipeSize = 0;
  #inputs = 0;
  #inputsEnd = 0;
  /** What waits to be written. */
  #changes: Change[] = [];
  #isDue = false;

  constructor(files: PoolFiles) {
    this.#pool = new ChunkPool(files);
  }

  set onFault(listener: (error: unknown) => void) {
    this.#pool.onFault = listener;
  }

  /** What is said of the machine that is kept; null where there is none, or it is another version's. */
  head(): KeptHead | null {
    return readHead(this.#textOf('head'));
  }

  /** The machine that is kept; the error is a sentence for the user. */
  read({ recipeSize, stateSize, inputs, inputsEnd, slices, isPlayable }: KeptHead): Result<Snapshot> {
    try {
      const journal = {
        version: journalVersion,
        recipe: unpackBlob(this.#read('recipe', recipeSize)),
        inputs: inputsOf(this.#read('inputs', inputsEnd)).slice(0, inputs),
        slices,
      };
      const state = stateSize === null ? null : unpackBlob(this.#read('state', stateSize));
      if (isRecord(state) && isRecord(state.run)) {
        const { run } = state;
        const loaded = isRecord(run.ram) ? run.ram.loaded : [];
        run.ram = { loaded, changed: this.#chunks('ram').map(([i, bytes]) => [i * chunkSize, bytes]) };
        if (isRecord(run.card)) run.card.chunks = this.#chunks('card');
      }
      return readSnapshot({ journal, isPlayable, hash: unknownHash, state });
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof RangeError)
        return err('The machine that this browser has kept is damaged.');
      throw error;
    }
  }

  /** The session has gone on from what was read: only what changes is written. */
  adopt({ journal: { recipe, inputs } }: Snapshot, { inputsEnd, recipeSize }: KeptHead): void {
    this.#recipe = recipe;
    this.#recipeSize = recipeSize;
    this.#inputs = inputs.length;
    this.#inputsEnd = inputsEnd;
    for (const part of ['ram', 'card'] as const)
      this.#sums.set(part, new Map(this.#chunks(part).map(([index, bytes]) => [index, sumOf(bytes)])));
  }

  /** Whether it is a moment of the run of this recipe that is kept. */
  isOf(recipe: Recipe): boolean {
    return recipe === this.#recipe;
  }

  /** Whether what was taken last is not written yet. */
  get isWriting(): boolean {
    return this.#isDue;
  }

  /** Takes the present moment of a machine, to be written from now on. */
  take(moment: MomentToKeep, about: About): void {
    const { recipe, inputs, slices, isPlayable, virtualNs, isPaused, pace, playMs, state, ram } = moment;
    if (recipe !== this.#recipe) this.#begin(recipe);
    this.#append(inputs);
    let stateSize: number | null = null;
    if (state) {
      const { card } = state.run;
      const parts = { card: card && { ...card, chunks: [] }, ram: { loaded: this.#putRam(ram()), changed: [] } };
      const blob = packBlob({ ...state, run: { ...state.run, ...parts } });
      stateSize = blob.length;
      this.#putWhole('state', blob);
      this.#putAll('card', (card?.sectors ?? 0) * sectorSize, card?.chunks ?? []);
    }
    const head: KeptHead = {
      ...about,
      recipeSize: this.#recipeSize,
      stateSize,
      inputs: this.#inputs,
      inputsEnd: this.#inputsEnd,
      slices,
      isPlayable,
      virtualNs,
      isPaused,
      pace,
      playMs,
    };
    this.#putWhole('head', new TextEncoder().encode(JSON.stringify(head)));
    this.#isDue = true;
  }

  /** Writes some of what was taken; with the last of it, it counts. */
  write(): void {
    for (const { part, index, bytes } of this.#changes.splice(0, chunksAtOnce)) {
      const store = this.#store(part);
      if (bytes) store.write(index, 0, bytes);
      else if (store.has(index)) store.drop(index);
    }
    if (this.#changes.length > 0 || !this.#isDue) return;
    this.#pool.commit();
    this.#isDue = false;
  }

  /** No machine is kept any more. */
  clear(): void {
    this.#drop();
    this.#pool.commit();
  }

  /** Lets others have the files. What was taken and not written is lost. */
  close(): void {
    this.#pool.release();
  }

  #begin(recipe: Recipe): void {
    this.#drop();
    this.#recipe = recipe;
    const blob = packBlob(recipe);
    this.#recipeSize = blob.length;
    this.#putWhole('recipe', blob);
  }

  #drop(): void {
    for (const { name } of this.#pool.list()) this.#pool.remove(name);
    this.#stores.clear();
    this.#sums.clear();
    this.#changes = [];
    this.#isDue = false;
    this.#loaded = new Set();
    this.#recipe = null;
    this.#inputs = 0;
    this.#inputsEnd = 0;
  }

  #append(inputs: readonly JournalEntry[]): void {
    const blobs = inputs.slice(this.#inputs).map(packBlob);
    this.#inputs = inputs.length;
    for (const blob of blobs) {
      const [from, end] = [this.#inputsEnd, this.#inputsEnd + blob.length];
      const store = this.#store('inputs', end);
      for (let at = from; at < end; ) {
        const index = Math.floor(at / chunkSize);
        const until = Math.min(end, (index + 1) * chunkSize);
        if (!store.has(index)) store.write(index, 0, new Uint8Array(chunkSize));
        store.write(index, at % chunkSize, blob.subarray(at - from, until - from));
        at = until;
      }
      this.#inputsEnd = end;
    }
  }

  /** Keeps bytes as a part. */
  #putWhole(part: Part, bytes: Uint8Array): void {
    const chunks: [number, Uint8Array][] = [];
    for (let at = 0; at < bytes.length; at += chunkSize) {
      const chunk = bytes.subarray(at, at + chunkSize);
      chunks.push([at / chunkSize, chunk]);
    }
    this.#putAll(part, bytes.length, chunks);
  }

  /** Keeps memory but for what is as the loader has left it. Returns the addresses of that, as a snapshot has them. */
  #putRam(all: Iterable<RamChunk>): readonly (readonly [number, number])[] {
    const [sums, before, loaded] = [this.#sums.get('ram'), this.#loaded, new Set<number>()];
    const changed = function* (): Generator<[index: number, bytes: Uint8Array, isWritten: boolean]> {
      for (const { address, chunk, isWritten, isLoaded } of all) {
        const index = address / chunkSize;
        const isKnown = !isWritten && (before.has(address) || sums?.has(index));
        if (isKnown ? before.has(address) : isLoaded()) loaded.add(address);
        else yield [index, chunk, isWritten];
      }
    };
    this.#putAll('ram', addresses, changed());
    this.#loaded = loaded;
    return [...loaded].map((address) => [address, address]);
  }

  /** Copies the chunks of a part that have changed. Those that are not given, or are all zeros, are left out. */
  #putAll(
    part: Part,
    size: number,
    chunks: Iterable<readonly [index: number, bytes: Uint8Array, isWritten?: boolean]>,
  ): void {
    this.#store(part, size);
    const before = this.#sums.get(part) ?? new Map<number, number>();
    const sums = new Map<number, number>();
    for (const [index, bytes, isWritten = true] of chunks) {
      const known = before.get(index);
      if (!isWritten && known !== undefined) sums.set(index, known);
      else if (!isZero(bytes)) {
        const sum = sumOf(bytes);
        sums.set(index, sum);
        if (known !== sum) this.#changes.push({ part, index, bytes: padded(bytes) });
      }
    }
    for (const index of before.keys()) if (!sums.has(index)) this.#changes.push({ part, index, bytes: null });
    this.#sums.set(part, sums);
  }

  #store(part: Part, size?: number): ChunkStore {
    const known = this.#stores.get(part);
    const kept = this.#sizeOf(part);
    if (known && (size === undefined || size === kept)) return known;
    const store = this.#pool.open(part, size ?? kept);
    this.#stores.set(part, store);
    return store;
  }

  #has(part: Part): boolean {
    return this.#pool.list().some(({ name }) => name === part);
  }

  #chunks(part: Part): [number, Uint8Array][] {
    if (!this.#has(part)) return [];
    const store = this.#store(part);
    const size = this.#sizeOf(part);
    const chunks: [number, Uint8Array][] = [];
    for (let index = 0; index * chunkSize < size; index++) {
      if (!store.has(index)) continue;
      const bytes = new Uint8Array(chunkSize);
      store.read(index, 0, bytes);
      chunks.push([index, bytes]);
    }
    return chunks;
  }

  #read(part: Part, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (const [index, chunk] of this.#chunks(part)) {
      const at = index * chunkSize;
      if (at < size) bytes.set(chunk.subarray(0, size - at), at);
    }
    return bytes;
  }

  #textOf(part: Part): string {
    return new TextDecoder().decode(this.#read(part, this.#sizeOf(part)));
  }

  #sizeOf(part: Part): number {
    return this.#pool.list().find(({ name }) => name === part)?.size ?? 0;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A copy of a chunk, with zeros behind it. */
function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length === chunkSize) return bytes.slice();
  const chunk = new Uint8Array(chunkSize);
  chunk.set(bytes);
  return chunk;
}
