import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { BootRequest } from './api/boot.ts';
import { Session } from './session.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 60_000 });

const guest = (name: string) => new Uint8Array(readFileSync(new URL(`../../guests/build/${name}`, import.meta.url)));
const machine = { cpus: 1, memoryMiB: 16, el: 2 } as const;
const hello = (name = 'hello.img'): BootRequest => ({ kernel: { name, bytes: guest(name) }, machine });
const bytes = (text: string) => new TextEncoder().encode(text);

/** An arm64 Image: a branch over the rest of the header to these instructions. */
function imageOf(instructions: readonly number[], imageSize = 256): Uint8Array {
  const bytes = new Uint8Array(64 + 4 * instructions.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x1400_0010, true); // b . + 64
  instructions.forEach((word, i) => {
    view.setUint32(64 + 4 * i, word, true);
  });
  view.setBigUint64(8, 0x8_0000n, true);
  view.setBigUint64(16, BigInt(imageSize), true);
  bytes.set([0x41, 0x52, 0x4d, 0x64], 56);
  return bytes;
}
const requestOf = (name: string, ...instructions: number[]): BootRequest => ({
  kernel: { name, bytes: imageOf(instructions) },
  machine,
});
const spin = requestOf('spin.img', 0x1400_0000); // b .

/** A wall clock that moves by `tick` milliseconds each time someone looks. */
function clock(tick: () => number = () => 1) {
  let time = 0;
  return () => {
    time += tick();
    return time;
  };
}

function start(request = hello(), now = clock()): Session {
  const session = new Session(now);
  const booted = session.boot(request);
  if (!booted.ok) throw new Error(booted.error);
  return session;
}

const output = (session: Session) => new TextDecoder().decode(session.console('serial', 0, 1e6).bytes);

/** Runs slices until the serial port has said something, for 100 ms of virtual time at most. */
function runUntil(session: Session, text: string): void {
  while (!output(session).includes(text)) {
    expect(session.virtualNs).toBeLessThan(100e6);
    session.advance(0);
  }
}

describe('a kernel that cannot be loaded', () => {
  test.each<[string, BootRequest, string]>([
    ['empty', { kernel: { name: 'none.img', bytes: new Uint8Array() }, machine }, 'none.img is empty.'],
    [
      'too large for the DRAM',
      { kernel: { name: 'large.img', bytes: imageOf([], 0x100_0000) }, machine },
      'large.img has a segment at 0x80000 to 0x107ffff, outside DRAM (0x0 to 0xffffff).',
    ],
  ])('%s: one sentence, and the machine before stays', (_, request, sentence) => {
    const session = start();
    session.run();
    const refused = session.boot(request);
    expect(refused).toEqual({ ok: false, error: sentence });
    expect(session.status()).toMatchObject({ state: 'running', kernel: 'hello.img' });
  });
});

describe.each(['hello.img', 'hello.elf'])('%s', (name) => {
  test.each([1, 2] as const)('says hello from EL%d, sends keys back and powers off', (el) => {
    const session = start({ ...hello(name), machine: { ...machine, el } });
    session.run();
    runUntil(session, 'q powers off.');
    expect(output(session)).toContain(`Hello from EL${el}.`);
    session.input('serial', bytes('aq'));
    runUntil(session, 'Powering off.');
    expect(output(session)).toContain('\r\na\r\n');
    expect(session.advance(100)).toBeNull();
    expect(session.status()).toMatchObject({ state: 'ended', end: 'power-off', cores: [{ state: 'off' }] });
    expect(session.run().ok).toBe(false);
  });
});

