import type { WaitCause } from '../../../session/api/trace.ts';

/** Why a vCPU began to wait, in the order of `waitCauses`, of which the page has only the type. */
export const waitCauses: readonly WaitCause[] = ['woken', 'preempted', 'yielded', 'moved'];
