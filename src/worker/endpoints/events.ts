/** The probe's record of what happens in the machine. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { eventNames } from '../../session/api/events.ts';
import { done, look } from './endpoint.ts';
import { count } from './schemas.ts';

/** Events that may be kept, at 25 bytes each. */
const maxCapacity = 2 ** 24;
/** Events in one reply. */
const maxEvents = 100_000;

const kind = z.enum(eventNames);

const filter = {
  from: z.number(),
  to: z.number(),
  kinds: z.nullable(z.readonly(z.array(kind))),
  cores: z.nullable(z.readonly(z.array(count))),
  domains: z.nullable(z.readonly(z.array(count))),
};

export const eventEndpoints = {
  /** Begins an empty record of these kinds of events, also on later machines; with no kinds, recording ends. */
  record: look({
    request: { kinds: z.readonly(z.array(kind)), capacity: z.int().check(z.nonnegative(), z.maximum(maxCapacity)) },
    serve(session, request) {
      session.record(request);
      return done();
    },
  }),

  /** Recorded events; `Status.eventEnd` tells how many there are. */
  events: look({
    request: { ...filter, after: count, limit: z.int().check(z.minimum(1), z.maximum(maxEvents)), newest: z.boolean() },
    serve: (session, request) => ok(session.events(request)),
    transfer: ({ events }) => Object.values<ArrayBufferView>({ ...events }),
  }),

  /** How often events have occurred, for as many parts of a window as are drawn. */
  eventCounts: look({
    request: { ...filter, buckets: z.int().check(z.minimum(1), z.maximum(10_000)) },
    serve: (session, request) => ok(session.eventCounts(request)),
    transfer: ({ series }) => series.map(({ counts }) => counts),
  }),
};
