/** What keeps the disks of the machine in this worker: files of the browser's, of which one worker has hold at a time. */
import { type DiskStore, MemoryDisks } from '../../soc/storage/disk-store.ts';
import { ChunkPool, memoryFiles, type PoolFiles, type PoolOptions } from './chunk-pool.ts';
import { lock } from './lock.ts';
import { copyOfFiles, openFiles } from './origin-files.ts';

/**
 * How the browser keeps the disks. `none`: there are none that it does not keep. `copy`: another tab has them, and this one
 * a copy in memory.
 */
export type DisksState = 'none' | 'kept' | 'copy' | 'full' | 'blocked';

/** What the page says about the disks. */
export interface DisksOrder {
  /**
   * `open` before a machine is started, `release` when another one replaces it, `takeBack` when that one goes and it comes
   * back, `settle` when it does not come back.
   */
  readonly disks: 'open' | 'release' | 'takeBack' | 'settle';
  readonly options?: PoolOptions;
}

const folder = 'el2lab-disks';
/** So often what was written is kept though nobody flushes, in ms. */
const commitMs = 1000;

export class WorkerDisks {
  readonly #tell: (state: DisksState) => void;
  #pool: ChunkPool | null = null;
  #unlock: () => void = () => {};
  #state: DisksState = 'none';
  /** That of the files that were opened. */
  #opened: DisksState = 'none';
  /** The end of what the page has ordered. */
  #done: Promise<void> = Promise.resolve();
  /** Resolves when the browser has what was last flushed. */
  #written: () => Promise<void> = () => Promise.resolve();

  /** @param tell called with each new state */
  constructor(tell: (state: DisksState) => void) {
    this.#tell = tell;
    setInterval(() => {
      this.#pool?.commit();
      this.#showOpened();
    }, commitMs);
  }

  /** Where a machine's disks are that starts now. */
  get store(): DiskStore {
    return this.#pool ?? new MemoryDisks();
  }

  /** Resolves when the page's orders are done. */
  get ready(): Promise<void> {
    return this.#done;
  }

  /** Resolves when what the machine has flushed is kept. */
  get written(): Promise<void> {
    return this.#written();
  }

  obey({ disks, options = {} }: DisksOrder): void {
    this.#done = this.#done.then(async () => {
      const pool = this.#pool;
      switch (disks) {
        case 'open':
          await this.#open((files) => new ChunkPool(files, options));
          break;
        case 'release':
          await this.#release();
          break;
        case 'takeBack':
          if (pool) await this.#open((files) => pool.takeBack(files));
          break;
        case 'settle':
          pool?.settle();
      }
    });
  }

  async #open(poolOf: (files: PoolFiles) => ChunkPool): Promise<void> {
    this.#unlock();
    const { files, state } = await this.#files();
    const pool = poolOf(files);
    pool.onFault = (error) => {
      this.#opened = error === null ? state : isFull(error) ? 'full' : 'blocked';
      this.#showOpened();
    };
    this.#pool = pool;
    this.#opened = state;
    this.#showOpened();
  }

  async #files(): Promise<{ readonly files: PoolFiles; readonly state: DisksState }> {
    try {
      const unlock = await lock('el2lab.disks');
      if (!unlock) return { files: await copyOfFiles(folder), state: 'copy' };
      this.#unlock = unlock;
    } catch {
      return { files: memoryFiles(), state: 'blocked' };
    }
    try {
      return { files: await openFiles(folder), state: 'kept' };
    } catch {
      // A browser without such files, or that does not give them in a private window.
    }
    try {
      const { openRows } = await import('./row-files.ts');
      const { files, written } = await openRows((error) => this.#pool?.onFault(error));
      this.#written = written;
      return { files, state: 'kept' };
    } catch {
      return { files: memoryFiles(), state: 'blocked' };
    }
  }

  async #release(): Promise<void> {
    this.#pool?.release();
    await this.#written();
    this.#unlock();
    this.#unlock = () => {};
  }

  /** Tells the page of what concerns it: where there are no disks, nothing is lost. */
  #showOpened(): void {
    const hasDisks = (this.#pool?.list().length ?? 0) > 0;
    const state = hasDisks ? this.#opened : 'none';
    if (state === this.#state) return;
    this.#state = state;
    this.#tell(state);
  }
}

export const isFull = (error: unknown): boolean => error instanceof Error && error.name === 'QuotaExceededError';
