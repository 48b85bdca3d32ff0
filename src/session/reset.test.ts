import { describe, expect, test } from 'vitest';
import { assemble } from '../a64/assembler/assemble.ts';
import type { Result } from '../base/result.ts';
import type { BootRequest } from './api/boot.ts';
import { journalFromJson, journalToJson } from './journal/json.ts';
import { Session } from './session.ts';

const entry = 0x8_0000n;
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

/** An arm64 Image of a source; its code begins 64 bytes after the header. */
function imageOf(source: string): Uint8Array {
  const code = assemble(source, { origin: entry + 64n });
  if (!code.ok) throw new Error(JSON.stringify(code.error));
  const bytes = new Uint8Array(64 + code.value.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x1400_0010, true); // b . + 64
  view.setBigUint64(8, entry, true);
  view.setBigUint64(16, 0x1000n, true);
  bytes.set([0x41, 0x52, 0x4d, 0x64], 56);
  bytes.set(code.value.bytes, 64);
  return bytes;
}

const requestOf = (source: string, onReset?: 'restart' | 'end'): BootRequest => ({
  kernel: { name: 'reset.img', bytes: imageOf(source) },
  machine: { cpus: 1, memoryMiB: 16, el: 2, onReset },
});

/** Asks the firmware for a function without arguments. */
const psci = (number: number) => `movz x0, #${number}\n movk x0, #0x8400, lsl #16\n smc #0\n`;
const systemOff = psci(8);
const systemReset = psci(9);

/**
 * Counts its starts in a persistent word, prints the number, and changes the digit in its own image and a word beside it.
 * After `starts` of them it turns the board off; otherwise it does `then`.
 */
const counting = (starts: number, then: string) => `
  movz x1, #0xffd8, lsl #16
  movz x2, #0xff00, lsl #16
  ldr  w3, [x1, #0x50]
  adr  x4, digit
  ldr  w5, [x4]
  add  w6, w5, w3
  str  w6, [x2, #0x30]
  mov  w5, #0x58
  str  w5, [x4]
  add  w3, w3, #1
  str  w3, [x1, #0x50]
  movz x4, #0x20, lsl #16
  ldr  w6, [x4]
  add  w6, w6, #1
  str  w6, [x4]
  cmp  w3, #${starts}
  b.ne again
  add  w6, w6, #0x30
  str  w6, [x2, #0x30]
  ${systemOff}
again:
  ${then}
  b    .
digit:
  .word 0x30
`;

function boot(request: BootRequest): Session {
  let wall = 0;
  const session = new Session(() => wall++);
  value(session.boot(request));
  return session;
}

/** Runs until the machine pauses or ends by itself. */
function go(session: Session): Session {
  value(session.run());
  while (session.advance(1000) !== null);
  return session;
}

const shown = (session: Session) => new TextDecoder().decode(session.console('serial', 0, 1e6).bytes);
const logOf = (session: Session) => session.log(0, 1000).entries.map(({ source, text }) => `${source}: ${text}`);

