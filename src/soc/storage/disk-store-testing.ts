import { type ChunkStore, filled, MemoryChunks } from './disk.ts';
import type { DiskStore } from './disk-store.ts';

/** Keeps disks in memory for the next machine. */
export class KeptDisks implements DiskStore {
  readonly disks = new Map<string, { size: number; chunks: ChunkStore }>();

  list() {
    return [...this.disks].map(([name, { size }]) => ({ name, size }));
  }

  open(name: string, size: number, contents?: Uint8Array): ChunkStore {
    const chunks = this.disks.get(name)?.chunks ?? filled(new MemoryChunks(), contents);
    this.disks.set(name, { size, chunks });
    return chunks;
  }

  rename(from: string, to: string): void {
    const disk = this.disks.get(from);
    if (!disk) throw new Error(`${from} is not kept`);
    this.disks.delete(from);
    this.disks.set(to, disk);
  }

  remove(name: string): void {
    if (!this.disks.delete(name)) throw new Error(`${name} is not kept`);
  }

  flush(): void {}
}
