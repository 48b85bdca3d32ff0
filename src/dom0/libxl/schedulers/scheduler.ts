import type { ParameterValues } from '../../../xen/sched/scheduler.ts';

/** What libxl knows of a scheduler. */
export interface LibxlScheduler {
  /** As `sched=` names it. */
  readonly name: string;
  /** libxl's error for a domain's parameters, or null if they are valid. */
  refusal(domain: { readonly domid: number; readonly vcpus: number }, values: ParameterValues): string | null;
  /** libxl's error for a domain that has another scheduler. */
  mismatch?(domid: number): string;
}
