import { beforeEach, expect, test } from 'vitest';
import { FirmwareBench } from '../firmware-testing.ts';
import { nodes } from './node-table.ts';

const INVALID_PARAM = 15;
const NO_FEATURE = 19;
const NO_ACCESS = 2002;
const INVALID_NODE = 2003;
const DOUBLE_REQUEST = 2004;

const [STATUS, CHARACTERISTIC, NOTIFY, SUSPEND_OTHER, SUSPEND, FORCE_DOWN, ABORT, WAKE, WAKEUP_SOURCE] = [
  3, 4, 5, 6, 7, 8, 9, 10, 11,
] as const;
const [REQUEST, RELEASE, REQUIRE, LATENCY, FINALIZE, CALLBACK] = [13, 14, 15, 16, 21, 0xa01] as const;
const [OCM0, SPI0, TTC1, UART1, SD1, RTC, GDMA] = [11, 35, 25, 34, 40, 61, 42] as const;
const [none, blocking, later] = [1, 2, 3] as const;

let bench: FirmwareBench;
beforeEach(() => {
  bench = new FirmwareBench();
});
const call = (api: number, ...args: number[]) => bench.call(api, ...args);
/** State, requirements, use. */
const status = (node: number) => call(STATUS, node).slice(1, 4);

test('who requests a node uses it, with what it needs; once', () => {
  expect(status(UART1)).toEqual([1, 0, 0]);
  expect(call(REQUEST, UART1, 3, 0, blocking)[0]).toBe(0);
  expect(status(UART1)).toEqual([1, 3, 1]);
  expect(call(REQUEST, UART1, 3, 0, blocking)[0]).toBe(DOUBLE_REQUEST);
  expect(call(REQUIRE, UART1, 0, 0, blocking)[0]).toBe(0);
  expect(status(UART1)).toEqual([0, 0, 1]);
  expect(call(REQUIRE, UART1, 8, 0, blocking)[0]).toBe(NO_FEATURE);
  expect(call(RELEASE, UART1)[0]).toBe(0);
  expect(call(RELEASE, UART1)[0]).toBe(1);
  expect(call(REQUIRE, UART1, 1, 0, blocking)[0]).toBe(NO_ACCESS);
  // The boot loader's configuration gives the cores some nodes from the start, and others not at all.
  expect(call(REQUEST, SD1, 1, 0, blocking)[0]).toBe(DOUBLE_REQUEST);
  expect([call(REQUEST, SPI0, 1, 0, blocking)[0], call(RELEASE, SPI0)[0]]).toEqual([NO_ACCESS, NO_ACCESS]);
  for (const wrong of [0, 1, 50, 70, 78, 0xffff_ffff]) {
    expect(call(REQUEST, wrong, 1, 0, blocking)[0]).toBe(INVALID_PARAM);
    expect([RELEASE, LATENCY].map((api) => call(api, wrong, 1)[0])).toEqual([INVALID_PARAM, INVALID_PARAM]);
  }
  expect([call(LATENCY, SD1, 5)[0], call(LATENCY, UART1, 5)[0]]).toEqual([0, NO_ACCESS]);
});

test('a memory can be retained', () => {
  const states = [0, 2, 3].map((needed) => {
    call(REQUIRE, OCM0, needed, 0, blocking);
    return [...status(OCM0), call(CHARACTERISTIC, OCM0, 1)[1], call(CHARACTERISTIC, OCM0, 3)[1]];
  });
  expect(states).toEqual([
    [0, 0, 1, 0, 1000],
    [1, 2, 1, 50, 1000],
    [2, 3, 1, 100, 0],
  ]);
});

test('INIT_FINALIZE switches off what was not requested', () => {
  call(REQUEST, TTC1, 3, 0, blocking);
  expect(call(FINALIZE)[0]).toBe(0);
  expect([TTC1, UART1, SD1, RTC].map((node) => status(node)[0])).toEqual([1, 0, 1, 0]);
});

