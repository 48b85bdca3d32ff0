import type { Connection, XenStore } from './store.ts';

/** A client's handle on xenstore: the store and the connection by which it is known there. */
export interface StoreClient {
  readonly store: XenStore;
  readonly connection: Connection;
}
