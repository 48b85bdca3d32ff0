import { describe, expect, test } from 'vitest';
import { Events } from '../base/events.ts';
import { cycles, physAddr } from '../base/units.ts';
import type { TranslationPolicy } from '../engine/translator/translator.ts';
import { Cluster } from './cluster.ts';

const code = 0x8_0000;

/** A cluster with a program at 0x80000, whose firmware turns off the core that makes an SMC or HVC. */
function start(cores: number, program: readonly number[], translation: Partial<TranslationPolicy> = {}): Cluster {
  const cluster = new Cluster({
    cores,
    ram: [{ base: physAddr(0), size: 0x20_0000 }],
    bus: { read: () => null, write: () => false },
    events: new Events(),
    clockHz: 1_200_000_000,
    translation,
  });
  const words = new Uint32Array(program);
  cluster.ramView(physAddr(code), words.byteLength).set(new Uint8Array(words.buffer));
  cluster.onFirmwareCall = (core) => cluster.turnOff(core);
  for (let core = 0; core < cores; core++) cluster.reset(core, { pc: BigInt(code), el: 1, x0: BigInt(core) });
  return cluster;
}

/** Adds 1 to [x1] with exclusives, x2 times, then stops: x1 = 0x100000, x2 = 20000. */
const counter = [
  0xd2a00201, // mov  x1, #0x100000
  0xd289c402, // mov  x2, #20000
  0xc85f7c23, // ldxr x3, [x1]
  0x91000463, // add  x3, x3, #1
  0xc8047c23, // stxr w4, x3, [x1]
  0x35ffffa4, // cbnz w4, ldxr
  0xf1000442, // subs x2, x2, #1
  0x54ffff61, // b.ne ldxr
  0xd4000003, // smc  #0
];

/** Counts x0 up for ever. */
const spin = [
  0x91000400, // add x0, x0, #1
  0x17ffffff, // b   add
];

describe('a cluster', () => {
  test('one instruction takes one cycle, whether it was interpreted or translated', () => {
    const cluster = start(1, spin);
    for (const until of [1, 2, 1000, 999_999, 1_000_000]) {
      expect(cluster.run(cycles(until))).toEqual({ reason: 'time' });
      expect(cluster.stats().instructions).toBe(until);
      expect(cluster.cores[0]?.x(0)).toBe(BigInt(Math.ceil(until / 2)));
    }
    expect(cluster.stats().translations.regions).toBeGreaterThan(0);
  });

  test('four cores count with exclusives and lose nothing', () => {
    const cluster = start(4, counter);
    expect(cluster.run(cycles(10_000_000))).toEqual({ reason: 'idle' });
    expect(new DataView(cluster.ramView(physAddr(0x10_0000), 8).slice().buffer).getBigUint64(0, true)).toBe(80_000n);
    expect(cluster.stats().cores.map((core) => core.state)).toEqual(['off', 'off', 'off', 'off']);
  });

  test('the same run twice, in whatever steps, ends in the same state', () => {
    const whole = start(2, counter);
    whole.run(cycles(60_000));
    const parts = start(2, counter);
    parts.run(cycles(20_000));
    parts.run(cycles(40_000));
    parts.run(cycles(60_000));
    expect(parts.hash()).toBe(whole.hash());
    const other = start(2, counter);
    other.run(cycles(59_999));
    expect(other.hash()).not.toBe(whole.hash());
  });

  test('code that is translated in many small steps stays in a limited number of modules', () => {
    const moduleLimit = 8;
    const cluster = start(1, spin, { hotThreshold: 2, batchSize: 1, moduleLimit });
    for (let n = 1; n <= 100; n++) {
      // Translated anew each time; what was translated before lives on in its module.
      cluster.ramChanges(physAddr(code), 8);
      cluster.run(cycles(n * 100_000));
    }
    const { modules, evictions } = cluster.stats().translations;
    expect(modules).toBeGreaterThan(50);
    expect(modules - moduleLimit * evictions).toBeLessThanOrEqual(moduleLimit);
  });

  test('stop ends the run before the next instruction', () => {
    const cluster = start(1, [0xd4000003, ...spin]);
    cluster.onFirmwareCall = () => cluster.stop();
    expect(cluster.run(cycles(1000))).toEqual({ reason: 'stopped' });
    expect(cluster.stats().instructions).toBe(1);
  });
});
