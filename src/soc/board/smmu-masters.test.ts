import { expect, test } from 'vitest';
import { cycles } from '../../base/units.ts';
import { DmaBench, isPage, isTable, smmuBase, stage1Page } from '../dma/dma-testing.ts';
import { Cb, Sctlr } from '../smmu/context.ts';
import { SparseDisk } from '../storage/disk.ts';
import { placeOf } from './map.ts';

const sd = placeOf('sd1').base;
const gem = placeOf('gem3').base;
const sdStream = 0x871;
const gemStream = 0x877;
const millisecond = 1_200_000;

/** Virtual pages from here on are physical ones from 0x3_0000 on. */
const virtual = 0x4004_0000;
const physical = 0x3_0000;
const tables = 0x10_0000;

/** A board whose masters' streams go to a context bank with a stage 1 of eight pages. */
function makeBoard(...streams: number[]): DmaBench {
  const bench = new DmaBench();
  const bank = smmuBase + 0x1_0000;
  bench.poke64(tables + 8, BigInt(tables + 0x1000) | isTable);
  bench.poke64(tables + 0x1000, BigInt(tables + 0x2000) | isTable);
  for (let i = 0; i < 8; i++)
    bench.poke64(tables + 0x2000 + 8 * (0x40 + i), stage1Page(physical + 0x1000 * i) | isPage);
  for (const [i, stream] of streams.entries()) {
    bench.write(smmuBase + 0x800 + 4 * i, 0x8000_0000 | stream);
    bench.write(smmuBase + 0xc00 + 4 * i, 0);
  }
  bench.write(smmuBase + 0x1000, (1 << 16) | 3); // CBAR: stage 1 alone
  bench.write(smmuBase + 0x1800, 1); // CBA2R: 64 bits
  bench.write64(bank + Cb.TTBR0, BigInt(tables));
  bench.write(bank + Cb.TCR, (1 << 23) | 25);
  bench.write(bank + Cb.TCR2, (7 << 15) | 2);
  bench.write(bank + Cb.MAIR0, 0xff);
  bench.write(bank + Cb.SCTLR, Sctlr.CFRE | Sctlr.CFIE | Sctlr.M);
  bench.write(smmuBase, 0x406); // sCR0: unknown streams fault
  return bench;
}

/** Sends the card commands: index and flags, argument. */
function command(bench: DmaBench, word: number, argument = 0): number {
  bench.write(sd + 0x30, 0xffff_ffff);
  bench.write(sd + 0x08, argument);
  bench.write(sd + 0x0c, word);
  bench.pass(2 * millisecond);
  return bench.read(sd + 0x30);
}

test.each([
  ['its own stream is translated', sdStream, 3],
  ['an unknown one is a bus error', gemStream, 0x200_8001],
])('the SD controller’s descriptors and data go through the SMMU: %s', (_, stream, status) => {
  const bench = makeBoard(stream);
  const disk = new SparseDisk(1024);
  const sector = Uint8Array.from({ length: 512 }, (_, i) => i * 3);
  disk.write(9, sector);
  bench.board.insertCard(disk);
  bench.write(sd + 0x28, 0xf00 | (2 << 3));
  bench.write(sd + 0x2c, 0xe_0207);
  bench.write(sd + 0x34, 0x3ff_7fff);
  command(bench, 0);
  command(bench, 0x081a_0000, 0x1aa);
  for (let i = 0; i < 2; i++) {
    command(bench, 0x371a_0000);
    command(bench, 0x2902_0000, 0x4030_0000);
  }
  command(bench, 0x0209_0000);
  command(bench, 0x031a_0000);
  command(bench, 0x071b_0000, 0x1_0000);
  bench.bytes(physical, 8).set([0x23, 0, 0, 2, 0, 0x10, 0x04, 0x40]);
  bench.write(sd + 0x58, virtual, 0);
  bench.write(sd + 0x04, 0x1_0200);
  expect(command(bench, 0x113a_0011, 9)).toBe(status);
  expect(bench.bytes(physical + 0x1000, 512)).toEqual(status === 3 ? sector : new Uint8Array(512));
});

test('GEM3’s rings and buffers go through the SMMU, and its frames to the board’s network', () => {
  const bench = makeBoard(gemStream);
  const arrived: Uint8Array[] = [];
  bench.board.lan.attach('station', ({ bytes }) => arrived.push(bytes));
  // Something has to happen for time to pass.
  bench.board.events.at(cycles(2000 * millisecond), () => {});
  bench.pass(2000 * millisecond);
  const frame = Uint8Array.from({ length: 100 }, (_, i) => (i < 6 ? 0xff : i < 12 ? 2 : i));
  bench.bytes(physical + 0x1000, 100).set(frame);
  // One frame, and a second descriptor that is software's; the other queue has only that one.
  bench.poke64(physical, BigInt(virtual + 0x1000) | (0x8064n << 32n), 0x8000_0000n << 32n);
  bench.write(gem + 0x04, 0x402);
  bench.write(gem + 0x10, 0x18_0f10);
  bench.write(gem + 0x1c, virtual);
  bench.write(gem + 0x440, virtual + 8);
  bench.write(gem + 0x00, 0x218);
  bench.pass(millisecond);
  expect(arrived).toEqual([frame]);
  expect(bench.bytes(physical + 7, 1)[0]).toBe(0x80);
});
