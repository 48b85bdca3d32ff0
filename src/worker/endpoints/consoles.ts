/** Requests for consoles and the log. */
import { ok } from '../../base/result.ts';
import { act, look } from './endpoint.ts';
import { bytes, consoleId, count } from './schemas.ts';

export const consoleEndpoints = {
  /** Types bytes on a console. Replies how many were taken: send the rest again. */
  input: act({
    request: { console: consoleId, bytes },
    serve: (session, request) => ok(session.input(request.console, request.bytes)),
  }),

  /** At most `budget` bytes of a console, from byte offset `from` on. */
  console: look({
    request: { console: consoleId, from: count, budget: count },
    serve: (session, request) => ok(session.console(request.console, request.from, request.budget)),
    transfer: (window) => [window.bytes],
  }),

  /** At most `budget` log entries, from index `from` on. */
  log: look({
    request: { from: count, budget: count },
    serve: (session, { from, budget }) => ok(session.log(from, budget)),
  }),
};
