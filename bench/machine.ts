import { assert } from '../src/base/assert.ts';
import { Events } from '../src/base/events.ts';
import { cycles, physAddr } from '../src/base/units.ts';
import { placeSegments, planKernel } from '../src/boot/loader.ts';
import { Cluster, type ClusterStats } from '../src/cluster/cluster.ts';
import { Translator } from '../src/engine/translator/translator.ts';
import { clockHz } from '../src/soc/board/zynqmp.ts';
import { Psci } from '../src/soc/firmware/psci.ts';

/** What to run. */
export interface Job {
  readonly image: Uint8Array<ArrayBuffer>;
  readonly cores: number;
  /** The level at which it starts. */
  readonly level: 1 | 2;
  /** Without, the interpreter executes everything. */
  readonly translate: boolean;
}

/** Cost, in milliseconds of wall time and of processor time of all threads. */
export interface Span {
  readonly instructions: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Figures extends Span {
  /** The second half of its instructions: by then hot code has been translated and optimised. */
  readonly late: Span;
  /** Wall time in the translator, and in the host's compilers where they run on this thread. */
  readonly translatingMs: number;
  readonly translations: ClusterStats['translations'];
}

const ram = { base: physAddr(0), size: 512 * 2 ** 20 };

/** Length of a slice, 50 µs, as in src/session. */
const sliceCycles = clockHz / 20_000;

/** Wall time between two samples of a run's progress. */
const markMs = 10;

let translatingMs = 0;
const { flush } = Translator.prototype;
Translator.prototype.flush = function (this: Translator): void {
  const start = performance.now();
  flush.call(this);
  translatingMs += performance.now() - start;
};

/**
 * Runs an image to its end on a machine of processors, RAM and firmware.
 * @param cpuMs processor time of this process
 */
export function run({ image, cores, level, translate }: Job, cpuMs: () => number): Figures {
  const nobody = { read: () => null, write: () => false, isSilent: () => true };
  const events = new Events();
  const cluster = new Cluster({ cores, ram: [ram], bus: nobody, events, clockHz, translate });
  const plan = planKernel({ name: 'The image', bytes: image }, ram);
  assert(plan.ok, 'the image can be loaded');
  placeSegments(plan.value, { ...ram, view: (address, length) => cluster.ramView(address, length) });
  let off = false;
  const turnOn = (core: number, pc: bigint, x0: bigint): void => cluster.reset(core, { pc, el: level, x0 });
  const end = (): void => {
    off = true;
    cluster.stop();
  };
  const psci = new Psci(
    {
      cores,
      isOn: (core) => cluster.stats().cores[core]?.state !== 'off',
      turnOn,
      turnOff: (core) => cluster.turnOff(core),
      suspend: () => false,
      systemOff: end,
      systemReset: end,
    },
    () => {},
  );
  cluster.onFirmwareCall = (core, registers) => psci.call(core, registers);
  turnOn(0, plan.value.entry, 0n);

  const startCpuMs = cpuMs();
  const start = performance.now();
  const translatedBefore = translatingMs;
  const soFar = (): Span => ({
    instructions: cluster.stats().instructions,
    wallMs: performance.now() - start,
    cpuMs: cpuMs() - startCpuMs,
  });
  const marks = [soFar()];
  let marked = start;
  while (!off) {
    const { reason } = cluster.run(cycles(events.now + sliceCycles));
    assert(reason !== 'idle', 'the image ends by itself');
    if (performance.now() - marked < markMs) continue;
    marked = performance.now();
    marks.push(soFar());
  }
  const whole = soFar();
  const half = marks.find(({ instructions }) => instructions >= whole.instructions / 2) ?? whole;
  return {
    ...whole,
    late: {
      instructions: whole.instructions - half.instructions,
      wallMs: whole.wallMs - half.wallMs,
      cpuMs: whole.cpuMs - half.cpuMs,
    },
    translatingMs: translatingMs - translatedBefore,
    translations: cluster.stats().translations,
  };
}
