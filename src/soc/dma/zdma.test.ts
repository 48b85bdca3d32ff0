import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DmaAddr } from '../../base/units.ts';
import { testClock } from '../bus/device-testing.ts';
import { adma0, DmaBench, gdma0 } from './dma-testing.ts';
import { ZdmaChannel } from './zdma.ts';
import { Interrupt, State, Zdma } from './zdma-registers.ts';

const gdmaSpi = 124;
const admaSpi = 77;
const list = 1 << 6;
const stop = 2 << 3;
const halt = 1 << 3;
const interrupt = 1 << 2;
const linked = 1 << 1;

test('a copy takes time, then is done and interrupts', () => {
  const bench = new DmaBench();
  const data = bench.fill(0x1003, 10_000);
  bench.write(gdma0 + Zdma.IEN, Interrupt.DMA_DONE);
  bench.copy(gdma0, 0x1003, 0x2_0ff1, 10_000);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.busy);
  // 16 bytes in two cycles.
  bench.pass(1200);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.busy);
  expect(bench.pending(gdmaSpi)).toBe(false);
  bench.pass(100);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.done);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DMA_DONE);
  expect(bench.read(gdma0 + Zdma.CTRL2)).toBe(0);
  expect(bench.read(gdma0 + Zdma.TOTAL_BYTE)).toBe(10_000);
  expect(bench.bytes(0x2_0ff1, 10_000)).toEqual(data);
  expect(bench.bytes(0x2_0ff0, 1)[0]).toBe(0);
  expect(bench.bytes(0x2_0ff1 + 10_000, 1)[0]).toBe(0);
  expect(bench.pending(gdmaSpi)).toBe(true);
  bench.write(gdma0 + Zdma.ISR, Interrupt.DMA_DONE);
  expect(bench.pending(gdmaSpi)).toBe(false);
});

test('each channel has its own interrupt, and the low-power domain a bus half as wide', () => {
  const bench = new DmaBench();
  const channel = adma0 + 0x7_0000;
  bench.fill(0x1000, 4096);
  bench.write(channel + Zdma.IEN, Interrupt.DMA_DONE);
  bench.copy(channel, 0x1000, 0x3000, 4096);
  bench.pass(1200);
  expect(bench.pending(admaSpi + 7)).toBe(false);
  bench.pass(100);
  expect(bench.pending(admaSpi + 7)).toBe(true);
  expect(bench.pending(admaSpi)).toBe(false);
});

test('write-only mode repeats the words, read-only mode writes nothing', () => {
  const bench = new DmaBench();
  bench.write(gdma0 + Zdma.CTRL0, 1 << 4);
  bench.write(gdma0 + Zdma.WR_ONLY_WORD0, 0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c);
  bench.copy(gdma0, 0, 0x5004, 5000);
  bench.pass(2000);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.done);
  expect([...bench.bytes(0x5004, 5000)].every((byte, i) => byte === i % 16)).toBe(true);
  bench.write(gdma0 + Zdma.CTRL0, 2 << 4);
  bench.copy(gdma0, 0x1000, 0x5004, 100);
  bench.pass(200);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.done);
  expect(bench.bytes(0x5004, 2)).toEqual(Uint8Array.of(0, 1));
});

test('fixed bursts stay at one address; a device gets each word', () => {
  const bench = new DmaBench();
  bench.fill(0x1000, 64);
  // ARBURST increments, AWBURST is fixed.
  bench.write(gdma0 + Zdma.DATA_ATTR, 1 << 26);
  bench.copy(gdma0, 0x1000, 0x3000, 64);
  bench.pass(100);
  expect(bench.bytes(0x3000, 32)).toEqual(Uint8Array.of(...bench.bytes(0x1030, 16), ...new Uint8Array(16)));
  // To and from the general storage registers of the PMU.
  bench.write(gdma0 + Zdma.DATA_ATTR, (1 << 26) | (1 << 12));
  bench.copy(gdma0, 0x1004, 0xffd8_0030, 16);
  bench.pass(100);
  expect(bench.read(0xffd8_0034)).toBe(new DataView(bench.bytes(0x1008, 4).slice().buffer).getUint32(0, true));
  bench.write(gdma0 + Zdma.DATA_ATTR, 1 << 12);
  bench.copy(gdma0, 0xffd8_0030, 0x4000, 40);
  bench.pass(100);
  expect(bench.bytes(0x4010, 16)).toEqual(bench.bytes(0x4000, 16));
  expect(bench.bytes(0x4000, 16)).toEqual(bench.bytes(0x1004, 16));
});

