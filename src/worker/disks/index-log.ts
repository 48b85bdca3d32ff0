/**
 * Which chunk of which disk is in which slot, in two files of which one counts. It begins with everything; behind that is
 * what each commit has changed. A record that was not written whole does not count, nor does what is behind it: so a commit
 * has happened or not.
 */
import * as z from 'zod/mini';
import { Hasher } from '../../base/hasher.ts';
import { type SyncFile, writeWhole } from './sync-file.ts';

const whole = z.int().check(z.minimum(0));
/** A disk's name and size, and pairs of chunk and slot. */
const disk = z.object({ name: z.string(), size: whole, chunks: z.array(z.tuple([whole, whole])) });
const first = z.object({ generation: whole, disks: z.array(disk) });
/** Changes: disks that are gone, and of others the size, with chunks whose slot is another one or, with -1, that are zero. */
const change = z.object({
  removed: z.array(z.string()),
  disks: z.array(z.object({ ...disk.shape, chunks: z.array(z.tuple([whole, z.int()])) })),
});

export type Change = z.infer<typeof change>;

/** By name: size, and slots by chunk. */
export type DiskTable = Map<string, { size: number; readonly slots: Map<number, number> }>;

/** In front of a record: its length and eight bytes of its fingerprint. */
const headSize = 16;
/** A file with so much behind the first record is written anew, if it is several times as long as that. */
const longLog = 0x4_0000;

export class IndexLog {
  readonly #files: readonly [SyncFile, SyncFile];
  #generation = 0;
  /** The file that counts. */
  #current: 0 | 1 = 0;
  /** Where its next record goes. */
  #end = 0;
  #firstEnd = 0;

  /** `table` gets what the files say. */
  constructor(files: readonly [SyncFile, SyncFile], table: DiskTable) {
    this.#files = files;
    const read = files.map(readRecords);
    const generations = read.map(([begin]) => (begin ? (first.safeParse(begin.record).data?.generation ?? -1) : -1));
    this.#current = (generations[1] ?? -1) > (generations[0] ?? -1) ? 1 : 0;
    const [begin, ...changes] = read[this.#current] ?? [];
    const all = begin && first.safeParse(begin.record).data;
    if (!all) return;
    this.#generation = all.generation;
    this.#firstEnd = begin.end;
    this.#end = begin.end;
    for (const { name, size, chunks } of all.disks) table.set(name, { size, slots: new Map(chunks) });
    for (const { record, end } of changes) {
      const parsed = change.safeParse(record).data;
      if (!parsed) return;
      apply(table, parsed);
      this.#end = end;
    }
  }

  /** Writes what has changed; it counts on return. Throws what the file throws; then it does not count. */
  add(changed: Change, table: DiskTable): void {
    if (this.#end === 0 || this.#end - this.#firstEnd > Math.max(longLog, 4 * this.#firstEnd)) {
      this.begin(table);
      return;
    }
    const file = this.#files[this.#current];
    const bytes = recordOf(changed);
    try {
      writeWhole(file, bytes, this.#end);
      file.flush();
    } catch (error) {
      // It must not count after all.
      file.truncate(this.#end);
      throw error;
    }
    this.#end += bytes.length;
  }

  /** Writes everything anew, to the other file. */
  begin(table: DiskTable): void {
    const next = this.#current === 0 && this.#generation > 0 ? 1 : 0;
    const generation = this.#generation + 1;
    const disks = [...table].map(([name, { size, slots }]) => ({ name, size, chunks: [...slots] }));
    const bytes = recordOf({ generation, disks });
    const file = this.#files[next];
    file.truncate(0);
    writeWhole(file, bytes, 0);
    file.flush();
    this.#generation = generation;
    this.#current = next;
    this.#firstEnd = bytes.length;
    this.#end = bytes.length;
  }
}

/** Changes a table as a commit has. */
export function apply(table: DiskTable, { removed, disks }: Change): void {
  for (const name of removed) table.delete(name);
  for (const { name, size, chunks } of disks) {
    const { slots } = table.get(name) ?? { slots: new Map<number, number>() };
    for (const [chunk, slot] of chunks) {
      if (slot < 0) slots.delete(chunk);
      else slots.set(chunk, slot);
    }
    table.set(name, { size, slots });
  }
}

const checkOf = (bytes: Uint8Array): bigint => BigInt(`0x${new Hasher().add(bytes).digest()}`);

function recordOf(record: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(record));
  const bytes = new Uint8Array(headSize + text.length);
  const head = new DataView(bytes.buffer);
  head.setBigUint64(0, BigInt(text.length));
  head.setBigUint64(8, checkOf(text));
  bytes.set(text, headSize);
  return bytes;
}

/** The records of a file as far as they are whole, with their ends. */
function readRecords(file: SyncFile): { readonly record: unknown; readonly end: number }[] {
  const bytes = new Uint8Array(file.getSize());
  file.read(bytes, { at: 0 });
  const view = new DataView(bytes.buffer);
  const records: { record: unknown; end: number }[] = [];
  for (let at = 0; at + headSize <= bytes.length; ) {
    const length = view.getBigUint64(at);
    const end = at + headSize + Number(length);
    if (length === 0n || end > bytes.length) break;
    const text = bytes.subarray(at + headSize, end);
    if (checkOf(text) !== view.getBigUint64(at + 8)) break;
    records.push({ record: JSON.parse(new TextDecoder().decode(text)), end });
    at = end;
  }
  return records;
}
