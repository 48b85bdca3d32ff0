import { describe, expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import { defined } from '../../base/assert.ts';
import { Events } from '../../base/events.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { Cluster } from '../../cluster/cluster.ts';
import { Hcr, Pstate } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { ExceptionClass } from './exceptions.ts';
import { waitForInterrupt } from './interrupts.ts';

const code = 0x8_0000;
const vectors = 0x1000n;
const lower = vectors + 0x400n;
const irqAtEl2 = vectors + 0x280n;

/** Cores in EL1 at `program`, put there by the model at EL2, which then does `work` for each exception. */
function start(program: readonly number[], cores: number, work: (core: CoreState, cluster: Cluster) => void): Cluster {
  const cluster = new Cluster({
    cores,
    ram: [{ base: physAddr(0), size: 0x10_0000 }],
    bus: { read: () => null, write: () => false },
    events: new Events(),
    clockHz: 1_200_000_000,
  });
  cluster.ramView(physAddr(code), 4 * program.length).set(new Uint8Array(new Uint32Array(program).buffer));
  cluster.el2 = {
    entered(index) {
      const core = defined(cluster.cores[index], 'core');
      if (core.pc !== 0n) return work(core, cluster);
      core.setSystem('VBAR_EL2', vectors);
      core.setSystem('HCR_EL2', BigInt((Hcr.IMO | Hcr.FMO | Hcr.AMO | Hcr.RW) >>> 0));
      core.setSystem('SPSR_EL2', BigInt((1 << Pstate.elShift) | Pstate.sp));
      core.setSystem('ELR_EL2', BigInt(code));
      cluster.system.stateChanged(core);
      cluster.system.exceptions.exceptionReturn(core);
    },
  };
  for (let core = 0; core < cores; core++) cluster.reset(core, { pc: 0n, el: 2, x0: BigInt(core) });
  return cluster;
}

const hvcLoop = [
  0xd4000022, // hvc #1
  0x91000421, // add x1, x1, #1
  0x17fffffe, // b   hvc
];

describe('EL2 in TypeScript', () => {
  test('takes exceptions as machine code does, and returns by ERET', () => {
    const cluster = start(hvcLoop, 1, (core, { system }) => {
      expect(core.el).toBe(2);
      expect(core.pc).toBe(lower);
      expect(core.systemLow('ESR_EL2')).toBe((ExceptionClass.hvc << 26) | (1 << 25) | 1);
      expect(core.systemLow('ELR_EL2')).toBe(code + 4);
      core.setX(2, core.x(2) + 1n);
      system.exceptions.exceptionReturn(core);
    });
    cluster.run(cycles(30_000));
    expect(cluster.cores[0]?.x(1)).toBe(10_000n);
    expect(cluster.cores[0]?.x(2)).toBe(10_000n);
    expect(cluster.stats().cores[0]).toEqual({ instructions: 30_000, el2Cycles: 0, state: 'running' });
  });

  test('its time passes for the guest, but retires no instructions', () => {
    const cluster = start(hvcLoop, 1, (core, { system, nowOn, spend }) => {
      const before = nowOn.call(cluster, 0);
      spend.call(cluster, 0, 7);
      expect(nowOn.call(cluster, 0)).toBe(before + 7);
      system.exceptions.exceptionReturn(core);
    });
    cluster.run(cycles(100_000));
    expect(cluster.stats().cores[0]).toEqual({ instructions: 30_000, el2Cycles: 70_000, state: 'running' });
    expect(cluster.cores[0]?.x(1)).toBe(10_000n);
  });

  test('after work longer than a turn the core waits until the others have caught up', () => {
    const cluster = start(hvcLoop, 2, (core, machine) => {
      machine.spend(core.index, core.index === 0 ? 50_000 : 10);
      machine.system.exceptions.exceptionReturn(core);
    });
    cluster.run(cycles(130_000));
    const [first, second] = cluster.stats().cores;
    // The third call begins at cycle 100,006 and lasts beyond the end.
    expect(first?.instructions).toBeLessThanOrEqual(9);
    expect(second).toEqual({ instructions: 30_000, el2Cycles: 100_000, state: 'running' });
  });

  test('it waits at EL2 until an interrupt comes and takes its exception', () => {
    const seen: bigint[] = [];
    const cluster = start(hvcLoop, 1, (core, { system }) => {
      seen.push(core.pc);
      core.setWord(Core.pstate, core.word(Core.pstate) & ~Pstate.daif);
      system.stateChanged(core);
      waitForInterrupt(core);
    });
    cluster.run(cycles(1000));
    expect(cluster.run(cycles(2000)).reason).toBe('idle');
    expect(seen).toEqual([lower]);
    expect(cluster.stats().cores[0]?.state).toBe('waiting');
    cluster.setLine(0, 'irq', true);
    cluster.run(cycles(3000));
    expect(seen.slice(0, 2)).toEqual([lower, irqAtEl2]);
    expect(cluster.stats().cores[0]?.instructions).toBe(1);
  });
});