test('a linked list as Linux makes it: each destination interrupts, the last stops', () => {
  const bench = new DmaBench();
  const data = bench.fill(0x1_0000, 0x3000);
  // Pairs of descriptors of 32 bytes, each pair pointing to the next.
  const at = (i: number) => 0x8000 + 64 * i;
  for (let i = 0; i < 3; i++) {
    const end = i === 2 ? stop : 0;
    bench.descriptor(at(i), 0x1_0000 + 0x1000 * i, 0x1000, linked | end);
    bench.link(at(i), at(i + 1));
    bench.descriptor(at(i) + 32, 0x4_0000 - 0x1000 * i, 0x1000, linked | interrupt | end);
    bench.link(at(i) + 32, at(i + 1) + 32);
  }
  bench.write(gdma0 + Zdma.CTRL0, list);
  bench.write(gdma0 + Zdma.SRC_START_LSB, at(0), 0, at(0) + 32, 0);
  bench.write(gdma0 + Zdma.IEN, Interrupt.DMA_DONE | Interrupt.DST_DSCR_DONE);
  bench.write(gdma0 + Zdma.CTRL2, 1);
  bench.pass(800);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DST_DSCR_DONE);
  expect(bench.read(gdma0 + Zdma.IRQ_DST_ACCT)).toBe(1);
  expect(bench.read(gdma0 + Zdma.IRQ_DST_ACCT)).toBe(0);
  bench.pass(3000);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DST_DSCR_DONE | Interrupt.DMA_DONE);
  expect(bench.read(gdma0 + Zdma.IRQ_DST_ACCT)).toBe(2);
  expect(bench.read(gdma0 + Zdma.SRC_CUR_DSCR_LSB)).toBe(at(2));
  for (let i = 0; i < 3; i++)
    expect(bench.bytes(0x4_0000 - 0x1000 * i, 0x1000)).toEqual(data.slice(0x1000 * i, 0x1000 * (i + 1)));
});

test('sources and destinations of a linear list may have different sizes; a list pauses and continues', () => {
  const bench = new DmaBench();
  const data = bench.fill(0x1_0000, 300);
  bench.descriptor(0x8000, 0x1_0000, 100, 0);
  bench.descriptor(0x8010, 0x1_0064, 150, halt | interrupt);
  bench.descriptor(0x8020, 0x1_00fa, 50, stop);
  bench.descriptor(0x9000, 0x2_0000, 30, 0);
  bench.descriptor(0x9010, 0, 0, 0);
  bench.descriptor(0x9020, 0x2_001e, 270, interrupt);
  bench.write(gdma0 + Zdma.CTRL0, list);
  bench.write(gdma0 + Zdma.SRC_START_LSB, 0x8000, 0, 0x9000, 0);
  bench.write(gdma0 + Zdma.CTRL2, 1);
  bench.pass(2000);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.pause);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DMA_PAUSE | Interrupt.SRC_DSCR_DONE);
  expect(bench.read(gdma0 + Zdma.TOTAL_BYTE)).toBe(250);
  bench.write(gdma0 + Zdma.CTRL0, list | (1 << 1));
  bench.pass(2000);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.done);
  expect(bench.bytes(0x2_0000, 300)).toEqual(data);
  expect(bench.read(gdma0 + Zdma.IRQ_SRC_ACCT)).toBe(1);
  expect(bench.read(gdma0 + Zdma.IRQ_DST_ACCT)).toBe(1);
});

