import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import { mrs, msr, type SystemFields } from '../../a64/system-encoding.ts';
import { isWaiting } from '../exceptions/interrupts.ts';
import { Cntkctl, Hcr } from '../state/control-bits.ts';
import { SystemBench } from '../system/system-testing.ts';

const CNTFRQ_EL0: SystemFields = [3, 3, 14, 0, 0];
const CNTPCT_EL0: SystemFields = [3, 3, 14, 0, 1];
const CNTVCT_EL0: SystemFields = [3, 3, 14, 0, 2];
const CNTP_TVAL_EL0: SystemFields = [3, 3, 14, 2, 0];
const CNTP_CTL_EL0: SystemFields = [3, 3, 14, 2, 1];
const CNTP_CVAL_EL0: SystemFields = [3, 3, 14, 2, 2];
const CNTV_TVAL_EL0: SystemFields = [3, 3, 14, 3, 0];
const CNTV_CTL_EL0: SystemFields = [3, 3, 14, 3, 1];
const CNTV_CVAL_EL0: SystemFields = [3, 3, 14, 3, 2];
const CNTHP_CTL_EL2: SystemFields = [3, 4, 14, 2, 1];
const CNTHP_CVAL_EL2: SystemFields = [3, 4, 14, 2, 2];
const CNTVOFF_EL2: SystemFields = [3, 4, 14, 0, 3];

const write = (bench: SystemBench, fields: SystemFields, value: bigint): void => {
  bench.core().setX(1, value);
  bench.run(msr(fields, 1));
};
const read = (bench: SystemBench, fields: SystemFields): bigint => {
  bench.run(mrs(fields, 2));
  return bench.core().x(2);
};

/** Core cycles in a tick: 1.2 GHz over 100 MHz. */
const tick = 12;

describe('the counter', () => {
  test('derives from virtual time, to the instruction', () => {
    const bench = new SystemBench();
    expect(read(bench, CNTFRQ_EL0)).toBe(100_000_000n);
    bench.endQuantum();
    bench.wait(1000 * tick);
    bench.quantum(100);
    expect(read(bench, CNTPCT_EL0)).toBe(1000n);
    bench.nops(10);
    expect(read(bench, CNTPCT_EL0)).toBe(1000n);
    expect(read(bench, CNTPCT_EL0)).toBe(1001n);
  });

  test('is exact beyond 32 bits, and CNTVCT is CNTVOFF behind', () => {
    const bench = new SystemBench();
    bench.wait((2 ** 33 + 5) * tick);
    expect(read(bench, CNTPCT_EL0)).toBe(2n ** 33n + 5n);
    write(bench, CNTVOFF_EL2, 6n);
    expect(read(bench, CNTVCT_EL0)).toBe(2n ** 33n - 1n);
    write(bench, CNTVOFF_EL2, 2n ** 34n);
    expect(read(bench, CNTVCT_EL0)).toBe(BigInt.asUintN(64, 5n - 2n ** 33n));
  });
});