test('an answer comes at once, later, or never', () => {
  expect(call(REQUEST, SPI0, 1, 0, none)[0]).toBe(0);
  expect(call(CALLBACK).slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(call(REQUEST, SPI0, 1, 0, later)[0]).toBe(0);
  // The PMU interrupts the cores: bit 16 of their IPI's status.
  expect(bench.registers.read(0xff30_0010)).toBe(1 << 16);
  expect(call(CALLBACK).slice(0, 4)).toEqual([31, SPI0, NO_ACCESS, 0]);
  expect(call(CALLBACK).slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(call(REQUEST, UART1, 1, 0, 0)[0]).toBe(0); // nobody hears of a wrong acknowledgement
  expect(status(UART1)[2]).toBe(0);
});

test('events of a node reach who has registered for them', () => {
  const [stateChange, zeroUsers] = [1, 2];
  expect(call(NOTIFY, UART1, stateChange, 0, 1)[0]).toBe(0);
  call(REQUEST, UART1, 7, 0, blocking);
  expect(call(CALLBACK)[0]).toBe(0); // it was on before
  call(RELEASE, UART1);
  expect(call(CALLBACK).slice(0, 4)).toEqual([32, UART1, stateChange, 0]);
  call(NOTIFY, UART1, stateChange, 0, 0);
  call(NOTIFY, UART1, zeroUsers, 0, 1);
  call(REQUEST, UART1, 7, 0, blocking);
  call(RELEASE, UART1);
  expect(call(CALLBACK).slice(0, 4)).toEqual([32, UART1, zeroUsers, 0]);
  for (const wrong of [
    [0, 1, 0, 1],
    [UART1, 0, 0, 1],
    [UART1, 3, 0, 1],
    [UART1, 1, 2, 1],
    [UART1, 1, 0, 2],
  ])
    expect(call(NOTIFY, ...wrong)[0]).toBe(INVALID_PARAM);
});

test('processors and domains: state, power and wake-up latency', () => {
  bench.on.add(2);
  expect([1, 2, 3, 4, 5, 6, 7, 10, 50].map((node) => status(node)[0])).toEqual([1, 1, 0, 1, 0, 1, 0, 1, 1]);
  expect(call(CHARACTERISTIC, 2, 1).slice(0, 2)).toEqual([0, 200]);
  expect(call(CHARACTERISTIC, 3, 3).slice(0, 2)).toEqual([0, 2000]);
  expect(call(CHARACTERISTIC, 62, 1).slice(0, 2)).toEqual([0, 200]);
  expect([call(CHARACTERISTIC, 2, 2)[0], call(CHARACTERISTIC, 2, 4)[0], call(CHARACTERISTIC, 0, 1)[0]]).toEqual([
    NO_FEATURE,
    INVALID_PARAM,
    INVALID_PARAM,
  ]);
});

test('a core that suspends itself can change its mind', () => {
  expect(call(ABORT, 100, 2)[0]).toBe(2000);
  expect(call(SUSPEND, 2, 100, 0)[0]).toBe(INVALID_PARAM);
  expect(call(SUSPEND, 2, 10_000, 0)[0]).toBe(0);
  expect(status(2)[0]).toBe(3);
  expect([call(ABORT, 99, 2)[0], call(ABORT, 100, 6)[0]]).toEqual([INVALID_PARAM, INVALID_NODE]);
  expect([call(ABORT, 103, 2)[0], status(2)[0]]).toEqual([0, 1]);
});

test('what wakes, and who can be woken, suspended and forced down', () => {
  expect(call(WAKEUP_SOURCE, 1, UART1, 1)[0]).toBe(0);
  expect(call(WAKEUP_SOURCE, 2, UART1, 2)[0]).toBe(INVALID_PARAM);
  expect([7, 1].map((target) => call(WAKEUP_SOURCE, target, 2, 1)[0])).toEqual([INVALID_PARAM, INVALID_PARAM]);
  expect([GDMA, SPI0].map((node) => call(WAKEUP_SOURCE, 1, node, 1)[0])).toEqual([NO_FEATURE, NO_ACCESS]);

  expect(call(WAKE, 7, 0, 0, blocking)[0]).toBe(INVALID_PARAM);
  expect([call(WAKE, 7, 1, 0, blocking)[0], status(7)[0]]).toEqual([0, 1]);
  expect(call(FORCE_DOWN, 7, blocking)[0]).toBe(0);
  expect(status(7)[0]).toBe(0);
  // A core would start in EL3, where only firmware is.
  expect([call(WAKE, 3, 0x8_0001, 0, blocking)[0], call(WAKE, 2, 0, 0, blocking)[0]]).toEqual([NO_ACCESS, 0]);
  expect(call(WAKE, UART1, 1, 0, blocking)[0]).toBe(INVALID_NODE);

  expect([1, 2, 10, 62].map((node) => call(FORCE_DOWN, node, blocking)[0])).toEqual(new Array(4).fill(NO_ACCESS));
  expect([UART1, 50, 0].map((node) => call(FORCE_DOWN, node, blocking)[0])).toEqual(new Array(3).fill(INVALID_PARAM));
  expect([call(FORCE_DOWN, 6, blocking)[0], status(6)[0]]).toEqual([0, 0]);

  expect(call(SUSPEND_OTHER, 7, blocking)[0]).toBe(INVALID_PARAM);
  expect(call(SUSPEND_OTHER, 7, later)[0]).toBe(0);
  expect(call(CALLBACK).slice(0, 4)).toEqual([31, 7, 1, 0]);
});

test('every slave has a lowest state without capabilities, or never changes', () => {
  for (const { id, kind, states } of nodes.values())
    if (kind === 'slave') expect([id, states.length === 1 || states[0] === 0]).toEqual([id, true]);
});
