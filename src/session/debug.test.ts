import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { Result } from '../base/result.ts';
import type { StopPoint } from './api/debug.ts';
import type { Inspection } from './inspection.ts';
import { Session } from './session.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 60_000 });

const file = (name: string) => new Uint8Array(readFileSync(new URL(`../../guests/build/${name}`, import.meta.url)));

/** In guests/primes: functions, and the recursive call in uart_print_number. */
const main = 0x8_0240n;
const print = 0x8_00a0n;
const printNumber = 0x8_0100n;

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

function boot(name = 'primes.elf', cpus = 1): Session {
  let wall = 0;
  const session = new Session(() => wall++);
  const kernel = { name, bytes: file(name) };
  value(session.boot({ kernel, machine: { cpus, memoryMiB: 16, el: 2 } }));
  return session;
}

const breakAt = (...addresses: bigint[]): StopPoint[] =>
  addresses.map((address, id) => ({ kind: 'breakpoint', id, address, el: null }));

/** Runs until the machine pauses or ends by itself. */
function go(session: Session): Session {
  value(session.run());
  while (session.advance(1000) !== null);
  return session;
}

const look = (session: Session): Inspection => value(session.inspect(0));
const registers = (session: Session) => look(session).registers();
const calls = (session: Session) =>
  look(session)
    .backtrace()
    .frames.map((frame) => frame.symbol?.name);

/** Stops in the body of uart_print_number, three calls deep. */
function deep(): Session {
  const session = boot();
  value(session.setStopPoints(breakAt(printNumber + 0x10n)));
  for (let i = 0; i < 3; i++) go(session);
  return session;
}

/** The recursive call: BL uart_print_number. */
function recursiveCall(session: Session): bigint {
  const { bytes } = look(session).memory({ core: 0, space: 'virtual', el: null, address: printNumber, length: 0x124 });
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) {
    const word = view.getUint32(at, true);
    if (word >>> 26 === 0x25 && at + ((word << 6) >> 4) === 0) return printNumber + BigInt(at);
  }
  throw new Error('uart_print_number does not call itself');
}

describe('breakpoints', () => {
  test('pause the machine, and say so until it runs', () => {
    const session = boot();
    expect(session.status().stop).toBeNull();
    value(session.setStopPoints(breakAt(main, print)));
    go(session);
    expect(session.status()).toMatchObject({ state: 'paused', stop: { kind: 'breakpoint', core: 0, pc: main, id: 0 } });
    go(session);
    expect(session.status().stop).toMatchObject({ pc: print, id: 1 });
    expect(session.virtualNs).toBeGreaterThan(0);
    value(session.setStopPoints([]));
    value(session.run());
    expect(session.status().stop).toBeNull();
    session.pause();
    expect(session.status()).toMatchObject({ state: 'paused', stop: null });
  });

  test('stay through a reset, and go with another kernel', () => {
    const session = boot();
    value(session.setStopPoints(breakAt(main)));
    go(session);
    value(session.reset());
    go(session);
    expect(session.status().stop).toMatchObject({ pc: main });
    value(
      session.boot({ kernel: { name: 'p', bytes: file('primes.img') }, machine: { cpus: 1, memoryMiB: 16, el: 2 } }),
    );
    go(session);
    expect(session.status().state).toBe('ended');
  });

  test('need a machine, and the address of an instruction', () => {
    expect(new Session(() => 0).setStopPoints([]).ok).toBe(false);
    expect(boot().setStopPoints(breakAt(main + 2n))).toEqual({
      ok: false,
      error: 'There is no instruction at 0x80242: it is no multiple of 4.',
    });
  });
});

test('a run that was stopped often ends in the same state as one that was not', () => {
  const end = (session: Session) => [session.stateHash(), session.virtualNs, session.status().instructions];
  const plain = end(go(boot()));
  const session = boot();
  // Each number printed, the flag of each multiple of 997, and the character FIFO.
  const points: StopPoint[] = [
    ...breakAt(printNumber),
    { kind: 'watchpoint', id: 9, address: 0x8_4370n + 997n * 997n, length: 1, access: 'write' },
    { kind: 'watchpoint', id: 10, address: 0xff00_0030n, length: 4, access: 'any' },
  ];
  value(session.setStopPoints(points));
  const stops = new Map<string, number>();
  for (go(session); session.state === 'paused'; go(session)) {
    const { stop } = session.status();
    stops.set(`${stop?.kind}`, (stops.get(`${stop?.kind}`) ?? 0) + 1);
    if (stop?.kind === 'breakpoint') {
      value(session.step(0, 3));
      value(session.stepOut(0));
      while (session.advance(1000) !== null);
    }
  }
  expect(stops.get('breakpoint')).toBeGreaterThan(3);
  expect(stops.get('watchpoint')).toBeGreaterThan(50);
  expect(end(session)).toEqual(plain);
});

