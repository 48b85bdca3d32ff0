/** For tests: a shell on its own terminal, with a clock that jumps to the next event. */
import { Events } from '../../base/events.ts';
import { type Cycles, cycles } from '../../base/units.ts';
import { type Nanoseconds, nanoseconds } from '../../xen/time/time.ts';
import { FileSystem } from '../os/files.ts';
import { Processes } from '../os/processes.ts';
import type { Program } from '../os/program.ts';
import { Tty } from '../os/tty.ts';
import { Shell } from './shell.ts';

export class ShellBench {
  readonly files = new FileSystem();
  /** All output of the terminal. */
  shown = '';
  readonly tty = new Tty((bytes) => {
    this.shown += new TextDecoder().decode(bytes);
  });
  readonly #events = new Events();
  readonly processes = new Processes({
    now: () => nanoseconds(this.#events.now),
    at: (time, callback) => {
      const event = this.#events.at(cycles(time), callback);
      return () => event.cancel();
    },
    wake: () => {},
  });
  readonly shell: Shell;

  constructor(programs: readonly Program[] = []) {
    this.files.makePath('/root');
    this.shell = new Shell({
      files: this.files,
      processes: this.processes,
      programs,
      tty: this.tty,
      out: (text) => this.tty.write(text),
      err: (text) => this.tty.write(text),
      now: () => this.now,
    });
  }

  /** A cycle of the events' clock is a nanosecond here. */
  get now(): Nanoseconds {
    return nanoseconds(this.#events.now);
  }

  /** Runs until nothing is ready, at most for `limit`. */
  settle(limit: Nanoseconds = nanoseconds(Number.POSITIVE_INFINITY)): void {
    const end = this.now + limit;
    for (;;) {
      const used = this.processes.work();
      const next = used > 0 ? this.now + used : this.#events.next();
      if (next === undefined || next > end) break;
      this.#events.advance(next as Cycles);
      this.#events.fireDue();
    }
  }

  /** Runs a script to its end; returns what it printed and its exit code. */
  run(script: string): { code: number | null | undefined; printed: string } {
    const from = this.shown.length;
    const process = this.processes.spawn(['sh', '-c', script], () => this.shell.run(script));
    this.settle();
    return { code: process.result, printed: this.shown.slice(from).replaceAll('\r\n', '\n') };
  }

  type(text: string): void {
    this.tty.type(new TextEncoder().encode(text));
    this.settle(nanoseconds(0));
  }
}
