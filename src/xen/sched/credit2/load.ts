/** Load, and the run queues that units are assigned to: docs/xen/credit2.md, section 8. */
import { type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { updateMaxWeight } from './credits.ts';
import type { Credit2Options } from './parameters.ts';
import type { Credit2State, Credit2Unit, Load, RunQueue } from './state.ts';

/** Rule 8.3: times are counted in steps of 2^10 ns. */
const granularityShift = 10;

/** Rule 8.3: one pCPU, as loads are counted. */
export const wholeLoad = ({ loadPrecisionShift }: Credit2Options): number => 2 ** loadPrecisionShift;

/** Rule 8.3: `current` units have been runnable since the average was last brought up to date. */
function follow(options: Credit2Options, load: Load, current: number, now: Nanoseconds): void {
  const window = 2 ** (options.loadWindowShift - granularityShift);
  const step = 2 ** granularityShift;
  const time = Math.floor(now / step) - Math.floor(load.updated / step);
  if (time <= 0) return;
  const level = current * wholeLoad(options);
  load.average = time >= window ? level : Math.floor((time * level + (window - time) * load.average) / window);
  load.updated = now;
}

/** The averages of a queue up to now. */
export function followQueue({ options }: Credit2State, queue: RunQueue, now: Nanoseconds): void {
  follow(options, queue.load, queue.runnable, now);
  follow(options, queue.expected, queue.runnable, now);
}

/** A unit becomes runnable (1), ceases to be (-1), or is looked at while it has been so (0). */
export function updateLoad(state: Credit2State, svc: Credit2Unit, change: -1 | 0 | 1, now: Nanoseconds): void {
  const { queue, unit } = svc;
  const was = change === 0 ? unit.runnable : change < 0;
  follow(state.options, svc.load, was ? 1 : 0, now);
  if (!queue) return;
  followQueue(state, queue, now);
  queue.runnable += change;
}

/** Rules 2.1 and 8.4. */
export function assign(svc: Credit2Unit, queue: RunQueue): void {
  svc.queue = queue;
  queue.units.push(svc);
  queue.expected.average += svc.load.average;
  updateMaxWeight(queue);
}

export function unassign(svc: Credit2Unit): void {
  const { queue } = svc;
  if (!queue) return;
  queue.units.splice(queue.units.indexOf(svc), 1);
  queue.expected.average = Math.max(queue.expected.average - svc.load.average, 0);
  updateMaxWeight(queue);
  svc.queue = null;
}

export const newLoad = (average: number): Load => ({ average, updated: nanoseconds(0) });
