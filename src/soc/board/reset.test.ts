import { describe, expect, test } from 'vitest';
import { cycles, physAddr } from '../../base/units.ts';
import type { ResetCause } from '../bus/reset-cause.ts';
import { devicePlaces } from './map.ts';
import { clockHz, ZynqMp } from './zynqmp.ts';

const causes: readonly ResetCause[] = ['software', 'psOnly', 'error', 'subsystem'];
const RESET_CTRL = 0xff5e_0218;
const RESET_REASON = 0xff5e_0220;
const BOOT_MODE_USER = 0xff5e_0200;
const GLOBAL_RESET = 0xffd8_0608;
const GGS = 0xffd8_0030;
const PGGS = 0xffd8_0050;
const MULTI_BOOT = 0xffca_0010;
const RTC = 0xffa6_0000;
const COUNTER = 0xff25_0000;
const RST_FPD_APU = 0xfd1a_0104;
const RST_LPD_IOU0 = 0xff5e_0230;
const RST_LPD_IOU2 = 0xff5e_0238;
const RVBARADDR1L = 0xfd5c_0048;
const APU_CONFIG_0 = 0xfd5c_0020;

function makeBoard(words: readonly number[] = [0x1400_0000]) {
  const ends: string[] = [];
  const board = new ZynqMp({
    cores: 2,
    dramSize: 1 << 20,
    el: 2,
    log: () => {},
    transmit: () => {},
    end: (how) => ends.push(how),
  });
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  const start = () =>
    board.start({
      format: 'Image',
      segments: [{ address: 0x8_0000n, bytes, memorySize: BigInt(bytes.length) }],
      entry: 0x8_0000n,
    });
  start();
  const read = (address: number) => board.bus.read(physAddr(address), 4) ?? -1;
  const write = (address: number, value: number) => void board.bus.write(physAddr(address), 4, value >>> 0);
  const run = (seconds: number) => board.cluster.run(cycles(board.events.now + seconds * clockHz)).reason;
  /** Resets the board and enters the same code again. */
  const again = (cause: ResetCause) => {
    board.reset(cause);
    start();
  };
  return { board, ends, read, write, run, again };
}

describe('which register resets', () => {
  test('RESET_CTRL.soft_reset; its other bit only stays', () => {
    const { ends, read, write } = makeBoard();
    write(RESET_CTRL, 0);
    expect([ends, read(RESET_CTRL)]).toEqual([[], 0]);
    write(RESET_CTRL, 0x10);
    expect(ends).toEqual(['software']);
  });

  test('GLOBAL_RESET.PS_ONLY_RST', () => {
    const { ends, write } = makeBoard();
    write(GLOBAL_RESET, 0x200);
    expect(ends).toEqual([]);
    write(GLOBAL_RESET, 0x400);
    expect(ends).toEqual(['psOnly']);
  });

  test('a watchdog, also while all cores wait', () => {
    const { ends, write, run } = makeBoard([0xd503_207f, 0x17ff_ffff]); // wfi; b . - 4
    for (const base of [0xfd4d_0000, 0xff15_0000]) {
      write(base + 4, 0x92_0000);
      write(base, 0xab_c003);
    }
    expect(run(1)).toBe('stopped');
    expect(ends).toEqual(['error', 'error']);
  });
});

