import type { ParameterValues } from '../../../xen/sched/scheduler.ts';

/** What libxl knows of a scheduler. */
export interface LibxlScheduler {
  /** As `sched=` names it. */
  readonly name: string;
  /** The message by which libxl refuses a domain's parameters, or null if they are good. */
  refusal(domain: { readonly domid: number; readonly vcpus: number }, values: ParameterValues): string | null;
}
