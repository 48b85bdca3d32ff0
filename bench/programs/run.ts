import { assert } from '../../src/base/assert.ts';
import { Session } from '../../src/session/session.ts';

/** Files of Linux, by what they are. */
export interface ProgramFiles {
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly initrd: Uint8Array<ArrayBuffer>;
}

/** What a console printed, and the milliseconds of wall time and of processor time that had passed by then. */
export interface Printed {
  readonly text: string;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Wall time for which the machine runs before its console is looked at, in milliseconds. */
const budgetMs = 2;
/** Bytes of the console that are read at a time. */
const consoleBudget = 2 ** 20;

/**
 * Boots Linux on the board, on four cores, until it has printed `last`. Gives what its console printed, by time.
 * @param cpuMs processor time of this process
 */
export function runPrograms({ kernel, initrd }: ProgramFiles, last: string, cpuMs: () => number): Printed[] {
  const session = new Session(() => performance.now());
  const loaded = session.boot({
    kernel: { name: 'Image', bytes: kernel },
    initrd: { name: 'initrd', bytes: initrd },
    deviceTree: undefined,
    bootArguments: 'console=ttyPS0,115200 quiet panic=-1',
    placed: [],
    seed: undefined,
    machine: { cpus: 4, memoryMiB: 2048, el: 2 },
  });
  assert(loaded.ok, 'the images can be loaded');
  session.run();
  const printed: Printed[] = [];
  let seen = 0;
  for (let text = ''; !text.includes(last); ) {
    assert(session.advance(budgetMs) !== null, 'Linux goes on until all programs have run');
    const { bytes, end } = session.console('serial', seen, consoleBudget);
    if (end === seen) continue;
    seen = end;
    const part = String.fromCharCode(...bytes);
    text = text.slice(-last.length) + part;
    printed.push({ text: part, wallMs: performance.now(), cpuMs: cpuMs() });
  }
  return printed;
}
