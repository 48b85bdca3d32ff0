/** Snapshots to files and back. */
import { err, type Result } from '../../base/result.ts';
import { packedFromFile, packedToFile } from './container.ts';
import { type Packed, pack, unpack } from './pack.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

/** The pieces of a snapshot's file, in their order. The snapshot is copied before this returns. */
export const toFile = (snapshot: Snapshot): Promise<Uint8Array[]> => packedToFile(pack(snapshot));

/** Reads a file. The error is one sentence for the user, with the file's name. */
export async function fromFile(name: string, file: Uint8Array): Promise<Result<Snapshot>> {
  const packed = await packedFromFile(file);
  return packed.ok ? snapshotOf(packed.value) : err(`${name} ${packed.error}.`);
}

/** Reads a snapshot that was packed. The error is one sentence for the user. */
export function snapshotOf(packed: Packed): Result<Snapshot> {
  try {
    return readSnapshot(unpack(packed));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError)
      return err('The snapshot is damaged: its contents are not what was written.');
    throw error;
  }
}
