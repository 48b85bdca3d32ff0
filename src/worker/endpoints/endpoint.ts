import * as z from 'zod/mini';
import { ok, type Result } from '../../base/result.ts';
import type { Session } from '../../session/session.ts';

/** A reply, and its buffers that are transferred to the page instead of being copied. */
export interface Answer<Reply> {
  readonly reply: Reply;
  readonly transfer: Transferable[];
}

/** One kind of request that the worker serves. */
export interface Endpoint<Request, Reply> {
  /** Whether it only looks at the machine, so that no turn of the run loop has to follow. */
  readonly onlyLooks: boolean;
  /** Checks a request of the page; throws if it does not fit the schema, which is a bug in the page. */
  parse(request: unknown): Request;
  /** Checks and serves a request. The error of a refusal is a sentence for the user. */
  answer(session: Session, request: unknown): Result<Answer<Reply>>;
}

/** A row of the table of endpoints. */
interface Row<Fields extends z.core.$ZodLooseShape, Reply> {
  /** The schema of each field of the request. */
  readonly request: Fields;
  readonly serve: (session: Session, request: z.infer<z.ZodMiniObject<Fields>>) => Result<Reply>;
  /**
   * The arrays in the reply that are transferred: the worker must not use them again. Without this row, all are
   * copied.
   */
  readonly transfer?: (reply: Reply) => readonly ArrayBufferView[];
}

function endpoint<Fields extends z.core.$ZodLooseShape, Reply>(
  { request: fields, serve, transfer }: Row<Fields, Reply>,
  onlyLooks: boolean,
): Endpoint<z.infer<z.ZodMiniObject<Fields>>, Reply> {
  const schema = z.object(fields);
  return {
    onlyLooks,
    parse: (request) => schema.parse(request),
    answer(session, request) {
      const served = serve(session, schema.parse(request));
      if (!served.ok) return served;
      const arrays = transfer?.(served.value) ?? [];
      // The worker allocates no SharedArrayBuffer, which the types do not say.
      return ok({ reply: served.value, transfer: arrays.map(({ buffer }) => buffer as ArrayBuffer) });
    },
  };
}

/** A request that changes the machine, or makes it continue. */
export const act = <Fields extends z.core.$ZodLooseShape, Reply>(row: Row<Fields, Reply>) => endpoint(row, false);

/** A request that only looks at the machine. */
export const look = <Fields extends z.core.$ZodLooseShape, Reply>(row: Row<Fields, Reply>) => endpoint(row, true);

/** The reply to a request that always succeeds and has no result. */
export function done(): Result<null> {
  return ok(null);
}