// As U-Boot's commands `cpu 1 release` and `cpu 1 disable` for the ZynqMP do it (arch/arm/mach-zynqmp/mp.c).
describe('RST_FPD_APU', () => {
  const states = (board: ZynqMp) => board.cluster.stats().cores.map(({ state }) => state);
  /** A firmware call with its arguments. */
  const call = (board: ZynqMp, ...args: readonly bigint[]) => {
    const x = [...args];
    board.cluster.onFirmwareCall?.(0, { x: (n) => x[n] ?? 0n, setX: (n, value) => void x.splice(n, 1, value) });
    return x[0];
  };

  test('lets a core go to the address in RVBARADDR, and holds it in reset', () => {
    const { board, read, write, run } = makeBoard();
    expect(read(RST_FPD_APU)).toBe(0x380e);
    write(RVBARADDR1L, 0x8_0000);
    write(RST_FPD_APU, 0x380c);
    expect(states(board)).toEqual(['running', 'off']);
    write(RST_FPD_APU, 0x300c);
    run(0.001);
    expect([states(board), board.cluster.cores[1]?.x(0)]).toEqual([['running', 'running'], 0n]);
    write(RST_FPD_APU, 0x300e);
    run(0.001);
    expect(states(board)).toEqual(['running', 'off']);
    // A core that there is none of, and one that would start in AArch32.
    write(APU_CONFIG_0, 0xd);
    write(RST_FPD_APU, 0);
    expect(states(board)).toEqual(['running', 'off']);
  });

  test('follows PSCI; a core that is held is off, and the firmware lets it go', () => {
    const { board, read, write, run } = makeBoard();
    const on = [0xc400_0003n, 1n, 0x8_0000n, 7n] as const;
    expect([call(board, ...on), read(RST_FPD_APU)]).toEqual([0n, 0x300c]);
    write(RST_FPD_APU, 0x300e);
    run(0.001);
    expect([call(board, 0xc400_0004n, 1n), call(board, ...on), read(RST_FPD_APU)]).toEqual([1n, 0n, 0x300c]);
    run(0.001);
    // The platform management's line of the core does the same.
    expect(call(board, 0xc200_0011n, 1024n | (1n << 32n))).toBe(0n);
    expect(read(RST_FPD_APU)).toBe(0x300e);
    run(0.001);
    expect(states(board)).toEqual(['running', 'off']);
  });

  test('stops the core that asserts its own line, or that of the cluster', () => {
    for (const line of [1, 0x100]) {
      const { board, write, run } = makeBoard();
      write(RST_FPD_APU, 0x380e | line);
      run(0.001);
      expect(states(board)).toEqual(['off', 'off']);
    }
  });
});

describe('a device by its line', () => {
  test('loses its state when the line is asserted, and what was written until it is released', () => {
    const { read, write } = makeBoard();
    const mode = 0xff01_0004;
    write(mode, 0x20);
    write(RST_LPD_IOU2, 0x1_00bc);
    expect(read(mode)).toBe(0);
    write(mode, 0x20);
    write(RST_LPD_IOU2, 0x1_00b8);
    expect(read(mode)).toBe(0);
    // Other lines of the register do nothing to it.
    write(mode, 0x20);
    write(RST_LPD_IOU2, 0x1_00ba);
    expect(read(mode)).toBe(0x20);
  });

  test('what is connected to it goes on: the link of GEM3', () => {
    const { read, write, run } = makeBoard();
    const gem3 = 0xff0e_0000;
    const linkUp = () => {
      for (const _ of [0, 1]) write(gem3 + 0x34, 0x6000_0000 | (12 << 23) | (1 << 18) | (2 << 16));
      return (read(gem3 + 0x34) >> 2) & 1;
    };
    run(1.6);
    write(gem3 + 4, 0x123);
    write(RST_LPD_IOU0, 0xf);
    write(RST_LPD_IOU0, 7);
    expect([read(gem3 + 4), linkUp()]).toEqual([0x8_0000, 1]);
  });
});

describe('RESET_REASON', () => {
  test.each<[ResetCause, number]>([
    ['software', 0x21],
    ['error', 0x05],
    // The first stage boot loader clears its bit.
    ['psOnly', 0x01],
    ['subsystem', 0x01],
  ])('after %s', (cause, value) => {
    const { read, again } = makeBoard();
    expect(read(RESET_REASON)).toBe(1);
    again(cause);
    expect(read(RESET_REASON)).toBe(value);
  });

  test('adds up until ones are written to it', () => {
    const { read, write, again } = makeBoard();
    write(RESET_REASON, 1);
    expect(read(RESET_REASON)).toBe(0);
    again('software');
    again('error');
    expect(read(RESET_REASON)).toBe(0x24);
    write(RESET_REASON, 0);
    expect(read(RESET_REASON)).toBe(0x24);
    write(RESET_REASON, 0x20);
    expect(read(RESET_REASON)).toBe(0x04);
  });
});

