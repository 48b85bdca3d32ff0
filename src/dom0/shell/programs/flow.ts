/** Programs that only wait, succeed or fail. */
import { seconds } from '../../../xen/time/time.ts';
import type { Program } from '../../os/program.ts';
import { sleep, type Task } from '../../os/task.ts';
import { simple } from './common.ts';

// biome-ignore lint/correctness/useYield: it shares the type of those that wait.
function* succeed(): Task<number> {
  return 0;
}

export const sleepProgram: Program = {
  name: 'sleep',
  summary: 'wait for so many seconds of virtual time',
  *run(context) {
    const [, amount, unit] = context.args[0]?.match(/^(\d*\.?\d+)([smh]?)$/) ?? [];
    if (amount === undefined) {
      context.err(`sleep: invalid number '${context.args[0] ?? ''}'\n`);
      return 1;
    }
    const time = seconds(Number(amount) * { '': 1, s: 1, m: 60, h: 3600 }[unit as '' | 's' | 'm' | 'h']);
    yield* sleep(time, succeed);
    return 0;
  },
};

export const trueProgram: Program = { name: 'true', summary: 'succeed', run: simple(() => 0) };

export const falseProgram: Program = { name: 'false', summary: 'fail', run: simple(() => 1) };