test('what is typed at a stop enters at the end of the slice', () => {
  const typed = new TextEncoder().encode('ab');
  const finish = (session: Session): string => {
    value(session.run());
    while (session.virtualNs < 2e6) session.advance(0);
    return session.stateHash();
  };
  // The guest counts its primes meanwhile; what is typed waits in the receiver.
  const plain = boot();
  value(plain.run());
  for (let slice = 0; slice < 20; slice++) plain.advance(0);
  const time = plain.virtualNs;
  plain.input('serial', typed);
  const expected = finish(plain);

  const session = boot();
  value(session.run());
  for (let slice = 0; slice < 19; slice++) session.advance(0);
  session.pause();
  value(session.step(0, 12_345));
  expect(session.virtualNs).toBeLessThan(time);
  expect(session.input('serial', typed)).toBe(2);
  value(session.step(0, 1));
  expect(finish(session)).toBe(expected);
  expect(expected).not.toBe(finish(boot()));
});

describe('steps', () => {
  test('out of a recursive function go to its caller, not to what it calls', () => {
    const session = deep();
    const frames = look(session).backtrace().frames;
    value(session.setStopPoints([]));
    for (const depth of [1, 2, 3]) {
      value(session.stepOut(0));
      while (session.advance(1000) !== null);
      expect(session.status().stop).toEqual({ kind: 'step', core: 0, pc: frames[depth]?.address });
      expect(look(session).backtrace().frames).toEqual(frames.slice(depth));
    }
    expect(calls(session)[0]).toBe('main');
  });

  test('out of a function from its first instruction, and from a leaf', () => {
    const session = boot();
    for (const start of [printNumber, print]) {
      value(session.reset());
      value(session.setStopPoints(breakAt(start)));
      go(session);
      const { x, sp } = registers(session);
      value(session.setStopPoints([]));
      value(session.stepOut(0));
      while (session.advance(1000) !== null);
      expect(registers(session)).toMatchObject({ pc: x[30], sp });
    }
  });

  test('over a recursive call stop behind it at the same depth', () => {
    const session = boot();
    const call = recursiveCall(session);
    value(session.setStopPoints(breakAt(call)));
    go(session);
    const before = registers(session);
    const { length } = session.console('serial', 0, 1000).bytes;
    // The calls below come to the same two addresses.
    value(session.setStopPoints([]));
    value(session.stepOver(0));
    while (session.advance(1000) !== null);
    expect(registers(session)).toMatchObject({ pc: call + 4n, sp: before.sp });
    expect(registers(session).x[29]).toBe(before.x[29]);
    expect(session.console('serial', 0, 1000).bytes.length).toBeGreaterThan(length);
  });

  test('over anything else are steps of one instruction', () => {
    const session = boot();
    value(session.stepOver(0));
    expect(session.status()).toMatchObject({ state: 'paused', instructions: 1, stop: { kind: 'step' } });
  });

  test('end at a breakpoint, or by a pause', () => {
    const session = boot();
    const call = recursiveCall(session);
    value(session.setStopPoints(breakAt(call, printNumber)));
    go(session);
    go(session);
    value(session.stepOver(0));
    while (session.advance(1000) !== null);
    expect(session.status().stop).toEqual({ kind: 'breakpoint', core: 0, pc: printNumber, id: 1 });
    value(session.setStopPoints([]));
    value(session.stepOut(0));
    session.pause();
    go(session);
    expect(session.status().state).toBe('ended');
  });

  test('out of what nobody called are refused, as are steps of a running machine', () => {
    const session = boot();
    expect(session.stepOut(0)).toEqual({ ok: false, error: 'Nothing shows where core 0 is to return to.' });
    expect(session.stepOver(1)).toEqual({ ok: false, error: 'There is no core 1.' });
    value(session.run());
    for (const refused of [session.stepOver(0), session.stepOut(0), session.step(0, 1)]) expect(refused.ok).toBe(false);
  });
});

