import type { Endpoint } from './endpoints/endpoint.ts';
import type { endpoints, Kind } from './endpoints/index.ts';

/**
 * What passes between the page and the worker that owns the machine. The page must not import more of the endpoints than types:
 * their schemas and the machine belong to the worker.
 *
 * The page sends calls, each answered once, by its id. The worker sends no data unasked: only `hello` when it is ready, `changed`
 * when something is new (at most once until the page has asked for `status`), and `crash` with its stack when it cannot go on.
 */
export const protocolVersion = 4;

type Endpoints = typeof endpoints;

export type { Kind };
/** What is asked by a request of a kind. */
export type Request<K extends Kind> = Endpoints[K] extends Endpoint<infer Asked, infer _> ? Asked : never;
/** What answers it. */
export type Reply<K extends Kind> = Endpoints[K] extends Endpoint<infer _, infer Answered> ? Answered : never;

/** A request on its way. The worker checks it by the schema of its kind. */
export interface Call {
  readonly id: number;
  readonly kind: Kind;
  readonly request: unknown;
}

/** The arguments of a request of a kind: none, where it has no fields. */
export type Arguments<K extends Kind> = Record<string, never> extends Request<K> ? [] : [request: Request<K>];

/** The user can read a refusal and put right what it says (a bad file, nothing to run); a bug in the worker is a `crash`. */
export type FromWorker =
  | { readonly kind: 'hello'; readonly version: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'crash'; readonly message: string; readonly stack: string }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: string };
