import { ExperimentFailure, type Operator, type Steps } from '../operator.ts';
import { readStat, type Stat } from './stat.ts';

/** Xen's longest time slice. The moments at which measurements begin differ by up to that. */
const sliceMs = 30;

/** Has rtos-a measure anew for a while. */
export function* measureLatency(operator: Operator, windowMs: number): Steps<Stat> {
  yield* operator.wait(100 + operator.random(sliceMs));
  operator.type('rtos-a', 'reset');
  yield* operator.wait(windowMs);
  const answer = yield* operator.ask('rtos-a', 'stat', /^control: .*\n/m);
  const stat = readStat(answer[0]);
  if (!stat) throw new ExperimentFailure(`rtos-a’s stat cannot be read: ${answer[0]}`);
  return stat;
}
