/** Requests for the revisions of configs. */
import * as z from 'zod/mini';
import { ok, type Result } from '../../base/result.ts';
import type { RevisionsView } from '../../session/dom0.ts';
import type { Session } from '../../session/session.ts';
import { look } from './endpoint.ts';
import { path } from './schemas.ts';

const revisions = <T>({ dom0 }: Session, ask: (revisions: RevisionsView) => T): Result<T> =>
  dom0.ok ? ok(ask(dom0.value.revisions)) : dom0;

export const revisionEndpoints = {
  /** The commits that have changed a file in /etc/xen, and the domains that were made from it. */
  fileHistory: look({
    request: { path },
    serve: (session, { path }) => revisions(session, (view) => view.historyOf(path)),
  }),

  /** A file as it was in a commit; null if it was not there. */
  fileInRevision: look({
    request: { id: z.string().check(z.regex(/^[0-9a-f]{40}$/)), path },
    serve: (session, { id, path }) => revisions(session, (view) => view.fileIn(id, path)),
  }),

  /** The whole history as a file that `git clone` takes; null if there is none yet. */
  revisionBundle: look({ request: {}, serve: (session) => revisions(session, (view) => view.bundle()) }),
};
