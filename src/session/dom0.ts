/** What can be known of the model of Dom0. Changes to it enter by the gate (journal/gate.ts). */
import type { Result } from '../base/result.ts';
import type { FileHistory } from '../dom0/git/revisions.ts';
import type { FileChanges, FileEntry } from './api/files.ts';

export interface Dom0View {
  readonly files: FilesView;
  readonly revisions: RevisionsView;
  /** Exit code of the script that Dom0 was given, once it has ended. */
  readonly scriptCode: number | null;
  /** Whether a program waits for files that are deferred. */
  readonly wantsDeferred: boolean;
}

/** The revisions of the configs in /etc/xen, which Git keeps. */
export interface RevisionsView {
  historyOf(path: string): FileHistory;
  /** The bytes of a file in a commit; null if it was not there. */
  fileIn(id: string, path: string): Uint8Array | null;
  /** The whole history as a bundle, which `git clone` takes; null if there is none yet. */
  bundle(): Uint8Array | null;
}

/** Files to look at. An error is in the C library's words. */
export interface FilesView {
  /** Number of changes so far. */
  readonly end: number;
  /** What has changed since there were `from` changes. */
  changes(from: number): FileChanges;
  /** What is in a directory; with `deep` also what is in those within it, each behind its directory. */
  list(path: string, deep?: boolean): Result<FileEntry[]>;
  /** A copy of a file's bytes. */
  read(path: string): Result<Uint8Array>;
  /** A copy of the bytes from an offset on, at most `length`. */
  readAt(path: string, offset: number, length: number): Result<Uint8Array>;
}
