import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { crfApb, crlApb, iouSlcr, pinCount } from '../devices/system/control-registers.ts';
import { FirmwareBench } from './firmware-testing.ts';
import { clocks, firstExternal } from './parts/clock-table.ts';
import { pinFunctions } from './parts/pin-table.ts';

const SUCCESS = 0;
/** A wrong argument, by Trusted Firmware-A and by the PMU firmware. */
const ARGUMENTS = 1;
const INVALID_PARAM = 15;
const NOT_SUPPORTED = 4;
const NO_FEATURE = 19;
const NO_ACCESS = 2002;
const QUERY_DATA = 35;

let bench: FirmwareBench;
let blocks: FirmwareBench['blocks'];
beforeEach(() => {
  bench = new FirmwareBench();
  blocks = bench.blocks;
});
const smc = (...values: bigint[]) => bench.smc(...values);
const call = (api: number, ...args: number[]) => bench.call(api, ...args);
const query = (...args: number[]) => call(QUERY_DATA, ...args);
const text = (words: number[]) =>
  new TextDecoder().decode(Uint32Array.from(words.slice(0, 4)).buffer).replace(/\0+$/, '');

describe('calls', () => {
  test('only SiP service calls are served', () => {
    expect(smc(0x8400_0000n)).toBeNull();
    expect(smc(0x8000_0000n)).toBeNull();
    expect(smc(0xc200_0001n)).not.toBeNull();
    expect(smc(0xc301_0001n)).toBeNull();
  });

  test('versions and identity', () => {
    expect(call(1).slice(0, 2)).toEqual([SUCCESS, 0x1_0001]);
    expect(call(0xa03).slice(0, 2)).toEqual([SUCCESS, 0x1_0000]);
    expect(call(24).slice(0, 3)).toEqual([SUCCESS, 0x2473_8093, 0x2000_0003]);
    expect(smc(0x8200_ff03n)?.slice(0, 2)).toEqual([0n, 1n]);
    expect(smc(0x8200_ff01n)?.[0]).toBe(0x2a1b_9b5cn);
  });

  test('features: version, and the mask of a call with several functions', () => {
    expect(call(63, 63).slice(0, 2)).toEqual([SUCCESS, 2]);
    expect(call(63, 36).slice(0, 2)).toEqual([SUCCESS, 1]);
    expect(call(63, QUERY_DATA).slice(0, 3)).toEqual([SUCCESS, 2, 0x3ffe]);
    expect(call(63, 34).slice(0, 3)).toEqual([SUCCESS, 2, 0x7_ffdf]);
    expect(call(63, 4).slice(0, 3)).toEqual([SUCCESS, 2, 0b1010]);
    for (const unknown of [42, 26, 74]) expect(call(63, unknown)[0]).toBe(NO_FEATURE);
  });

  test('the delay lines of an SD controller', () => {
    const register = (name: 'SD_ITAPDLY' | 'SD_OTAPDLYSEL' | 'SD_DLL_CTRL' | 'IOU_TAPDLY_BYPASS') =>
      blocks.iouSlcr.get(iouSlcr[name][0]);
    expect(call(34, 40, 6, 0)[0]).toBe(SUCCESS); // the second controller's DLL into reset
    expect(register('SD_DLL_CTRL')).toBe(0x8);
    expect(call(34, 40, 7, 0, 0x15)[0]).toBe(SUCCESS);
    expect(call(34, 39, 7, 1, 0x3)[0]).toBe(SUCCESS);
    expect(call(34, 40, 6, 1)[0]).toBe(SUCCESS);
    expect([register('SD_ITAPDLY'), register('SD_OTAPDLYSEL'), register('SD_DLL_CTRL')]).toEqual([0x115_0000, 0x3, 0]);
    expect(call(34, 40, 7, 0, 0)[0]).toBe(SUCCESS);
    expect(register('SD_ITAPDLY')).toBe(0);
    expect([call(34, 41, 6, 0)[0], call(34, 40, 6, 3)[0], call(34, 40, 7, 2, 0)[0]]).toEqual([1, 1, 1]);
    expect([call(34, 0, 4, 2, 1)[0], register('IOU_TAPDLY_BYPASS'), call(34, 0, 4, 3, 1)[0]]).toEqual([SUCCESS, 4, 1]);
  });

  test('unknown calls, queries and IOCTLs fail and are reported once each', () => {
    for (let i = 0; i < 2; i++) {
      expect(call(42, 5)[0]).toBe(NOT_SUPPORTED);
      expect(query(60)[0]).toBe(NOT_SUPPORTED);
      expect(call(34, 0, 60)[0]).toBe(NOT_SUPPORTED);
    }
    expect(bench.messages).toEqual([
      'firmware: platform management call 42 is not supported',
      'firmware: platform management query 60 is not supported',
      'firmware: platform management IOCTL 60 is not supported',
    ]);
  });

  test('registers beyond the answer keep their values', () => {
    expect(smc(0xc200_0001n, 5n, 6n, 7n)?.slice(0, 4)).toEqual([0x1_0001_0000_0000n, 5n, 6n, 7n]);
    expect(smc(0xc200_0018n, 5n, 6n, 7n)?.slice(1, 4)).toEqual([0x2000_0003n, 6n, 7n]);
    expect(smc(0xc200_2000n, 5n)?.slice(0, 2)).toEqual([2n ** 64n - 1n, 5n]);
  });

  test('the mailbox to the PMU opens', () => {
    expect(smc(0x8200_1000n)?.[0]).toBe(0n);
    expect(smc(0x8200_1006n)?.[0]).toBe(0n);
  });

  test('a shutdown ends the machine; setting its scope does not, and a wrong one is not heard of', () => {
    for (const [type, subtype] of [
      [2, 1],
      [3, 0],
      [1, 3],
    ] as const)
      expect(call(12, type, subtype)[0]).toBe(SUCCESS);
    expect(bench.ends).toEqual([]);
    call(12, 0);
    for (const scope of [0, 1, 2]) call(12, 1, scope);
    expect(bench.ends).toEqual(['off', 'subsystem', 'psOnly', 'software']);
  });

  test('the scope that was set last is that of restarts by PSCI', () => {
    expect(bench.eemi.restart).toBe('software');
    for (const [scope, cause] of [
      [0, 'subsystem'],
      [1, 'psOnly'],
      [3, undefined],
    ] as const) {
      call(12, 2, scope);
      expect(bench.eemi.restart).toBe(cause);
    }
    bench.eemi.reset();
    expect(bench.eemi.restart).toBe('software');
  });

  test('general storage', () => {
    expect(call(34, 0, 12, 2, 0xdead_beef)[0]).toBe(SUCCESS);
    expect(call(34, 0, 13, 2).slice(0, 2)).toEqual([SUCCESS, 0xdead_beef]);
    expect(bench.registers.read(0xffd8_0038)).toBe(0xdead_beef);
    expect(call(34, 0, 15, 2).slice(0, 2)).toEqual([SUCCESS, 0]);
    expect(call(34, 0, 12, 4, 1)[0]).toBe(ARGUMENTS);
  });

  test('no arguments break the firmware', () => {
    const word = fc.oneof(fc.nat(120), fc.integer({ min: 0, max: 0xffff_ffff }));
    const api = fc.oneof(fc.nat(80), fc.integer({ min: 0xa00, max: 0xa05 }), fc.nat(0xffff));
    fc.assert(
      fc.property(api, fc.array(word, { maxLength: 6 }), (number, args) => {
        const answer = call(number, ...args);
        expect(answer.every((value) => value >= 0 && value <= 0xffff_ffff)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('clocks', () => {
  const uart0 = 56;

  test('UART0: name, attributes, nodes and parents', () => {
    expect(query(12)[1]).toBe(207);
    expect(text(query(1, uart0))).toBe('uart0_ref');
    expect(query(5, uart0)[1]).toBe(1);
    // A multiplexer, two dividers that count from 1, and a gate: the words that Linux decodes.
    expect(query(2, uart0, 0).slice(0, 4)).toEqual([SUCCESS, 0xa001, 0x0500_a004, 0x0500_a405]);
    expect(query(2, uart0, 3).slice(0, 4)).toEqual([SUCCESS, 0x2506, 0, 0]);
    expect(query(4, uart0, 0).slice(0, 4)).toEqual([SUCCESS, 0, 0xffff_fffe, 1]);
    expect(query(4, uart0, 3).slice(0, 3)).toEqual([SUCCESS, 8, 0xffff_ffff]);
    expect(query(13, uart0, 4).slice(0, 2)).toEqual([SUCCESS, 63]);
  });

  test('external and hidden clocks', () => {
    expect(text(query(1, 113))).toBe('pss_ref_clk');
    expect(text(query(1, 206))).toBe('mio_clk_77');
    expect(text(query(1, 207))).toBe('END_OF_CLK');
    expect(query(5, 113)[1]).toBe(0b101);
    expect(query(2, 113, 0)[0]).toBe(4);
    // The CSU's clock, and a number that no clock has.
    for (const hidden of [40, 39]) {
      expect(text(query(1, hidden))).toBe('');
      expect(query(5, hidden).slice(0, 2)).toEqual([SUCCESS, 0]);
      expect(call(36, hidden)[0]).toBe(ARGUMENTS);
    }
    expect(query(5, 207)[0]).toBe(ARGUMENTS);
  });

  test('every clock ends in the board’s oscillators', () => {
    const isExternal = (parent: number) => parent >>> 16 === 5;
    const reaches = (number: number, depth = 0): boolean =>
      depth < 12 &&
      (clocks[number]?.parents ?? []).some((parent) => isExternal(parent) || reaches(parent & 0xffff, depth + 1));
    for (let number = 0; number < firstExternal; number++) if (clocks[number]) expect(reaches(number)).toBe(true);
  });

  /** Rate in Hz, computed from the firmware's answers as Linux does. */
  function rate(number: number): number {
    const clock = clocks[number];
    if (!clock) return 100e6 / 3;
    const parent = clock.parents[clock.nodes[0]?.type === 1 ? (call(44, number)[1] as number) : 0] as number;
    let hz = parent >>> 16 === 5 ? 100e6 / 3 : rate(parent & 0xffff);
    for (const { type } of clock.nodes) {
      const divider = type === 2 || type === 4 || type === 5 ? (call(40, number)[1] as number) : 0;
      if (type === 2) hz *= divider;
      if (type === 3) hz /= query(3, number)[2] as number;
      if (type === 4) hz /= divider & 0xffff;
      if (type === 5) hz /= divider >>> 16;
    }
    return hz;
  }

  test.each([
    ['the cores', 10, 1.2e9],
    ['UART 0', uart0, 100e6],
    ['UART 1', 57, 100e6],
    ['the low-power bus', 31, 100e6],
    ['SD 1', 55, 187.5e6],
    ['Ethernet 3', 48, 125e6],
  ])('%s runs as the boot loader has set it', (_, number, hz) => {
    expect(rate(number)).toBeCloseTo(hz, -3);
  });

  test('gate, dividers and source are bits of the clock’s register', () => {
    const register = 0x74;
    expect(call(38, uart0).slice(0, 2)).toEqual([SUCCESS, 1]);
    call(37, uart0);
    expect(call(38, uart0)[1]).toBe(0);
    expect(blocks.crlApb.read(register, 4)).toBe(0x1_0f00);
    call(36, uart0);
    expect(call(39, uart0, 0xffff_0005)[0]).toBe(SUCCESS);
    expect(call(40, uart0)[1]).toBe(0x1_0005);
    expect(call(39, uart0, 0x3_ffff)[0]).toBe(SUCCESS);
    expect(call(40, uart0)[1]).toBe(0x3_0005);
    // One divider a call; not by 0, and not by more than its six bits hold.
    expect(call(39, uart0, 0x3_0005)[0]).toBe(ARGUMENTS);
    expect([call(39, uart0, 0xffff_0000)[0], call(39, uart0, 0xffff_0040)[0]]).toEqual([INVALID_PARAM, INVALID_PARAM]);
    expect(call(43, uart0, 2)[0]).toBe(SUCCESS);
    expect(call(44, uart0)[1]).toBe(2);
    for (const none of [1, 4]) expect(call(43, uart0, none)[0]).toBe(INVALID_PARAM);
    expect(blocks.crlApb.read(register, 4)).toBe(0x103_0502);
  });

  test('a PLL: running, multiplier and its fraction', () => {
    const [rpllInt, rpll] = [81, 53];
    expect(call(38, rpllInt)[1]).toBe(1);
    expect(call(40, rpllInt)[1]).toBe(89);
    call(37, rpllInt);
    expect([call(38, rpllInt)[1], call(51, rpll)[1]]).toEqual([0, 0]);
    call(36, rpllInt);
    expect([call(38, rpllInt)[1], call(51, rpll)[1]]).toEqual([1, 1]);
    call(39, rpllInt, 60);
    expect(call(40, rpllInt)[1]).toBe(60);
    // Trusted Firmware-A remembers the mode until it starts the PLL.
    expect(call(34, 0, 9, rpllInt)[1]).toBe(0);
    expect(call(34, 0, 8, rpllInt, 1)[0]).toBe(SUCCESS);
    expect(call(34, 0, 10, rpllInt, 0x1234)[0]).toBe(SUCCESS);
    expect([call(34, 0, 9, rpllInt)[1], call(34, 0, 11, rpllInt)[1]]).toEqual([1, 0x1234]);
    expect(blocks.crlApb.read(0x38, 4)).toBe(0x1234);
    call(36, rpllInt);
    expect([blocks.crlApb.read(0x38, 4), call(51, rpll)[1]]).toEqual([0x8000_1234, 2]);
    expect(call(34, 0, 9, uart0)[0]).toBe(ARGUMENTS);
  });

  test('parameters and modes of PLLs by node: only those of the DisplayPort may be changed', () => {
    const [apll, vpll] = [50, 51];
    const [feedback, data, lockDelay] = [1, 2, 5];
    expect(call(49, apll, feedback).slice(0, 2)).toEqual([SUCCESS, 72]);
    expect(call(49, apll, lockDelay).slice(0, 2)).toEqual([SUCCESS, 0x7e4b_0c62 >>> 25]);
    expect([call(48, apll, feedback, 60)[0], call(50, apll, 0)[0]]).toEqual([NO_ACCESS, NO_ACCESS]);
    expect([call(48, vpll, feedback, 0x80)[0], call(48, vpll, feedback, 0x7f)[0]]).toEqual([INVALID_PARAM, SUCCESS]);
    for (const wrong of [call(48, 49, 0, 0), call(48, vpll, 10, 0), call(50, vpll, 3), call(51, 55), call(49, 55, 0)])
      expect(wrong[0]).toBe(ARGUMENTS);
    // A PLL in fractional mode needs a fraction.
    call(48, vpll, data, 0);
    blocks.crfApb.change(crfApb.VPLL_FRAC_CFG[0], 0xffff_ffff, 0);
    expect(call(50, vpll, 2)[0]).toBe(13);
    expect([call(50, vpll, 1)[0], call(51, vpll)[1]]).toEqual([SUCCESS, 1]);
    // The source of a PLL's input is a parameter of it.
    expect(call(43, 97, 4)[0]).toBe(SUCCESS);
    expect([call(44, 97)[1], call(49, vpll, 3)[1], call(44, 4)[1]]).toEqual([4, 4, 0]);
    expect(call(43, 4, 1)[0]).toBe(ARGUMENTS);
  });

  test('a clock without a gate has no state, one without a divider divides by nothing', () => {
    expect(call(38, 75)[0]).toBe(NO_FEATURE);
    expect(call(36, 75)[0]).toBe(NO_FEATURE);
    expect(call(40, 75).slice(0, 2)).toEqual([SUCCESS, 0]);
    expect(call(39, 75, 0xffff_0001)[0]).toBe(NO_FEATURE);
    // A clock from outside the chip has nothing to control.
    for (const api of [36, 37, 38, 39, 40, 43, 44]) expect(call(api, 113, 0)[0]).toBe(NOT_SUPPORTED);
  });
});

describe('pins', () => {
  const numberOf = (name: string) => pinFunctions.findIndex((f) => f.name === name);

  test('functions, their groups and the pins’ groups agree', () => {
    expect(query(6)[1]).toBe(pinCount);
    expect(query(7)[1]).toBe(pinFunctions.length);
    const halves = (answer: number[]) => answer.slice(1, 4).flatMap((word) => [word & 0xffff, word >>> 16]);
    const all = (kind: number, number: number) => {
      const groups: number[] = [];
      for (let index = 0; ; index += 6)
        for (const group of halves(query(kind, number, index)))
          if (group === 0xffff) return groups;
          else groups.push(group);
    };
    const uart0 = numberOf('uart0');
    expect(text(query(9, uart0))).toBe('uart0');
    expect(query(8, uart0)[1]).toBe(19);
    const groups = all(10, uart0);
    expect(groups).toHaveLength(19);
    // The stock tree takes group 4, pins 18 and 19.
    expect(all(11, 18)).toContain(groups[4]);
    expect(all(11, 19)).toContain(groups[4]);
    expect(all(11, 20)).not.toContain(groups[4]);
    expect(text(query(9, pinFunctions.length))).toBe('END_OF_FUNCTION');
    expect([query(8, 99)[0], query(10, 99)[0], query(11, 99)[0]]).toEqual([ARGUMENTS, ARGUMENTS, ARGUMENTS]);
  });

  test('a function is a value of the pin’s multiplexer', () => {
    expect(call(30, 18).slice(0, 2)).toEqual([SUCCESS, numberOf('uart0')]);
    // Only who has requested a pin may change it.
    expect(call(31, 18, numberOf('gpio0'))[0]).toBe(NO_ACCESS);
    expect(call(29, 18)[0]).toBe(1);
    expect(call(28, 18)[0]).toBe(SUCCESS);
    expect(call(31, 18, numberOf('gpio0'))[0]).toBe(SUCCESS);
    expect(blocks.iouSlcr.read(4 * 18, 4)).toBe(0);
    expect(call(31, 18, numberOf('ethernet3'))[0]).toBe(INVALID_PARAM);
    expect([call(29, 18)[0], call(33, 18, 0, 1)[0]]).toEqual([SUCCESS, NO_ACCESS]);
    expect([call(28, 77)[0], call(28, 78)[0]]).toEqual([SUCCESS, INVALID_PARAM]);
  });

  test('properties are bits of the bank’s registers', () => {
    call(28, 30);
    // Slew rate, bias, pull direction, Schmitt trigger, drive strength, three-state.
    for (const [parameter, value] of [
      [0, 1],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 2],
      [6, 1],
    ] as const) {
      expect(call(33, 30, parameter, value)[0]).toBe(SUCCESS);
      if (parameter !== 1) expect(call(32, 30, parameter).slice(0, 2)).toEqual([SUCCESS, value]);
    }
    expect(blocks.iouSlcr.read(0x154 + 0x14, 4)).toBe(1 << 4);
    expect(call(32, 30, 5).slice(0, 2)).toEqual([SUCCESS, 1]);
    expect(call(33, 30, 5, 1)[0]).toBe(INVALID_PARAM);
    expect(call(33, 30, 0, 2)[0]).toBe(INVALID_PARAM);
    expect(call(33, 78, 0, 0)[0]).toBe(INVALID_PARAM);
  });
});

describe('resets', () => {
  test('a line is a bit of its register', () => {
    const uart1 = 1035;
    expect(call(18, uart1).slice(0, 2)).toEqual([SUCCESS, 0]);
    call(17, uart1, 1);
    expect(call(18, uart1)[1]).toBe(1);
    expect(blocks.crlApb.read(0x238, 4) & 4).toBe(4);
    call(17, uart1, 0);
    expect(call(18, uart1)[1]).toBe(0);
    call(17, uart1, 1);
    call(17, uart1, 2);
    expect(call(18, uart1)[1]).toBe(0);
    // SATA is bit 1, and DP bit 16, of the full-power domain's register.
    call(17, 1016, 1);
    call(17, 1003, 1);
    expect(blocks.crfApb.read(0x100, 4) & 0x1_0002).toBe(0x1_0002);
  });

  test('lines that a guest may not drive', () => {
    expect(call(17, 1026, 1)[0]).toBe(NO_ACCESS);
    expect([call(17, 1068, 1)[0], call(17, 1071, 1)[0]]).toEqual([NO_ACCESS, NO_ACCESS]);
    for (const wrong of [call(17, 999, 1), call(17, 1000, 3), call(18, 1120), call(18, 999)])
      expect(wrong[0]).toBe(INVALID_PARAM);
  });

  test('every line that may be driven keeps its level, in a register or at an output', () => {
    for (let line = 1000; line < 1120; line++) {
      const refused = line === 1026 || line === 1068 || line === 1071;
      if (refused || line === 1028 || line === 1114) continue;
      const levels = [1, 0, 1, 2].map((action) => [call(17, line, action)[0], call(18, line)[1]]);
      expect([line, ...levels]).toEqual([line, [SUCCESS, 1], [SUCCESS, 0], [SUCCESS, 1], [SUCCESS, 0]]);
    }
    call(17, 1113, 1);
    expect(blocks.crlApb.get(crlApb.RST_LPD_TOP[0]) & 3).toBe(3);
  });

  test('the soft reset and that of the processing system reset the machine', () => {
    call(17, 1028, 0);
    expect(bench.ends).toEqual([]);
    call(17, 1028, 2);
    call(17, 1114, 1);
    expect(bench.ends).toEqual(['software', 'psOnly']);
  });
});