describe('looking', () => {
  test('back-traces have the names of the functions', () => {
    const session = deep();
    const { frames, end } = look(session).backtrace();
    expect(end).toBe('outermost');
    expect(frames.map((frame) => frame.symbol?.name)).toEqual([
      'uart_print_number',
      'uart_print_number',
      'uart_print_number',
      'main',
      'start',
    ]);
    expect(frames[0]).toEqual({
      address: printNumber + 0x10n,
      symbol: { name: 'uart_print_number', address: printNumber, offset: 0x10 },
    });
    expect(frames[1]?.address).toBe(recursiveCall(session) + 4n);
    expect(frames[1]?.symbol?.offset).toBe(Number(recursiveCall(session) + 4n - printNumber));
  });

  test('a leaf without a frame has its caller in X30', () => {
    const session = boot();
    value(session.setStopPoints(breakAt(print + 0x20n)));
    expect(calls(go(session))).toEqual(['uart_print', 'main', 'start']);
  });

  test('a kernel without symbols has frames without names', () => {
    const session = boot('primes.img');
    value(session.setStopPoints(breakAt(printNumber + 0x10n)));
    expect(calls(go(session))).toEqual([undefined, undefined, undefined]);
  });

  test('a stack pointer and frame pointer to nowhere end the trace', () => {
    // mov x29, #-16; mov sp, x29; b .
    const words = [0x9280_01fd, 0x9100_03bf, 0x1400_0000];
    const bytes = new Uint8Array(64 + 4 * words.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x1400_0010, true);
    view.setBigUint64(8, 0x8_0000n, true);
    view.setBigUint64(16, 4096n, true);
    view.setUint32(56, 0x644d_5241, true);
    for (const [i, word] of words.entries()) view.setUint32(64 + 4 * i, word, true);
    const session = new Session(() => 0);
    value(session.boot({ kernel: { name: 'k', bytes }, machine: { cpus: 1, memoryMiB: 16, el: 1 } }));
    value(session.step(0, 10));
    expect(look(session).backtrace()).toMatchObject({ frames: { length: 1 }, end: 'unreadable' });
    expect(session.stepOut(0).ok).toBe(false);
  });

  test('memory by virtual, intermediate physical and physical address', () => {
    const session = boot();
    const part = file('primes.elf');
    const read = (space: 'virtual' | 'ipa' | 'physical', address: bigint, length: number, el: 1 | 2 | null = null) =>
      look(session).memory({ core: 0, space, el, address, length });
    const view = new DataView(part.buffer);
    const offset = Number(view.getBigUint64(Number(view.getBigUint64(32, true)) + 8, true));
    const image = part.subarray(offset, offset + 0x300);
    for (const space of ['virtual', 'ipa', 'physical'] as const)
      expect(read(space, 0x8_0000n, 0x300)).toEqual({ address: 0x8_0000n, bytes: image });
    expect(read('virtual', 0x8_0000n, 0x300, 1).bytes).toEqual(image);
    // The end of DRAM, what is no RAM, and no address at all.
    expect(read('physical', 0xff_fff0n, 64).bytes).toHaveLength(16);
    for (const address of [0xff00_0000n, 2n ** 40n, 2n ** 64n - 8n])
      for (const space of ['virtual', 'ipa', 'physical'] as const)
        expect(read(space, address, 16).bytes).toHaveLength(0);
  });

  test('translations, here without tables', () => {
    const translation = look(boot()).translation({ core: 0, el: null, address: main, access: 'execute' });
    expect(translation).toMatchObject({ steps: [], result: { ok: true, pa: Number(main), executable: true } });
  });

  test('registers, general and system', () => {
    const session = deep();
    const { v, stackPointers, sp, pstateFields, fpcr, fpsr, instruction } = registers(session);
    expect([v.length, fpcr, fpsr, instruction]).toEqual([32, 0, 0, 0xf100_241f]);
    expect(stackPointers[2]).toBe(sp);
    expect(pstateFields).toMatchObject({ el: 2, sp: 2, i: true });
    const system = look(session).systemRegisters();
    expect(new Set(system.map(({ name }) => name)).size).toBe(system.length);
    const names = ['SCTLR_EL1', 'TTBR1_EL1', 'HCR_EL2', 'VTTBR_EL2', 'CNTVCT_EL0', 'TPIDR_EL0', 'FPCR', 'MIDR_EL1'];
    expect(system.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });

  test('changes nothing', () => {
    const session = deep();
    const before = session.stateHash();
    const core = look(session);
    core.registers();
    core.systemRegisters();
    core.backtrace();
    core.memory({ core: 0, space: 'virtual', el: 1, address: 0n, length: 65536 });
    core.translation({ core: 0, el: 0, address: 0x1234n, access: 'write' });
    expect(session.stateHash()).toBe(before);
  });
});
