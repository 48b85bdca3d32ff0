/** The timeline as files. */
import { ok, type Result } from '../../base/result.ts';
import type { HypervisorView } from '../hypervisor.ts';
import type { Session } from '../session.ts';
import { type ExportNames, perfettoTrace, traceCsv } from './perfetto.ts';

export interface TraceFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Writes a part of the timeline, or all of it, for ui.perfetto.dev or as a table. The error is one sentence for the user. */
export function traceFile(
  session: Session,
  format: 'perfetto' | 'csv',
  span: { readonly from: number; readonly to: number } | null,
): Result<TraceFile> {
  const { trace, hypervisor, virtualNs } = session;
  if (!trace.ok) return trace;
  const { from, to } = span ?? { from: 0, to: Number.POSITIVE_INFINITY };
  const names = namesOf(hypervisor.ok ? hypervisor.value : null);
  if (format === 'csv')
    return ok({ bytes: new TextEncoder().encode(traceCsv(trace.value, from, to, virtualNs, names)) });
  return ok({ bytes: new Uint8Array(perfettoTrace(trace.value, from, to, virtualNs, names)) });
}

/** A domain that is gone is called by its number. */
function namesOf(hypervisor: HypervisorView | null): ExportNames {
  const names = new Map(hypervisor?.domains().domains.map(({ id, name }) => [id, name] as const));
  const domain = (id: number): string => names.get(id) ?? `d${id}`;
  return { domain, vcpu: (id) => `${domain(id >>> 16)} v${id & 0xffff}` };
}