describe('run control', () => {
  test('nothing runs before a boot', () => {
    const session = new Session(clock());
    for (const result of [session.run(), session.reset(), session.step(0, 1), session.inspect(0)])
      expect(result.ok).toBe(false);
    expect(session.advance(10)).toBeNull();
    expect(session.input('serial', bytes('x'))).toBe(0);
    expect(session.status()).toMatchObject({ state: 'empty', kernel: null, virtualNs: 0 });
  });

  test('a machine starts paused; a paused machine stands still and steps by instructions', () => {
    const session = start();
    expect(session.advance(10)).toBeNull();
    const registers = () => {
      const result = session.inspect(0);
      if (!result.ok) throw new Error(result.error);
      return result.value.registers();
    };
    expect(registers()).toMatchObject({
      el: 2,
      pc: 0x8_0000n,
      instruction: new DataView(guest('hello.img').buffer).getUint32(0, true),
      assembly: 'b 0x80040',
    });
    expect(session.step(0, 1).ok).toBe(true);
    const afterBranch = registers().pc;
    expect(afterBranch).not.toBe(0x8_0000n);
    session.step(0, 1);
    expect(registers()).toMatchObject({ pc: afterBranch + 4n });
    expect(registers().x[19]).toBe(0xff00_0000n);
    expect(session.status().instructions).toBe(2);
    expect(session.step(1, 1)).toEqual({ ok: false, error: 'There is no core 1.' });
    session.run();
    expect(session.step(0, 1).ok).toBe(false);
  });

  test('a reset starts again with the same kernel, running if it ran', () => {
    const session = start();
    session.run();
    runUntil(session, 'q powers off.');
    const first = output(session);
    session.reset();
    expect(session.status()).toMatchObject({ state: 'running', virtualNs: 0, consoleEnd: {} });
    runUntil(session, 'q powers off.');
    expect(output(session)).toBe(first);
    session.pause();
    session.reset();
    expect(session.status().state).toBe('paused');
  });

  test('a machine in which nothing can happen waits for input', () => {
    const session = start(requestOf('wfi.img', 0xd503_207f, 0x17ff_ffff)); // wfi; b . - 4
    session.run();
    expect(session.advance(10)).toBeNull();
    expect(session.status()).toMatchObject({ state: 'waiting', cores: [{ state: 'waiting' }] });
    expect(session.input('serial', bytes('x'))).toBe(1);
    expect(session.state).toBe('running');
  });

  test('real time: virtual time waits for the wall clock, and a long stop is not caught up', () => {
    let wall = 0;
    const session = start(spin, () => wall);
    session.setPace('real-time');
    session.run();
    const wait = session.advance(1000);
    expect(wait).toBeGreaterThan(0);
    expect(session.virtualNs).toBeLessThan(1e6);
    wall = 1000;
    let turns = 0;
    for (; session.advance(0) === 0; turns++) expect(turns).toBeLessThan(10_000);
    expect(session.virtualNs / 1e6).toBeGreaterThan(49);
    expect(session.virtualNs / 1e6).toBeLessThan(51);
  });

  test('unlimited: a turn ends when its wall time is over', () => {
    const session = start(spin);
    session.run();
    expect(session.advance(5)).toBe(0);
    expect(session.status().virtualNs).toBe(250_000);
  });
});

test('the same inputs at the same virtual times give the same state, whatever the wall clock does', () => {
  const run = (tick: () => number, budget: number): [string, number, string] => {
    const session = start(hello(), clock(tick));
    session.run();
    while (session.virtualNs < 0.3e6) session.advance(0);
    session.input('serial', bytes('ab'));
    while (session.virtualNs < 1.2e6) session.advance(session.virtualNs < 0.4e6 ? budget : 0);
    return [session.stateHash(), session.status().instructions, output(session)];
  };
  const first = run(() => 1, 0);
  expect(first[2]).toMatch(/ab$/);
  expect(run(() => 3, 10)).toEqual(first);
  let turn = 0;
  expect(run(() => [0, 7, 1][turn++ % 3] ?? 0, 11)).toEqual(first);
});

test('a different input gives a different state', () => {
  const run = (text: string) => {
    const session = start();
    session.run();
    runUntil(session, 'q powers off.');
    session.input('serial', bytes(text));
    runUntil(session, `q powers off.\r\n${text}`);
    return session.stateHash();
  };
  expect(run('a')).not.toBe(run('b'));
});

test('the log names the kernel and where it starts', () => {
  const { entries } = start(hello('hello.elf')).log(0, 10);
  expect(entries[0]).toMatchObject({ index: 0, virtualNs: 0, source: 'loader' });
  expect(entries[0]?.text).toMatch(/^hello\.elf: ELF, \d+ bytes, entry 0x80000$/);
});
