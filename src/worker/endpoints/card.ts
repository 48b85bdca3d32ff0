/** Requests for the card in the board's SD slot. */
import * as z from 'zod/mini';
import { act, look } from './endpoint.ts';
import { bytes, count } from './schemas.ts';

export const cardEndpoints = {
  /** Puts a card into the empty SD slot. Before the first instruction it is there from power-on. */
  insertCard: act({
    request: { card: z.object({ name: z.string(), size: count, bytes, isReadOnly: z.optional(z.boolean()) }) },
    serve: (session, { card }) => session.enter({ kind: 'insertCard', card }),
  }),

  ejectCard: act({ request: {}, serve: (session) => session.enter({ kind: 'ejectCard' }) }),

  /** The card's contents as they are now; refused where there is none. */
  card: look({
    request: {},
    serve: (session) => session.card(),
    transfer: (card) => [card.bytes],
  }),
};