describe('what a reset keeps', () => {
  test('persistent words, boot mode, MultiBoot, memory, time of day', () => {
    const { board, read, write, run, again } = makeBoard();
    write(PGGS + 12, 0x1234);
    write(BOOT_MODE_USER, 0x5100);
    write(MULTI_BOOT, 7);
    board.cluster.ramView(physAddr(0x4000), 4).set([1, 2, 3, 4]);
    board.cluster.ramView(physAddr(0xfffc_0000), 4).set([5, 6, 7, 8]);
    write(RTC, 1_000_000);
    run(1.01);
    for (const cause of causes) {
      again(cause);
      run(0.01);
      expect([cause, read(PGGS + 12), read(BOOT_MODE_USER) & 0xff00, read(MULTI_BOOT)]).toEqual([
        cause,
        0x1234,
        0x5100,
        7,
      ]);
      expect([...board.cluster.ramView(physAddr(0x4000), 4)]).toEqual([1, 2, 3, 4]);
      expect([...board.cluster.ramView(physAddr(0xfffc_0000), 4)]).toEqual([5, 6, 7, 8]);
      expect(read(RTC + 0x10)).toBe(1_000_000);
    }
  });

  test.each(causes)('%s: the virtual time; the system counter starts again with the system', (cause) => {
    const { board, read, run, again } = makeBoard();
    run(0.05);
    const before = board.events.now;
    again(cause);
    run(0.01);
    expect(board.events.now).toBeCloseTo(before + 0.01 * clockHz, -1);
    expect(read(COUNTER) / 1e8).toBeCloseTo(cause === 'subsystem' ? 0.06 : 0.01, 6);
    expect(read(COUNTER)).toBe(board.cluster.system.timers.countAt(board.events.now));
  });

  test('general words are cleared with the system, and kept where only the processors restart', () => {
    const { read, write, again } = makeBoard();
    write(GGS, 5);
    again('subsystem');
    expect(read(GGS)).toBe(5);
    again('software');
    expect(read(GGS)).toBe(0);
  });

  test('a button that is held stays held', () => {
    const { board, read, again } = makeBoard();
    board.setButton(true);
    again('software');
    expect(read(0xff0a_0060) & (1 << 22)).toBe(1 << 22);
  });
});

test.each(causes)('after %s, whatever was written before, devices are as at power-on but for that', (cause) => {
  const fresh = makeBoard().board.deviceStates();
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const shared =
    /^(crfApb|fpdSlcr|iouSlcr|rpu|ddrc|ams|afiFm.|fpdAfi|lpdAfi|csuSwdt|lpdSwdt|ipiMessages|systemCounter.*)$/;
  for (let round = 0; round < 10; round++) {
    const { board, write, run, again } = makeBoard();
    for (let i = 0; i < 3000; i++) {
      const { base, size } = devicePlaces[random(devicePlaces.length)] ?? { base: physAddr(0), size: 4 };
      write(base + 4 * random(Math.min(size, 0x400) / 4), random(2) ? 1 << random(32) : random(2 ** 32));
      if (i % 500 === 0) run(0.01);
    }
    again(cause);
    for (const [name, state] of Object.entries(board.deviceStates())) {
      if (/^(crlApb|csu|pmuGlobal|rtc)$/.test(name) || (cause === 'subsystem' && shared.test(name))) continue;
      expect({ [name]: state }).toEqual({ [name]: fresh[name] });
    }
    if (cause !== 'subsystem') expect(board.events.next()).toBeUndefined();
    expect(board.cluster.stats().cores.map(({ state }) => state)).toEqual(['running', 'off']);
  }
});

test('a core that was powered down or had a timer running is off and silent after the reset', () => {
  const { board, run, again } = makeBoard([
    0xd53b_e042, // mrs  x2, cntvct_el0
    0x9100_4042, // add  x2, x2, #16
    0xd51b_e342, // msr  cntv_cval_el0, x2
    0xd280_0021, // mov  x1, #1
    0xd51b_e321, // msr  cntv_ctl_el0, x1
    0x1400_0000, // b    .
  ]);
  run(0.001);
  board.reset('software');
  expect(board.events.next()).toBeUndefined();
  expect(board.cluster.stats().cores.map(({ state }) => state)).toEqual(['off', 'off']);
  again('software');
  run(0.001);
  expect(board.cluster.cores[0]?.x(2)).toBeLessThan(100n);
});
