import type { Hasher } from '../../base/hasher.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import { dom0Costs } from './costs.ts';
import type { Program } from './program.ts';
import { compute } from './task.ts';

/** So many of the newest lines are kept. */
const linesMax = 1000;

/** What the drivers in Dom0's kernel have to say: the messages that `dmesg` shows. */
export class KernelLog {
  private readonly now: () => Nanoseconds;
  private readonly lines: string[] = [];

  constructor(now: () => Nanoseconds) {
    this.now = now;
  }

  print(message: string): void {
    const time = (Math.floor(this.now() / 1000) / 1e6).toFixed(6).padStart(12);
    this.lines.push(`[${time}] ${message}`);
    if (this.lines.length > linesMax) this.lines.shift();
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.lines);
  }

  get program(): Program {
    const lines = this.lines;
    return {
      name: 'dmesg',
      summary: "show the messages of Domain-0's kernel",
      *run({ out }) {
        yield* compute(dom0Costs.smallProgram);
        for (const line of lines) out(`${line}\n`);
        return 0;
      },
    };
  }
}
