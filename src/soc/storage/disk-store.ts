/** What keeps disks from one run to the next: nothing, or a store of the front door's. */
import { type ChunkStore, filled, MemoryChunks } from './disk.ts';

/** A disk that is there at the start of a machine. */
export interface KeptDisk {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Disks by name: a path of Dom0's, or the name of a slot of the board. Where a disk is held decides nothing in the
 * machine, so nothing here fails: a store that cannot keep what it is given holds it in memory, and says so to the user.
 */
export interface DiskStore {
  /** In order of their names. */
  list(): readonly KeptDisk[];
  /**
   * The chunks of a disk, which has this size from now on. One that is not there is made, with `contents` at its start and
   * zeros behind them; then it is kept as a whole or not at all.
   */
  open(name: string, size: number, contents?: Uint8Array): ChunkStore;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Everything that was done before is durable on return. */
  flush(): void;
}

/** Disks that end with the machine. */
export class MemoryDisks implements DiskStore {
  list(): readonly KeptDisk[] {
    return [];
  }

  open(_name: string, _size: number, contents?: Uint8Array): ChunkStore {
    return filled(new MemoryChunks(), contents);
  }

  rename(): void {}

  remove(): void {}

  flush(): void {}
}
