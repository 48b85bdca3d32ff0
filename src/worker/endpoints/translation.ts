/** Requests for translations of addresses. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { dmaMasters } from '../../session/translation/walk.ts';
import { look } from './endpoint.ts';
import { address, count } from './schemas.ts';

const mapped = [
  z.object({ kind: z.literal('core'), core: count, el: z.union([z.literal(0), z.literal(1), z.literal(2)]) }),
  z.object({ kind: z.literal('vcpu'), domain: count, vcpu: count, el: z.union([z.literal(0), z.literal(1)]) }),
  z.object({ kind: z.literal('domain'), domain: count }),
] as const;
const of = z.discriminatedUnion('kind', [...mapped, z.object({ kind: z.literal('stream'), stream: count })]);

export const translationEndpoints = {
  /** The board's DMA masters, by their stream IDs at the SMMU. */
  masters: look({ request: {}, serve: () => ok(dmaMasters) }),

  /** How an address is translated, descriptor by descriptor: of a core, a vCPU, a domain or a DMA master. */
  walk: look({
    request: { of, address, access: z.enum(['read', 'write', 'execute']) },
    serve: (session, request) => session.walk(request),
  }),

  /** The accesses that stage 2 or the SMMU has refused, by their entries in the log. */
  faults: look({ request: {}, serve: (session) => ok(session.faults()) }),

  /** One of them, with its walk. */
  fault: look({ request: { entry: count }, serve: (session, { entry }) => session.fault(entry) }),

  /** What an address space maps where, by ranges. */
  addressMap: look({
    request: { of: z.discriminatedUnion('kind', mapped) },
    serve: (session, request) => session.addressMap(request),
  }),
};
