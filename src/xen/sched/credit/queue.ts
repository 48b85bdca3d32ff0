/** The run queues: docs/xen/credit.md, section 2. */
import { type CreditState, type CreditUnit, Priority, UnitFlag } from './state.ts';

export const isQueued = (state: CreditState, svc: CreditUnit): boolean =>
  state.pcpu(svc.unit.processor).runQueue.includes(svc);

/** Puts a unit that has become runnable on the queue of its pCPU. */
export function enqueue(state: CreditState, svc: CreditUnit): void {
  insertByPriority(state, svc);
  state.pcpu(svc.unit.processor).runnable++;
}

/** Takes a unit that is no longer runnable, or moves to another pCPU, off its queue. */
export function dequeue(state: CreditState, svc: CreditUnit): void {
  const pcpu = state.pcpu(svc.unit.processor);
  pcpu.runQueue.splice(pcpu.runQueue.indexOf(svc), 1);
  pcpu.runnable--;
}

/** Rules 2.2 and 5.4: behind all others of its priority; a unit that yields, behind one of the next lower priority too. */
export function insertByPriority(state: CreditState, svc: CreditUnit): void {
  const { runQueue } = state.pcpu(svc.unit.processor);
  const firstLower = runQueue.findIndex(({ priority }) => priority < svc.priority);
  let at = firstLower < 0 ? runQueue.length : firstLower;
  const passed = runQueue[at];
  if ((svc.flags & UnitFlag.yield) !== 0 && passed && passed.priority > Priority.idle) at++;
  runQueue.splice(at, 0, svc);
}

/** Rule 2.6: once after each accounting, the units that have credit go before those that have none. */
export function sortQueue(state: CreditState, cpu: number): void {
  const pcpu = state.pcpu(cpu);
  if (pcpu.sortedFor === state.accountings) return;
  pcpu.sortedFor = state.accountings;
  const hasCredit = ({ priority }: CreditUnit): boolean => priority >= Priority.under;
  const sorted = [...pcpu.runQueue.filter(hasCredit), ...pcpu.runQueue.filter((svc) => !hasCredit(svc))];
  pcpu.runQueue.splice(0, sorted.length, ...sorted);
}
