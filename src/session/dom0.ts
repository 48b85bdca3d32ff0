/** What can be known of the model of Dom0. Changes to it enter by the gate (journal/gate.ts). */
import type { Result } from '../base/result.ts';
import type { FileChanges, FileEntry } from './api/files.ts';

export interface Dom0View {
  readonly files: FilesView;
  /** Exit code of the script that Dom0 was given, once it has ended. */
  readonly scriptCode: number | null;
  /** Whether a program waits for files that are deferred. */
  readonly wantsDeferred: boolean;
}

/** Files to look at. An error is in the C library's words. */
export interface FilesView {
  /** Number of changes so far. */
  readonly end: number;
  /** What has changed since there were `from` changes. */
  changes(from: number): FileChanges;
  list(path: string): Result<FileEntry[]>;
  /** A copy of a file's bytes. */
  read(path: string): Result<Uint8Array>;
  /** A copy of the bytes from an offset on, at most `length`. */
  readAt(path: string, offset: number, length: number): Result<Uint8Array>;
}
