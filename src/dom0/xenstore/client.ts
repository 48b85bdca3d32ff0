import type { Connection, XenStore } from './store.ts';

/** A client's handle on xenstore: the store and the client's connection to it. */
export interface StoreClient {
  readonly store: XenStore;
  readonly connection: Connection;
}
