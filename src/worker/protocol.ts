import type { DisksState } from './disks/worker-disks.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { endpoints, Kind } from './endpoints/index.ts';
import type { KeepReply, KeptMoment } from './keep/worker-keep.ts';

/**
 * The messages between the page and the worker that owns the machine. The page imports only types from here on: the
 * endpoints' schemas and the machine must stay out of its bundle.
 *
 * The page sends calls; the worker answers each one once, by its id. On its own the worker sends `hello` when it is
 * ready, `changed` when something is new (once, until the page asks for `status`), `disks` when they are kept in another
 * way, and `crash` with its stack when it cannot continue. What the page orders about the disks (`DisksOrder`) has no
 * answer; calls behind it wait until it is done. What it orders about the machine that the browser keeps (`KeepOrder`) is answered by
 * `kept`, one for each order; `keptMoment` says that a moment is kept.
 */
export const protocolVersion = 5;

type Endpoints = typeof endpoints;

export type { Kind };
/** The fields of a kind of request. */
export type Request<K extends Kind> = Endpoints[K] extends Endpoint<infer Asked, infer _> ? Asked : never;
/** The reply to a kind of request. */
export type Reply<K extends Kind> = Endpoints[K] extends Endpoint<infer _, infer Answered> ? Answered : never;

/** The message of a request. The worker checks it by the schema of its kind. */
export interface Call {
  readonly id: number;
  readonly kind: Kind;
  readonly request: unknown;
}

/** The arguments of a kind of request: none, if it has no fields. */
export type Arguments<K extends Kind> = Record<string, never> extends Request<K> ? [] : [request: Request<K>];

/** A refusal is for the user to read and to correct (a bad file, nothing to run). A bug in the worker is a `crash`. */
export type FromWorker =
  | { readonly kind: 'hello'; readonly version: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'disks'; readonly state: DisksState }
  | { readonly kind: 'kept'; readonly reply: KeepReply }
  | { readonly kind: 'keptMoment'; readonly moment: KeptMoment }
  | { readonly kind: 'crash'; readonly message: string; readonly stack: string }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: string };