test('the accounts of interrupts overflow at 256', () => {
  const bench = new DmaBench();
  bench.fill(0x1_0000, 257);
  bench.descriptor(0x8000, 0x1_0000, 257, stop);
  for (let i = 0; i < 257; i++) bench.descriptor(0x9000 + 16 * i, 0x2_0000 + i, 1, interrupt);
  bench.write(gdma0 + Zdma.CTRL0, list);
  bench.write(gdma0 + Zdma.SRC_START_LSB, 0x8000, 0, 0x9000, 0);
  bench.write(gdma0 + Zdma.CTRL2, 1);
  bench.pass(100_000);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DMA_DONE | Interrupt.DST_DSCR_DONE | Interrupt.IRQ_DST_ACCT_ERR);
  expect(bench.read(gdma0 + Zdma.IRQ_DST_ACCT)).toBe(1);
  expect(bench.bytes(0x2_0000, 257)).toEqual(bench.bytes(0x1_0000, 257));
});

test('rate control spaces the bursts', () => {
  const bench = new DmaBench();
  // Bursts of 4 beats, one each 100 cycles of the channel's clock.
  bench.write(gdma0 + Zdma.DATA_ATTR, (1 << 26) | (3 << 14) | (1 << 12));
  bench.write(gdma0 + Zdma.RATE_CNTL, 100);
  bench.write(gdma0 + Zdma.CTRL0, 1 << 3);
  bench.copy(gdma0, 0x1000, 0x2000, 640);
  bench.pass(1900);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.busy);
  bench.pass(200);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.done);
});

test('a channel stops where it is when it is disabled', () => {
  const bench = new DmaBench();
  bench.fill(0x1_0000, 0x4000);
  bench.copy(gdma0, 0x1_0000, 0x2_0000, 0x4000);
  bench.pass(600);
  bench.write(gdma0 + Zdma.CTRL2, 0);
  bench.pass(5000);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.done);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(0);
  expect(bench.read(gdma0 + Zdma.TOTAL_BYTE)).toBe(0x2000);
  expect(bench.bytes(0x2_2000, 1)[0]).toBe(0);
});

test.each([
  ['data that cannot be read', 0x5000_0000, 0x1000, 0, Interrupt.AXI_RD_DATA],
  ['data that cannot be written', 0x1000, 0x5000_0000, 0, Interrupt.AXI_WR_DATA],
  ['a source beyond what exists', 2 ** 45, 0x1000, 0, Interrupt.AXI_RD_DATA],
  ['a destination descriptor', 0, 0, list, Interrupt.AXI_RD_DST_DSCR],
])('a bus error on %s stops the channel', (_, source, destination, control, error) => {
  const bench = new DmaBench();
  bench.write(gdma0 + Zdma.IEN, error);
  bench.write(gdma0 + Zdma.CTRL0, control);
  bench.write(gdma0 + Zdma.DST_START_LSB, 0x5000_0000);
  bench.copy(gdma0, source, destination, 16);
  bench.pass(200);
  expect(bench.read(gdma0 + Zdma.STATUS)).toBe(State.error);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(error);
  expect(bench.read(gdma0 + Zdma.CTRL2)).toBe(0);
  expect(bench.pending(gdmaSpi)).toBe(true);
});

test('descriptors must be aligned; missing registers are reported', () => {
  const bench = new DmaBench();
  bench.descriptor(0x9000, 0x2_0000, 30, 0);
  bench.write(gdma0 + Zdma.CTRL0, list);
  bench.write(gdma0 + Zdma.SRC_START_LSB, 0x8008, 0, 0x9000, 0);
  bench.write(gdma0 + Zdma.CTRL2, 1);
  bench.pass(300);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.AXI_RD_SRC_DSCR);
  bench.read(gdma0 + 0x80);
  expect(bench.read(gdma0 + Zdma.ISR)).toBe(Interrupt.AXI_RD_SRC_DSCR | Interrupt.INV_APB);
  expect(bench.logged).toEqual(['gdma0: read at offset 0x80: no such register']);
});