describe('a timer', () => {
  test.each([
    ['cntp', CNTP_CTL_EL0, CNTP_CVAL_EL0],
    ['cntv', CNTV_CTL_EL0, CNTV_CVAL_EL0],
    ['cnthp', CNTHP_CTL_EL2, CNTHP_CVAL_EL2],
  ] as const)('%s raises its line when the count reaches CVAL', (name, ctl, cval) => {
    const bench = new SystemBench();
    write(bench, cval, 100n);
    write(bench, ctl, 1n);
    bench.endQuantum();
    expect(read(bench, ctl)).toBe(1n);
    bench.endQuantum();
    bench.wait(100 * tick - 1);
    expect(bench.lines).toEqual([]);
    bench.wait(100 * tick);
    expect(bench.lines).toEqual([`${name} 1`]);
    expect(read(bench, ctl)).toBe(5n);
    write(bench, ctl, 3n);
    expect(bench.lines).toEqual([`${name} 1`, `${name} 0`]);
    expect(read(bench, ctl)).toBe(7n);
    write(bench, ctl, 1n);
    write(bench, ctl, 0n);
    expect(bench.lines).toEqual([`${name} 1`, `${name} 0`, `${name} 1`, `${name} 0`]);
    expect(read(bench, ctl)).toBe(0n);
  });

  test('counts down in TVAL and takes a signed one', () => {
    const bench = new SystemBench();
    bench.wait(1000 * tick);
    write(bench, CNTP_TVAL_EL0, 50n);
    expect(read(bench, CNTP_CVAL_EL0)).toBe(1050n);
    bench.endQuantum();
    bench.wait(1010 * tick);
    expect(read(bench, CNTP_TVAL_EL0)).toBe(40n);
    write(bench, CNTP_TVAL_EL0, 0xffff_fff0n);
    expect(read(bench, CNTP_CVAL_EL0)).toBe(994n);
    expect(read(bench, CNTP_TVAL_EL0)).toBe(0xffff_fff0n);
  });

  test('follows CNTVOFF if it is the virtual one', () => {
    const bench = new SystemBench();
    bench.wait(1000 * tick);
    write(bench, CNTV_TVAL_EL0, 0n);
    write(bench, CNTV_CTL_EL0, 1n);
    expect(bench.lines).toEqual(['cntv 1']);
    write(bench, CNTVOFF_EL2, 500n);
    expect(bench.lines).toEqual(['cntv 1', 'cntv 0']);
    bench.endQuantum();
    bench.wait(1500 * tick);
    expect(bench.lines).toEqual(['cntv 1', 'cntv 0', 'cntv 1']);
  });

  test('that is due within the quantum shortens it', () => {
    const bench = new SystemBench();
    const core = bench.core();
    bench.quantum(10_000);
    bench.nops(100);
    write(bench, CNTP_CVAL_EL0, 50n);
    write(bench, CNTP_CTL_EL0, 1n);
    expect(core.word(Core.quantum)).toBe(50 * tick);
    expect(core.word(Core.budget)).toBe(50 * tick - 102);
    bench.nops(50 * tick - 102);
    bench.endQuantum();
    expect(bench.lines).toEqual(['cntp 1']);
  });

  test('lowers its line when the virtual count passes 2^64, where ISTATUS becomes 0', () => {
    const bench = new SystemBench();
    write(bench, CNTVOFF_EL2, 1000n); // the count is 2^64 - 1000
    write(bench, CNTV_CVAL_EL0, 2n ** 64n - 500n);
    write(bench, CNTV_CTL_EL0, 1n);
    bench.endQuantum();
    bench.wait(500 * tick);
    expect(bench.lines).toEqual(['cntv 1']);
    expect(read(bench, CNTV_CTL_EL0)).toBe(5n);
    bench.endQuantum();
    bench.wait(1000 * tick - 1);
    expect(bench.lines).toEqual(['cntv 1']);
    bench.wait(1000 * tick);
    expect(bench.lines).toEqual(['cntv 1', 'cntv 0']);
    expect(read(bench, CNTV_CTL_EL0)).toBe(1n);
  });

  test('drives its line as the Arm ARM states the condition, whatever changes its registers or the time', () => {
    const all = 2n ** 64n;
    const near = fc.bigInt({ min: -2000n, max: 2000n });
    const value = fc.oneof(
      near,
      near.map((n) => n + 2n ** 32n),
      near.map((n) => n + 2n ** 63n),
      fc.bigInt(0n, all - 1n),
    );
    const wide = value.map((n) => BigInt.asUintN(64, n));
    const step = fc.oneof(
      fc.record({ what: fc.constantFrom('cval', 'offset', 'tval'), value: wide }),
      fc.record({ what: fc.constant('ctl'), value: fc.bigInt(0n, 3n) }),
      fc.record({ what: fc.constant('wait'), value: fc.bigInt(0n, 1500n) }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom<'cntp' | 'cntv'>('cntp', 'cntv'),
        fc.array(step, { maxLength: 12 }),
        (name, steps) => {
          const bench = new SystemBench();
          const physical = name === 'cntp';
          const [ctl, cval] = physical ? [CNTP_CTL_EL0, CNTP_CVAL_EL0] : [CNTV_CTL_EL0, CNTV_CVAL_EL0];
          const model = { ctl: 0n, cval: 0n, offset: 0n };
          // D11.2.4: met if ((Counter - Offset)[63:0] - CompareValue) >= 0, all unsigned.
          const met = () => {
            const count = BigInt(Math.floor(bench.events.now / tick));
            return BigInt.asUintN(64, count - (physical ? 0n : model.offset)) >= model.cval;
          };
          const check = () => {
            const raised = bench.lines.at(-1) === `${name} 1`;
            expect(raised).toBe((model.ctl & 3n) === 1n && met());
            const status = (model.ctl & 1n) !== 0n && met() ? 4n : 0n;
            expect(BigInt(bench.unit.timers.control(bench.core(), name))).toBe(model.ctl | status);
          };
          for (const { what, value } of steps) {
            if (what === 'wait') {
              // Event by event, as the machine does, so that no change of the output is missed.
              const until = bench.events.now + Number(value) * tick;
              for (;;) {
                const next = bench.events.next();
                if (next === undefined || next > until) break;
                bench.wait(next);
                check();
              }
              bench.wait(until);
            } else if (what === 'tval') {
              const count = BigInt(Math.floor(bench.events.now / tick)) - (physical ? 0n : model.offset);
              model.cval = BigInt.asUintN(64, count + BigInt.asIntN(32, value));
              write(bench, physical ? CNTP_TVAL_EL0 : CNTV_TVAL_EL0, value);
            } else {
              if (what === 'offset') model.offset = value;
              else if (what === 'cval') model.cval = value;
              else model.ctl = value;
              write(bench, what === 'offset' ? CNTVOFF_EL2 : what === 'cval' ? cval : ctl, value);
            }
            bench.quantum(0); // the accesses themselves take no time here
            check();
          }
        },
      ),
    );
  });

  test('far in the future is never scheduled', () => {
    const bench = new SystemBench();
    write(bench, CNTP_CVAL_EL0, 2n ** 64n - 1n);
    write(bench, CNTP_CTL_EL0, 1n);
    expect(bench.events.next()).toBeUndefined();
  });
});

