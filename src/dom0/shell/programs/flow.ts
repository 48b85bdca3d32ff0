/** Programs that only wait, succeed or fail. */
import { seconds } from '../../../xen/time/time.ts';
import type { Program } from '../../os/program.ts';
import { sleep } from '../../os/task.ts';
import { simple } from './common.ts';

export const sleepProgram: Program = {
  name: 'sleep',
  summary: 'wait for so many seconds of virtual time',
  *run(context) {
    const [, amount, unit] = context.args[0]?.match(/^(\d*\.?\d+)([smh]?)$/) ?? [];
    if (amount === undefined) {
      context.err(`sleep: invalid number '${context.args[0] ?? ''}'\n`);
      return 1;
    }
    yield* sleep(seconds(Number(amount) * { '': 1, s: 1, m: 60, h: 3600 }[unit as '' | 's' | 'm' | 'h']));
    return 0;
  },
};

export const trueProgram: Program = { name: 'true', summary: 'succeed', run: simple(() => 0) };

export const falseProgram: Program = { name: 'false', summary: 'fail', run: simple(() => 1) };
