/** Dom0's files. Plain data. */

/** A file of Dom0. */
export interface Dom0File {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How Dom0's files differ from those that it starts with. */
export interface UserFiles {
  readonly files: readonly Dom0File[];
  /** Paths of files that have been removed. */
  readonly removed: readonly string[];
}

export const noUserFiles: UserFiles = { files: [], removed: [] };

/** An entry of a directory. */
export interface FileEntry {
  readonly path: string;
  readonly isDirectory: boolean;
  /** Whether it is a disk that has been written to, which is kept with the disks and not with the files. */
  readonly isDisk: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Whether it differs from what Dom0 starts with. */
  readonly changed: boolean;
}

export interface FileChanges {
  /** Paths that have changed, been made or been removed, the oldest change first. */
  readonly paths: readonly string[];
  /** Number of changes so far: what to ask from the next time. */
  readonly end: number;
  /** Whether there were more changes than are kept. Then any file may have changed. */
  readonly missed: boolean;
  /** Paths of files that Dom0 starts with and that are gone, in order. */
  readonly removed: readonly string[];
}

/** Numbers that change when there is something new to ask for. */
export interface Dom0Status {
  /** Number of changes to files. */
  readonly files: number;
  /** Exit code of the script, once it has ended. */
  readonly scriptCode: number | null;
  /** Whether a program waits for the files that are deferred: the front door is to bring them. */
  readonly wantsDeferred: boolean;
}
