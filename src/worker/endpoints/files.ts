/** Requests for Dom0's files. */
import * as z from 'zod/mini';
import { err, ok, type Result } from '../../base/result.ts';
import type { Input } from '../../session/api/input.ts';
import type { FilesView } from '../../session/dom0.ts';
import type { Session } from '../../session/session.ts';
import { act, done, look } from './endpoint.ts';
import { bytes, count, path } from './schemas.ts';

/** Looks at the files of a session's Dom0; refuses where there is none. */
const files = <T>({ dom0 }: Session, ask: (files: FilesView) => Result<T>): Result<T> =>
  dom0.ok ? ask(dom0.value.files) : dom0;

/** Makes an error a sentence about the path. */
const about = <T>(path: string, result: Result<T>): Result<T> =>
  result.ok ? result : err(`${path}: ${result.error}.`);

function enter(session: Session, input: Input): Result<null> {
  const entered = session.enter(input);
  return entered.ok ? done() : entered;
}

export const fileEndpoints = {
  /** What is in a directory; with `deep` also what is in those within it, each behind its directory. */
  listFiles: look({
    request: { path, deep: z.optional(z.boolean()) },
    serve: (session, { path, deep }) => files(session, (view) => about(path, view.list(path, deep))),
  }),

  /** The changes after the first `from` of them; `Status.dom0.files` is the number of all. */
  fileChanges: look({
    request: { from: count },
    serve: (session, { from }) => files(session, (view) => ok(view.changes(from))),
  }),

  readFile: look({
    request: { path },
    serve: (session, { path }) => files(session, (view) => about(path, view.read(path))),
    transfer: (contents) => [contents],
  }),

  /** Part of a file, such as a large disk. */
  readFilePart: look({
    request: { path, offset: count, length: count },
    serve: (session, { path, offset, length }) =>
      files(session, (view) => about(path, view.readAt(path, offset, length))),
    transfer: (contents) => [contents],
  }),

  /** Makes or replaces a file, and makes the directories above it. An original is not a change of the user's. */
  writeFile: act({
    request: { path, bytes, isOriginal: z.optional(z.boolean()) },
    serve: (session, { path, bytes, isOriginal = false }) =>
      enter(session, { kind: 'writeFile', path, bytes, ...(isOriginal && { isOriginal }) }),
  }),

  renameFile: act({
    request: { path, to: path },
    serve: (session, request) => enter(session, { kind: 'renameFile', ...request }),
  }),

  /** Removes a file, or a directory that is empty. */
  removeFile: act({
    request: { path },
    serve: (session, request) => enter(session, { kind: 'removeFile', ...request }),
  }),

  /** The files that were deferred have been written, or with `isComplete` false not all. */
  deferredCame: act({
    request: { isComplete: z.boolean() },
    serve: (session, { isComplete }) => enter(session, { kind: 'deferredCame', isComplete }),
  }),

  makeDirectory: act({
    request: { path },
    serve: (session, request) => enter(session, { kind: 'makeDirectory', ...request }),
  }),
};