describe('a reset', () => {
  test('loads and enters the same kernel again; the console goes on, and so does other memory', () => {
    const session = go(boot(requestOf(counting(3, systemReset))));
    // The image is new each time; the word at 2 MiB counts.
    expect(shown(session)).toBe('0123');
    const status = session.status();
    expect(status).toMatchObject({
      state: 'ended',
      end: 'power-off',
      resets: { count: 2, last: { cause: 'software' } },
    });
    expect(status.resets.last?.virtualNs).toBeGreaterThan(0);
    expect(status.virtualNs).toBeGreaterThanOrEqual(status.resets.last?.virtualNs ?? 0);
    expect(logOf(session).slice(2)).toEqual([
      'psci: core 0 resets the system',
      'board: software has reset the system (reset 1): it has started again',
      'psci: core 0 resets the system',
      'board: software has reset the system (reset 2): it has started again',
      'psci: core 0 turns the system off',
    ]);
  });

  test.each([
    ['RESET_CTRL', 'movz x0, #0xff5e, lsl #16\n mov w1, #0x10\n str w1, [x0, #0x218]', 'software'],
    ['GLOBAL_RESET', 'movz x0, #0xffd8, lsl #16\n mov w1, #0x400\n str w1, [x0, #0x608]', 'psOnly'],
    [
      'a watchdog while the core waits',
      `movz x0, #0xfd4d, lsl #16
       movz w1, #0x92, lsl #16
       str w1, [x0, #4]
       movz w1, #0xc003
       movk w1, #0xab, lsl #16
       str w1, [x0]
       wfi`,
      'error',
    ],
    [
      'SYSTEM_SHUTDOWN of the subsystem',
      'movz x0, #12\n movk x0, #0xc200, lsl #16\n movz x1, #1\n smc #0',
      'subsystem',
    ],
    [
      'SYSTEM_RESET with the scope set before',
      `movz x0, #12\n movk x0, #0xc200, lsl #16\n movz x1, #2\n movk x1, #1, lsl #32\n smc #0\n ${systemReset}`,
      'psOnly',
    ],
  ])('by %s', (_, source, cause) => {
    const session = go(boot(requestOf(counting(2, source))));
    expect(shown(session)).toBe('012');
    expect(session.status()).toMatchObject({ end: 'power-off', resets: { count: 1, last: { cause } } });
  });

  test('ends the run if the user wants that', () => {
    const session = go(boot(requestOf(counting(3, systemReset), 'end')));
    expect(shown(session)).toBe('0');
    expect(session.status()).toMatchObject({ state: 'ended', end: 'reset', resets: { count: 0, last: null } });
    value(session.reset());
    expect(session.status()).toMatchObject({ state: 'running', end: null, virtualNs: 0 });
  });

  test('again and again without getting anywhere ends the run', () => {
    const session = go(boot(requestOf(systemReset)));
    expect(session.status()).toMatchObject({ state: 'ended', end: 'reset-loop', resets: { count: 99 } });
    expect(logOf(session).at(-1)).toBe('board: 100 resets within 1 s: it is not started again');
  });

  test('by the user is power-on: nothing survives it', () => {
    const session = go(boot(requestOf(counting(3, systemReset))));
    value(session.reset());
    expect(session.status().resets).toEqual({ count: 0, last: null });
    go(session);
    expect(shown(session)).toBe('0123');
  });
});

/** Waits for a key before each reset. */
const keyed = counting(4, `wait: ldr w5, [x2, #0x2c]\n tbnz w5, #1, wait\n ldr w5, [x2, #0x30]\n ${systemReset}`);

test('a journal with resets plays again to the same state', () => {
  const session = boot(requestOf(keyed));
  value(session.run());
  const hashes: string[] = [];
  for (const key of 'abc') {
    for (let slice = 0; slice < 6; slice++) session.advance(0);
    session.input('serial', new TextEncoder().encode(key));
    for (let slice = 0; slice < 6; slice++) session.advance(0);
    hashes.push(session.stateHash());
  }
  expect(shown(session)).toBe('01234');
  expect(new Set(hashes).size).toBe(3);
  const journal = value(journalFromJson(JSON.parse(JSON.stringify(journalToJson(value(session.journal()))))));
  let wall = 0;
  const again = new Session(() => wall++);
  value(again.replay(journal));
  go(again);
  expect([shown(again), again.stateHash(), again.status().resets]).toEqual([
    shown(session),
    session.stateHash(),
    session.status().resets,
  ]);
});

describe('the debugger', () => {
  const pc = (session: Session) => value(session.inspect(0)).registers().pc;

  test('stops at a breakpoint of the first instruction after each reset', () => {
    const session = boot(requestOf(counting(3, systemReset)));
    value(session.setStopPoints([{ kind: 'breakpoint', id: 7, address: entry, el: null }]));
    for (const text of ['', '0', '01']) {
      go(session);
      expect([session.state, shown(session), session.status().stop]).toEqual([
        'paused',
        text,
        { kind: 'breakpoint', core: 0, pc: entry, id: 7 },
      ]);
    }
    expect(session.status().resets.count).toBe(2);
    go(session);
    expect(session.end).toBe('power-off');
    expect(session.stateHash()).toBe(go(boot(requestOf(counting(3, systemReset)))).stateHash());
  });

  test('a step over the call that resets ends at the first instruction, and the run is the same as without', () => {
    const source = counting(2, systemReset);
    const session = boot(requestOf(source));
    const call = BigInt(imageOf(source).length - 12) + entry;
    value(session.setStopPoints([{ kind: 'breakpoint', id: 0, address: call, el: null }]));
    go(session);
    expect(pc(session)).toBe(call);
    value(session.step(0, 1));
    expect([session.state, pc(session), session.status().stop, session.status().resets.count]).toEqual([
      'paused',
      entry,
      { kind: 'step', core: 0, pc: entry },
      1,
    ]);
    value(session.step(0, 1));
    expect(pc(session)).toBe(entry + 64n);
    go(session);
    expect(session.stateHash()).toBe(go(boot(requestOf(source))).stateHash());
  });
});
