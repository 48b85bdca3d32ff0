import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Psci } from './psci.ts';

function firmware(cores = 4, signalled = false) {
  const on = new Set([0]);
  const done: string[] = [];
  const logged: string[] = [];
  const psci = new Psci(
    {
      cores,
      isOn: (core) => on.has(core),
      turnOn: (core, pc, x0) => {
        on.add(core);
        done.push(`on ${core} ${pc.toString(16)} ${x0.toString(16)}`);
      },
      turnOff: (core) => {
        on.delete(core);
        done.push(`off ${core}`);
      },
      suspend: (core, pc, x0) => {
        if (!signalled) done.push(`down ${core} ${pc.toString(16)} ${x0.toString(16)}`);
        return !signalled;
      },
      systemOff: () => void done.push('system off'),
      systemReset: () => void done.push('system reset'),
    },
    (source, text) => void logged.push(`${source}: ${text}`),
  );
  /** X0 after the call, as a signed number. */
  const call = (core: number, ...args: (number | bigint)[]): number => {
    const x = args.map(BigInt);
    psci.call(core, {
      x: (n) => x[n] ?? 0n,
      setX: (n, value) => {
        x[n] = value;
      },
    });
    return Number(BigInt.asIntN(64, x[0] ?? 0n));
  };
  return { call, done, logged };
}

test('versions', () => {
  const { call } = firmware();
  expect(call(0, 0x8400_0000)).toBe(0x1_0001);
  expect(call(0, 0x8000_0000)).toBe(0x1_0001);
});

test('CPU_ON starts a core once; CPU_OFF stops the caller; AFFINITY_INFO gives the state', () => {
  const { call, done } = firmware();
  expect(call(0, 0xc400_0003, 2, 0xffff_0000_0008_0000n, 0x1234_5678_9abcn)).toBe(0);
  expect(call(0, 0x8400_0003, 2, 0x80000, 0)).toBe(-4);
  expect(call(0, 0xc400_0004, 2, 0)).toBe(0);
  call(2, 0x8400_0002);
  expect(call(0, 0xc400_0004, 2, 0)).toBe(1);
  expect(done).toEqual(['on 2 ffff000000080000 123456789abc', 'off 2']);
});

test('the 32-bit convention takes the low halves of its arguments', () => {
  const { call, done } = firmware();
  expect(call(0, 0xdead_beef_8400_0003n, 0xf_0000_0001n, 0xf_0008_0000n, 0xf_0000_0007n)).toBe(0);
  expect(done).toEqual(['on 1 80000 7']);
});

test.each([
  ['MPIDR_EL1 as a core reads it, with its RES1 bit 31', 0x8000_0001n],
  ['with U and MT as well', 0xc100_0001n],
  ['Aff2 and Aff3 are not looked at', 0x55_0033_0001n],
])('Bao and others: which MPIDR does CPU_ON of the ZCU102’s firmware take? %s', (_, mpidr) => {
  const { call, done } = firmware();
  expect(call(0, 0xc400_0004, mpidr, 0)).toBe(1);
  expect(call(0, 0xc400_0003, mpidr, 0x8_0000, 0)).toBe(0);
  expect(call(0, 0xc400_0004, mpidr, 0)).toBe(0);
  expect(call(0, 0xc400_0003, mpidr, 0x8_0000, 0)).toBe(-4);
  expect(done).toEqual(['on 1 80000 0']);
  // Another cluster, and a core that is not there.
  for (const absent of [mpidr | 0x100n, mpidr | 4n])
    for (const id of [0xc400_0003, 0xc400_0004]) expect(call(0, id, absent, 0, 0)).toBe(-2);
});

test('invalid parameters are refused', () => {
  const { call, done } = firmware(2);
  expect(call(0, 0xc400_0003, 2, 0x80000, 0)).toBe(-2);
  expect(call(0, 0xc400_0003, 0x100, 0x80000, 0)).toBe(-2);
  expect(call(0, 0xc400_0003, 1, 0x80001, 0)).toBe(-9);
  expect(call(0, 0xc400_0004, 1, 1)).toBe(-2);
  expect(call(0, 0xc400_0001, 0x1_0000, 0x80000, 0)).toBe(-2);
  expect(call(0, 0xc400_0001, 0x4000_0001, 0x80000, 0)).toBe(-2);
  expect(call(0, 0xc400_0001, 0x4000_0000, 0x80001, 0)).toBe(-9);
  expect(done).toEqual([]);
});

test('the system goes off and resets', () => {
  const { call, done } = firmware();
  call(0, 0x8400_0008);
  call(1, 0x8400_0009);
  expect(done).toEqual(['system off', 'system reset']);
});

test('features', () => {
  const { call } = firmware();
  const features = (id: number) => call(0, 0x8400_000a, id);
  const known = [
    0x8400_0000, 0xc400_0001, 0x8400_0002, 0xc400_0003, 0x8400_0003, 0xc400_0004, 0x8400_0008, 0x8000_0000,
  ];
  // CPU_SUSPEND says that it takes the extended format of power_state.
  expect(known.map(features)).toEqual(known.map((id) => (id === 0xc400_0001 ? 2 : 0)));
  // PSCI_VERSION and SYSTEM_OFF have no 64-bit form; MIGRATE and PSCI_SET_SUSPEND_MODE are missing.
  expect([0xc400_0000, 0xc400_0008, 0x8400_0005, 0xc400_000f].map(features)).toEqual([-1, -1, -1, -1]);
  expect(call(0, 0x8000_0001, 0x8000_0000)).toBe(0);
  expect(call(0, 0x8000_0001, 0x8000_8000)).toBe(-1);
});

test('which optional calls does the ZCU102’s firmware lack? MIGRATE_INFO_TYPE, MIGRATE and SYSTEM_RESET2', () => {
  const { call, done } = firmware();
  for (const id of [0x8400_0005, 0x8400_0006, 0x8400_0012, 0xc400_0012])
    expect([call(0, id), call(0, 0x8400_000a, id)]).toEqual([-1, -1]);
  expect(done).toEqual([]);
});

test('any other function is not supported, and is reported once', () => {
  const { call, logged } = firmware();
  expect(call(0, 0xc200_0001)).toBe(-1);
  expect(call(0, 0xc200_0001)).toBe(-1);
  expect(logged).toEqual(['firmware: function 0xc2000001 is not supported']);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt(), (id, argument) => {
      const low = Number(BigInt.asUintN(32, id));
      fc.pre(low >>> 24 !== 0x84 && low >>> 24 !== 0xc4 && low >>> 24 !== 0x80);
      expect(call(0, id, BigInt.asUintN(64, argument))).toBe(-1);
    }),
  );
});

test('a core starts again after a power-down state; a core with an interrupt signalled does not go down', () => {
  const { call, done } = firmware();
  call(1, 0xc400_0001, 0x4000_0000, 0x8_0000, 0x77);
  expect(done).toEqual(['down 1 80000 77']);
  const signalled = firmware(4, true);
  expect(signalled.call(1, 0xc400_0001, 0x4000_0000, 0x8_0000, 0x77)).toBe(0);
  expect(signalled.done).toEqual([]);
});

test('the system is suspended by its last core', () => {
  const { call, done } = firmware();
  call(0, 0xc400_0003, 3, 0x8_0000, 0);
  expect(call(0, 0xc400_000e, 0x9_0000, 1)).toBe(-3);
  call(3, 0x8400_0002);
  call(0, 0xc400_000e, 0x9_0000, 1);
  expect(done.at(-1)).toBe('down 0 90000 1');
});
