/** Dom0's files. */
import { err, ok, type Result } from '../../base/result.ts';
import { act, look } from './endpoint.ts';
import { bytes, count, path } from './schemas.ts';
import { withXen } from './with-xen.ts';

/** Puts the path before an error, and makes it a sentence. */
const about = <T>(path: string, result: Result<T>): Result<T> =>
  result.ok ? result : err(`${path}: ${result.error}.`);

export const fileEndpoints = {
  listFiles: look({
    request: { path },
    serve: (session, { path }) => withXen(session, ({ files }) => about(path, files.list(path))),
  }),

  /** What has changed since the number of changes was `from`; `Status.xen.files` is that number. */
  fileChanges: look({
    request: { from: count },
    serve: (session, { from }) => withXen(session, ({ files }) => ok(files.changes(from))),
  }),

  readFile: look({
    request: { path },
    serve: (session, { path }) => withXen(session, ({ files }) => about(path, files.read(path))),
    transfer: (contents) => [contents],
  }),

  /** Makes or replaces a file, and makes the directories above it. */
  writeFile: act({
    request: { path, bytes },
    serve: (session, { path, bytes }) => withXen(session, ({ files }) => about(path, files.write(path, bytes))),
  }),

  renameFile: act({
    request: { path, to: path },
    serve: (session, { path, to }) => withXen(session, ({ files }) => about(to, files.rename(path, to))),
  }),

  /** Removes a file, or a directory that is empty. */
  removeFile: act({
    request: { path },
    serve: (session, { path }) => withXen(session, ({ files }) => about(path, files.remove(path))),
  }),

  makeDirectory: act({
    request: { path },
    serve: (session, { path }) => withXen(session, ({ files }) => about(path, files.makeDirectory(path))),
  }),
};