test('a core runs the code that DMA has written over its own', () => {
  const bench = new DmaBench();
  const { cluster } = bench.board;
  // add x0, x0, #1; ret — and with #2; a loop calls it until x1 is 0.
  const body = (step: number) => new Uint32Array([0x9100_0000 | (step << 10), 0xd65f_03c0]);
  bench.bytes(0x4000, 8).set(new Uint8Array(body(1).buffer));
  bench.bytes(0x5000, 8).set(new Uint8Array(body(2).buffer));
  // mov x2, #0x4000; blr x2; sub x1, x1, #1; cbnz x1, back; b .
  const loop = new Uint32Array([0xd288_0002, 0xd63f_0040, 0xd100_0421, 0xb5ff_ffc1, 0x1400_0000]);
  bench.bytes(0x1000, loop.byteLength).set(new Uint8Array(loop.buffer));
  const run = () => {
    cluster.reset(0, { pc: 0x1000n, el: 2, x0: 0n });
    cluster.cores[0]?.setX(1, 10_000n);
    bench.pass(100_000);
    return cluster.cores[0]?.x(0);
  };
  expect(run()).toBe(10_000n);
  bench.copy(gdma0, 0x5000, 0x4000, 8);
  bench.pass(100);
  expect(run()).toBe(20_000n);
});

/** Channels without a board, over 12 KiB of memory; beyond it accesses are errors. */
function channels() {
  const { clock, pass } = testClock();
  const memory = new Uint8Array(0x3000);
  const inside = (address: DmaAddr, length: number) => address + length <= memory.length;
  const make = () =>
    new ZdmaChannel('zdma', {
      clock,
      log: () => {},
      busBytes: 16,
      cyclesPerBeat: 2,
      interrupt: () => {},
      port: {
        read: (address, bytes) => {
          if (!inside(address, bytes.length)) return 'error';
          bytes.set(memory.subarray(address, address + bytes.length));
          return 'done';
        },
        write: (address, bytes) => {
          if (!inside(address, bytes.length)) return 'error';
          memory.set(bytes, address);
          return 'done';
        },
      },
    });
  return { memory, make, pass };
}

test('a channel continues from its saved state, whatever is written to its registers', () => {
  const offset = fc.oneof(fc.constantFrom(...Object.values(Zdma)), fc.nat(0xffff));
  const value = fc.oneof(fc.nat(0x1ff), fc.nat(0xffff), fc.integer({ min: 0, max: 0xffff_ffff }));
  fc.assert(
    fc.property(fc.array(fc.tuple(offset, value, fc.nat(2000)), { maxLength: 40 }), (writes) => {
      const { memory, make, pass } = channels();
      for (let i = 0; i < memory.length; i++) memory[i] = i;
      const channel = make();
      for (const [at, what, wait] of writes) {
        channel.write(at & ~3, 4, what);
        channel.read(at & ~3, 4);
        pass(wait);
      }
      const state = channel.saveState();
      const saved = memory.slice();
      pass(10_000);
      const [after, memoryAfter] = [channel.saveState(), memory.slice()];
      channel.reset();
      const again = make();
      memory.set(saved);
      again.loadState(shifted(JSON.parse(JSON.stringify(state)), 10_000));
      pass(10_000);
      expect(shifted(again.saveState(), -10_000)).toEqual(after);
      expect(memory.every((byte, i) => byte === memoryAfter[i])).toBe(true);
    }),
    { numRuns: 200 },
  );
});

const shifted = (state: unknown, by: number): unknown => {
  const { due } = state as { due: number | null };
  return { ...(state as object), due: due === null ? null : due + by };
};
