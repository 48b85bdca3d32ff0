/** Dom0's files. Plain data. */

/** A file of Dom0's. */
export interface Dom0File {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How Dom0's files differ from those that it begins with. */
export interface UserFiles {
  readonly files: readonly Dom0File[];
  /** Paths of files that were there and have been removed. */
  readonly removed: readonly string[];
}

export const noUserFiles: UserFiles = { files: [], removed: [] };

/** What a directory holds. */
export interface FileEntry {
  readonly path: string;
  readonly isDirectory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Whether it differs from what Dom0 begins with. */
  readonly changed: boolean;
}

export interface FileChanges {
  /** Paths that have changed, come or gone, in order, the oldest first. */
  readonly paths: readonly string[];
  /** Number of changes so far, to ask from next time. */
  readonly end: number;
  /** There were more than are kept: anything may have changed. */
  readonly missed: boolean;
}

/** What tells that there is something new to ask for. */
export interface Dom0Status {
  /** Number of changes to files. */
  readonly files: number;
  /** Exit code of the script, once it has ended. */
  readonly scriptCode: number | null;
}
