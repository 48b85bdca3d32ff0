import { assert } from '../src/base/assert.ts';
import { Session } from '../src/session/session.ts';

/** Files of the images folder, by what they are. */
export interface LinuxFiles {
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly initrd: Uint8Array<ArrayBuffer>;
  readonly deviceTree: Uint8Array<ArrayBuffer>;
}

/** Cost of a boot, in milliseconds since the process or worker began, and the final state. */
export interface LinuxFigures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly instructions: number;
  readonly stateHash: string;
}

/** The last line of the root's init before it starts a shell. */
const ready = 'LINUX-READY';
/** Longer than `ready`, so that it is found where two windows meet. */
const overlap = 64;
/** Bytes of the console that are read at a time. */
const consoleBudget = 4 * 2 ** 20;

/**
 * Boots Linux on four cores with the stock device tree until its root is ready.
 * @param cpuMs processor time of this process
 */
export function bootLinux({ kernel, initrd, deviceTree }: LinuxFiles, cpuMs: () => number): LinuxFigures {
  const session = new Session(() => performance.now());
  const loaded = session.boot({
    kernel: { name: 'Image', bytes: kernel },
    initrd: { name: 'initrd.gz', bytes: initrd },
    deviceTree: { name: 'zcu102.dtb', bytes: deviceTree },
    bootArguments: undefined,
    placed: [],
    seed: undefined,
    machine: { cpus: 4, memoryMiB: 2048, el: 2 },
  });
  assert(loaded.ok, 'the images can be loaded');
  session.run();
  let seen = 0;
  for (;;) {
    session.advance(0);
    assert(session.state === 'running', 'Linux goes on until it is ready');
    const { bytes, end } = session.console('serial', Math.max(0, seen - overlap), consoleBudget);
    if (end === seen) continue;
    seen = end;
    if (String.fromCharCode(...bytes).includes(ready)) break;
  }
  const figures = { wallMs: performance.now(), cpuMs: cpuMs(), instructions: session.status().instructions };
  return { ...figures, stateHash: session.stateHash() };
}
