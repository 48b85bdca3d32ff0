/** Xen's domains, and who used the physical CPUs. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { utilisationCsv } from '../../session/xen/utilisation-csv.ts';
import { look } from './endpoint.ts';
import { withXen } from './with-xen.ts';

const period = {
  from: z.number(),
  to: z.number(),
  buckets: z.int().check(z.minimum(1), z.maximum(10_000)),
};

export const domainEndpoints = {
  /** The domains; `Status.xen.domains` tells when more than their times has changed. */
  domains: look({ request: {}, serve: (session) => withXen(session, (xen) => ok(xen.domains())) }),

  /** Who used the pCPUs; `Status.xen.sampled` tells up to when that is known. */
  utilisation: look({
    request: period,
    serve: (session, request) => withXen(session, (xen) => ok(xen.utilisation(request))),
    transfer: ({ covered, series }) => [covered, ...series.map(({ busy }) => busy)],
  }),

  /** The same as a table in comma-separated values. */
  utilisationCsv: look({
    request: period,
    serve: (session, request) => withXen(session, (xen) => ok(utilisationCsv(xen.utilisation(request)))),
  }),
};
