import * as z from 'zod/mini';
import { defined } from '../../base/assert.ts';
import { cardEndpoints } from './card.ts';
import { consoleEndpoints } from './consoles.ts';
import { debuggerEndpoints } from './debugger.ts';
import { domainEndpoints } from './domains.ts';
import type { Endpoint } from './endpoint.ts';
import { eventEndpoints } from './events.ts';
import { fileEndpoints } from './files.ts';
import { machineEndpoints } from './machine.ts';
import { networkEndpoints } from './network.ts';
import { revisionEndpoints } from './revisions.ts';
import { count } from './schemas.ts';
import { snapshotEndpoints } from './snapshots.ts';
import { storyEndpoints } from './stories.ts';
import { timeEndpoints } from './time.ts';
import { traceEndpoints } from './trace.ts';
import { translationEndpoints } from './translation.ts';

/** All requests of the page, by kind. The protocol's types, the client and the server follow from this table. */
export const endpoints = {
  ...machineEndpoints,
  ...consoleEndpoints,
  ...snapshotEndpoints,
  ...debuggerEndpoints,
  ...domainEndpoints,
  ...eventEndpoints,
  ...cardEndpoints,
  ...fileEndpoints,
  ...networkEndpoints,
  ...revisionEndpoints,
  ...storyEndpoints,
  ...timeEndpoints,
  ...translationEndpoints,
  ...traceEndpoints,
};

export type Kind = keyof typeof endpoints;

const byKind: ReadonlyMap<string, Endpoint<unknown, unknown>> = new Map(Object.entries(endpoints));

const call = z.object({
  id: count,
  kind: z.string().check(z.refine((kind) => byKind.has(kind))),
  request: z.unknown(),
});

/** Reads a message of the page and finds its endpoint; throws if there is none, which is a bug in the page. */
export function parseCall(message: unknown) {
  const { id, kind, request } = call.parse(message);
  return { id, kind, request, endpoint: defined(byKind.get(kind), kind) };
}
