import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { mrs } from '../../a64/system-encoding.ts';
import { Events } from '../../base/events.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { Cluster } from '../../cluster/cluster.ts';

const ram = physAddr(0x4000_0000);
const counts = [mrs([3, 3, 14, 0, 1], 1), mrs([3, 3, 14, 0, 2], 2), mrs([3, 3, 14, 0, 2], 31)];
const next = 0x9100_0463;
const back = (words: number): number => (0x1400_0000 | (-words & 0x3ff_ffff)) >>> 0;

/** Runs a loop that reads the counts; gives them, and how often TypeScript read them. */
function read(translate: boolean, el: 1 | 2, offset: bigint, time: number) {
  const events = new Events();
  const cluster = new Cluster({
    cores: 1,
    ram: [{ base: ram, size: 0x1000 }],
    bus: { read: () => null, write: () => false },
    events,
    clockHz: 1_200_000_000,
    translate,
    translation: { hotThreshold: 4, batchSize: 1 },
  });
  const { memory } = cluster;
  memory.u32.set([...counts, next, back(4)], memory.host(ram) >>> 2);
  const execute = vi.spyOn(cluster.system, 'execute');
  cluster.reset(0, { pc: BigInt(ram), el, x0: 0n });
  const [core] = cluster.cores;
  core?.setSystem('CNTVOFF_EL2', offset);
  core?.setSystem('CNTHCTL_EL2', 3n);
  cluster.run(cycles(time));
  cluster.resetAll(true);
  cluster.reset(0, { pc: BigInt(ram), el, x0: 0n });
  core?.setSystem('CNTVOFF_EL2', offset);
  core?.setSystem('CNTHCTL_EL2', 3n);
  cluster.run(cycles(2 * time));
  return { counts: [1, 2, 3, 31].map((n) => core?.x(n)), calls: execute.mock.calls.length };
}

it('generated code reads the system counter as TypeScript does', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1 as const, 2 as const),
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.integer({ min: 20_000, max: 90_000 }),
      (el, offset, time) => {
        const fast = read(true, el, offset, time);
        const slow = read(false, el, offset, time);
        expect(fast.counts).toEqual(slow.counts);
        // The first turn is interpreted.
        expect(fast.calls).toBeLessThan(12_500);
        expect(slow.calls).toBeGreaterThan(20_000);
      },
    ),
    { numRuns: 10, seed: 3 },
  );
});
