/** Requests for Xen's domains and the use of the physical CPUs. */
import * as z from 'zod/mini';
import { err, ok, type Result } from '../../base/result.ts';
import type { HypervisorView } from '../../session/hypervisor.ts';
import type { Session } from '../../session/session.ts';
import { utilisationCsv } from '../../session/xen/utilisation-csv.ts';
import { look } from './endpoint.ts';
import { count } from './schemas.ts';

/** Asks the hypervisor of a session; refuses where there is none. */
const ask = <T>({ hypervisor }: Session, question: (hypervisor: HypervisorView) => T): Result<T> =>
  hypervisor.ok ? ok(question(hypervisor.value)) : hypervisor;

const period = {
  from: z.number(),
  to: z.number(),
  buckets: z.int().check(z.minimum(1), z.maximum(10_000)),
};

export const domainEndpoints = {
  /** The domains; `Status.hypervisor.domains` changes when more than their times changes. */
  domains: look({ request: {}, serve: (session) => ask(session, (xen) => xen.domains()) }),

  /** A domain in detail: devices, last exits and registers. */
  domain: look({
    request: { domain: count },
    serve(session, { domain }) {
      const details = ask(session, (xen) => xen.details(domain));
      if (!details.ok) return details;
      return details.value ? ok(details.value) : err(`There is no domain ${domain}.`);
    },
  }),

  /** By pCPU: the vCPU that it runs now; null where it is idle. */
  running: look({ request: {}, serve: (session) => ask(session, (xen) => xen.running()) }),

  /** Who used the cores; `Status.sampled` is the time up to which that is known. */
  utilisation: look({
    request: period,
    serve: ({ usage }, request) => (usage.ok ? ok(usage.value.utilisation(request)) : usage),
    transfer: ({ covered, series }) => [covered, ...series.map(({ busy }) => busy)],
  }),

  /** The same as comma-separated values. */
  utilisationCsv: look({
    request: period,
    serve: ({ usage }, request) => (usage.ok ? ok(utilisationCsv(usage.value.utilisation(request))) : usage),
  }),
};