describe('traps', () => {
  const physical: SystemFields[] = [CNTP_TVAL_EL0, CNTP_CTL_EL0, CNTP_CVAL_EL0];
  // Level, CNTKCTL_EL1, CNTHCTL_EL2, HCR_EL2, registers; level that takes the trap, 0 for none.
  test.each([
    [0, 0, 3, 0, [CNTPCT_EL0, CNTVCT_EL0, CNTFRQ_EL0, CNTP_CTL_EL0, CNTV_CTL_EL0], 1],
    [0, 0, 3, Hcr.TGE, [CNTVCT_EL0], 2],
    [0, Cntkctl.EL0PCTEN, 3, 0, [CNTPCT_EL0, CNTFRQ_EL0], 0],
    [0, Cntkctl.EL0PCTEN, 0, 0, [CNTPCT_EL0], 2],
    [0, Cntkctl.EL0VCTEN, 0, 0, [CNTVCT_EL0, CNTFRQ_EL0], 0],
    [0, Cntkctl.EL0VTEN, 0, 0, [CNTV_TVAL_EL0, CNTV_CTL_EL0, CNTV_CVAL_EL0], 0],
    [0, Cntkctl.EL0PTEN, 1, 0, physical, 2],
    [0, Cntkctl.EL0PTEN, 2, 0, physical, 0],
    [1, 0, 1, 0, physical, 2],
    [1, 0, 2, 0, [CNTPCT_EL0], 2],
    [1, 0, 0, 0, [CNTVCT_EL0, CNTV_CTL_EL0, CNTFRQ_EL0], 0],
    [2, 0, 0, 0, [CNTPCT_EL0, CNTHP_CTL_EL2, ...physical], 0],
  ] as const)('EL%i CNTKCTL %x CNTHCTL %x HCR %x', (el, cntkctl, cnthctl, hcr, registers, to) => {
    for (const fields of registers) {
      const bench = new SystemBench();
      bench.set({ CNTKCTL_EL1: BigInt(cntkctl), CNTHCTL_EL2: BigInt(cnthctl), HCR_EL2: BigInt(hcr) });
      bench.level(el);
      bench.run(mrs(fields, 3));
      expect(bench.core().el).toBe(to === 0 ? el : to);
      if (to === 0) continue;
      const [op0, op1, crn, crm, op2] = fields;
      const iss = (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | (3 << 5) | (crm << 1) | 1;
      expect(bench.core().systemLow(to === 1 ? 'ESR_EL1' : 'ESR_EL2')).toBe(0x6200_0000 | iss);
    }
  });

  test('CNTFRQ_EL0 cannot be written below EL3', () => {
    const bench = new SystemBench();
    bench.level(2);
    bench.run(msr(CNTFRQ_EL0));
    expect(bench.core().systemLow('ESR_EL2')).toBe(0x0200_0000);
  });
});

test('the event stream ends WFE at the next transition of its bit', () => {
  const bench = new SystemBench();
  // Bit 4 of the virtual count, rising: ticks 16, 48, 80…
  bench.set({ CNTKCTL_EL1: BigInt(Cntkctl.EVNTEN | (4 << Cntkctl.EVNTIshift)) });
  bench.level(1);
  bench.run(0xd503_205f); // WFE
  expect(isWaiting(bench.core())).toBe(true);
  bench.endQuantum();
  bench.wait(16 * tick - 1);
  expect(isWaiting(bench.core())).toBe(true);
  bench.wait(16 * tick);
  expect(isWaiting(bench.core())).toBe(false);
  bench.run(0xd503_205f);
  bench.endQuantum();
  expect(bench.events.next()).toBe(48 * tick);
});
