/** For tests. */
import type { PoolFiles } from './chunk-pool.ts';
import { MemoryFile } from './sync-file.ts';

/** A file whose writes end at some time, as if the page had been killed, in the middle of one. */
export class MortalFile extends MemoryFile {
  static lives = Number.POSITIVE_INFINITY;
  static error = 'killed';

  override write(from: Uint8Array, options: { readonly at: number }): number {
    if (MortalFile.lives-- > 0) return super.write(from, options);
    if (MortalFile.lives === -1) super.write(from.subarray(0, from.length / 3), options);
    throw new Error(MortalFile.error);
  }

  override truncate(length: number): void {
    if (MortalFile.lives >= 0) super.truncate(length);
  }
}

export const mortalFiles = (): PoolFiles => ({
  chunks: new MortalFile(),
  index: [new MortalFile(), new MortalFile()],
});
