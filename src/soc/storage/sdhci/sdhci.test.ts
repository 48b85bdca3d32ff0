import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alone, clockHz } from '../../bus/device-testing.ts';
import type { DmaOutcome } from '../../dma/stream-port.ts';
import { SparseDisk } from '../disk.ts';
import { Sdhci } from './sdhci.ts';

const sectors = 1024;
const millisecond = clockHz / 1000;

/** A controller with 1 MiB of memory, which a fault can be put into. */
function makeHost(withCard = true) {
  const memory = new Uint8Array(0x10_0000);
  const faults = { next: 'done' as DmaOutcome };
  const port = {
    resumed: (_: boolean): void => {},
    read: (address: number, bytes: Uint8Array): DmaOutcome => {
      if (faults.next === 'done') bytes.set(memory.subarray(address % 2 ** 32, (address % 2 ** 32) + bytes.length));
      return faults.next;
    },
    write: (address: number, bytes: Uint8Array): DmaOutcome => {
      if (faults.next === 'done') memory.set(bytes, address % 2 ** 32);
      return faults.next;
    },
  };
  const bench = alone((wiring) => new Sdhci('sd1', { ...wiring, port, baseMHz: 187 }));
  const { device, read, write, pass } = bench;
  const disk = new SparseDisk(sectors);
  if (withCard) device.insert(disk);
  /** Power, clocks at 46.9 MHz and all interrupts. */
  const start = () => {
    write(0x28, 0xf00);
    write(0x2c, 0xe_0207);
    write(0x34, 0x3ff_7fff);
    write(0x38, 0x3ff_7fff);
  };
  /** Sends a command and waits; what has interrupted. */
  const command = (word: number, argument = 0, wait = millisecond): number => {
    write(0x30, 0xffff_ffff);
    write(0x08, argument);
    write(0x0c, word);
    pass(wait);
    return read(0x30);
  };
  /** Brings the card to the transfer state. */
  const select = () => {
    command(0x0000_0000);
    command(0x081a_0000, 0x1aa);
    for (let i = 0; i < 2; i++) {
      command(0x371a_0000);
      command(0x2902_0000, 0x4030_0000);
    }
    command(0x0209_0000);
    command(0x031a_0000);
    command(0x071b_0000, 0x1_0000);
  };
  return { ...bench, memory, faults, port, disk, start, command, select };
}

/** With a card in the transfer state. */
function ready() {
  const bench = makeHost();
  bench.start();
  bench.select();
  return bench;
}

/** Commands as words: index, response R1 with its checks, data; and the transfer mode. */
const readOne = 0x113a_0010;
const readMany = 0x123a_0032;
const writeOne = 0x183a_0000;
const writeMany = 0x193a_0022;
const dma = 1;
const autoStop = 1 << 2;
const autoCount = 2 << 2;
const adma32 = 2 << 3;
const adma64 = 3 << 3;

const pattern = (seed: number, length = 512) => Uint8Array.from({ length }, (_, i) => i * 3 + seed);

test('it describes itself, and has no card', () => {
  const { device } = makeHost(false);
  expect([device.read(0xfe, 2), device.read(0x40, 4), device.read(0x44, 4)]).toEqual([0x1002, 0x37ec_bb81, 0x2807]);
  expect(device.read(0x24, 4) & (1 << 16)).toBe(0);
  device.write(0x24, 4, 0xffff_ffff);
  device.write(0x40, 4, 0);
  expect([device.read(0x24, 4), device.read(0x40, 4)]).toEqual([0x1fa_0000, 0x37ec_bb81]);
});

test('the internal clock is stable once it is enabled; a reset of all clears itself and everything', () => {
  const { device } = makeHost(false);
  device.write(0x2c, 2, 0x8001);
  expect(device.read(0x2c, 2)).toBe(0x8003);
  device.write(0x2e, 1, 0xe);
  expect([device.read(0x2c, 2), device.read(0x2e, 1)]).toEqual([0x8003, 0xe]);
  device.write(0x2f, 1, 1);
  expect([device.read(0x2f, 1), device.read(0x2c, 2), device.read(0x2e, 1)]).toEqual([0, 0, 0]);
});

test('a command to no card times out after its clocks', () => {
  const { device, interrupts, pass, start } = makeHost(false);
  start();
  device.write(0x0c, 2, 0);
  device.write(0x0e, 2, 0x081a);
  expect([interrupts(), device.read(0x24, 4) & 1]).toEqual([false, 1]);
  pass(millisecond);
  expect([device.read(0x30, 2), device.read(0x32, 2), interrupts()]).toEqual([0x8000, 1, true]);
  expect([device.read(0xfc, 2), device.read(0x24, 4) & 1]).toEqual([1, 0]);
  device.write(0x32, 2, 1);
  expect([device.read(0x30, 4), interrupts()]).toEqual([0, false]);
});

test('a card without a clock, or without power, does not answer', () => {
  for (const [offset, value] of [
    [0x2c, 3],
    [0x28, 0],
  ] as const) {
    const { command, start, write } = makeHost();
    start();
    write(offset, value);
    expect(command(0x081a_0000, 0x1aa)).toBe(0x1_8000);
  }
});

test('responses: short, long, and those that do not fit the command', () => {
  const { command, read, start } = makeHost();
  start();
  expect([command(0x081a_0000, 0x1aa), read(0x10)]).toEqual([1, 0x1aa]);
  command(0x371a_0000);
  expect(command(0x291a_0000)).toBe(0xa_8000 & ~0x2_0000); // an OCR has no index
  command(0x371a_0000);
  expect(command(0x290a_0000)).toBe(0x2_8000); // nor a CRC
  command(0x371a_0000);
  expect([command(0x2902_0000), read(0x10)]).toEqual([1, 0xff_8000]);
  for (let i = 0; i < 2; i++) {
    command(0x371a_0000);
    command(0x2902_0000, 0x4030_0000);
  }
  expect(command(0x0209_0000)).toBe(1);
  // The identification without its CRC: 15 bytes, with "EL2SD" behind the maker.
  expect([0x1c, 0x18, 0x14, 0x10].map(read)).toEqual([0x00_454c, 0x454c_3253, 0x4410_0000, 0x0001_018b]);
  expect(command(0x0309_0000)).toBe(0x2_8000); // a short response for a long one
});

test('the card comes and goes, with an interrupt; a protected one is seen', () => {
  const { device, read, write, start, interrupts } = makeHost(false);
  start();
  device.insert(new SparseDisk(sectors, { isReadOnly: true }));
  expect([read(0x30), read(0x24), interrupts()]).toEqual([0x40, 0x1f7_0000, true]);
  write(0x30, 0x40);
  device.eject();
  expect([read(0x30), read(0x24), device.disk]).toEqual([0x80, 0x1fa_0000, null]);
  device.eject();
});

test('the processor reads and writes blocks through the buffer', () => {
  const { device, disk, command, read, write, pass } = ready();
  disk.write(5, pattern(1));
  write(0x04, 0x1_0200);
  expect(command(readOne, 5)).toBe(0x21); // answered, and the buffer can be read
  expect(read(0x24) & 0xf06).toBe(0xa06);
  const got = new Uint8Array(512);
  for (let i = 0; i < 512; i += 4) new DataView(got.buffer).setUint32(i, read(0x20), true);
  expect(got).toEqual(pattern(1));
  expect([read(0x30), read(0x24) & 0xf06, read(0x20)]).toEqual([0x23, 0, 0]);
  write(0x04, 0x2_0200);
  expect(command(writeMany | autoStop, 8)).toBe(0x11);
  for (let block = 0; block < 2; block++) {
    expect(read(0x24) & 0xf06).toBe(0x506);
    for (const byte of pattern(7 + block)) device.write(0x20, 1, byte);
    pass(millisecond);
  }
  expect([read(0x30), read(0x04) >>> 16, read(0x1c)]).toEqual([0x13, 0, 0xd00]);
  const stored = new Uint8Array(1024);
  disk.read(8, stored);
  expect([stored.slice(0, 512), stored.slice(512)]).toEqual([pattern(7), pattern(8)]);
});

test('SDMA stops at its boundary until it has another address', () => {
  const { disk, command, read, write, pass, memory } = ready();
  disk.write(0, pattern(3, 16 * 512));
  write(0x00, 0x2000 - 1024);
  write(0x04, 0x10_0200); // boundaries of 4 KiB
  expect(command(readMany | dma | autoCount, 0)).toBe(0x01 | 0x8);
  expect([read(0x00), read(0x04) >>> 16]).toEqual([0x2000, 14]);
  write(0x30, 9);
  write(0x00, 0x8000);
  pass(millisecond);
  expect([read(0x30), read(0x00), read(0x04) >>> 16]).toEqual([0x8, 0x9000, 6]);
  write(0x30, 8);
  write(0x00, 0x9000);
  pass(millisecond);
  expect([read(0x30), read(0x04) >>> 16]).toEqual([2, 0]);
  expect(memory.slice(0x2000 - 1024, 0x2000)).toEqual(pattern(3, 16 * 512).slice(0, 1024));
  expect(memory.slice(0x8000, 0x8000 + 7168)).toEqual(pattern(3, 16 * 512).slice(1024));
});

/** Writes ADMA2 descriptors of 8 or 12 bytes. */
function descriptors(
  memory: Uint8Array,
  at: number,
  size: 8 | 12,
  list: readonly (readonly [number, number, number])[],
) {
  const view = new DataView(memory.buffer);
  for (const [i, [attributes, length, address]] of list.entries()) {
    view.setUint16(at + i * size, attributes, true);
    view.setUint16(at + i * size + 2, length, true);
    view.setUint32(at + i * size + 4, address, true);
    if (size === 12) view.setUint32(at + i * size + 8, 1, true); // above 4 GiB: the test's memory does not care
  }
}

test.each([
  [adma32, 8],
  [adma64, 12],
] as const)('ADMA2 follows its list: pieces, links, nothing, interrupts (mode %i)', (mode, size) => {
  const { disk, command, read, write, memory } = ready();
  write(0x28, 0xf00 | mode);
  memory.set(pattern(9, 1536), 0x5000);
  // The list crosses a page within a descriptor.
  const at = 0x3000 - 20;
  descriptors(memory, at, size, [
    [0x21, 100, 0x5000],
    [0x01, 0, 0],
    [0x31, 0, 0x4000],
  ]);
  descriptors(memory, 0x4000, size, [
    [0x25, 924, 0x5064],
    [0x23, 512, 0x5400],
  ]);
  write(0x58, at);
  write(0x5c, 0);
  write(0x04, 0x3_0200);
  expect(command(writeMany | dma | autoCount, 4, 2 * millisecond)).toBe(0x0b);
  const stored = new Uint8Array(1536);
  disk.read(4, stored);
  expect(stored).toEqual(pattern(9, 1536));
  expect([read(0x58), read(0x54)]).toEqual([0x4000 + 2 * size, 0]);
});

test.each([
  ['an invalid descriptor', [[0, 512, 0x5000]], 1],
  ['a list that is too short', [[0x23, 512, 0x5000]], 7],
] as const)('ADMA2 errors: %s', (_, list, error) => {
  const { command, read, write, memory } = ready();
  write(0x28, 0xf00 | adma32);
  descriptors(memory, 0x4000, 8, list);
  write(0x58, 0x4000);
  write(0x04, 0x2_0200);
  expect(command(readMany | dma | autoStop, 0)).toBe(0x200_8001);
  expect([read(0x54), read(0x24) & 0xf06]).toEqual([error, 0]);
});

test('a list of links to itself holds nobody up', () => {
  const { command, read, write, memory, pass } = ready();
  write(0x28, 0xf00 | adma32);
  descriptors(memory, 0x4000, 8, [[0x31, 0, 0x4000]]);
  write(0x58, 0x4000);
  write(0x04, 0x1_0200);
  expect(command(readOne | dma, 0)).toBe(1);
  pass(100 * millisecond);
  expect(read(0x24) & 6).toBe(6);
  write(0x2c, 0x0400_0000 | read(0x2c));
  expect(read(0x24) & 6).toBe(0);
});

test('an access that the SMMU stalls goes on when it is resumed, or fails', () => {
  const { command, read, write, memory, pass, faults, port, disk } = ready();
  disk.write(0, pattern(2));
  write(0x28, 0xf00 | adma32);
  descriptors(memory, 0x4000, 8, [[0x23, 512, 0x5000]]);
  write(0x58, 0x4000);
  write(0x04, 0x1_0200);
  faults.next = 'stalled';
  expect(command(readOne | dma, 0)).toBe(1);
  faults.next = 'done';
  port.resumed(false);
  pass(millisecond);
  expect([read(0x30), memory.slice(0x5000, 0x5200)]).toEqual([3, pattern(2)]);
  faults.next = 'stalled';
  write(0x58, 0x4000);
  expect(command(readOne | dma, 0)).toBe(1);
  port.resumed(true);
  expect(read(0x30)).toBe(0x200_8001);
  faults.next = 'error';
  command(0x0c1b_0000);
  write(0x58, 0x4000);
  expect(command(readOne | dma, 0)).toBe(0x200_8001);
});

test('data that do not come time out; CMD12 ends what goes on', () => {
  const { command, read, write, pass } = ready();
  write(0x04, 0x1_0200);
  write(0x2c, 0x0_0207); // a short timeout
  expect(command(readOne, sectors)).toBe(0x10_8001);
  write(0x04, 0x0040);
  expect(command(readOne, 0)).toBe(0x10_8001); // 64 bytes are no sector
  command(0x0c1b_0000);
  write(0x04, 0x0200);
  command(0x123a_0030, 0); // without a count
  pass(millisecond);
  expect(read(0x24) & 6).toBe(6);
  expect(command(0x0c1b_0000)).toBe(3);
  expect([read(0x24) & 6, read(0x10)]).toEqual([0, 0xb00]);
});

test('a transfer stops between two blocks and goes on', () => {
  const { command, read, write, pass, disk, memory } = ready();
  disk.write(0, pattern(4, 1024));
  write(0x28, 0x1_0f00);
  write(0x00, 0x6000);
  write(0x04, 0x2_7200);
  expect(command(readMany | dma | autoCount, 0)).toBe(7);
  write(0x30, 7);
  write(0x28, 0x2_0f00);
  pass(millisecond);
  expect([read(0x30), memory.slice(0x6000, 0x6400)]).toEqual([2, pattern(4, 1024)]);
});

test('a card that is taken out gives no more data', () => {
  const { device, command, read, write, pass } = ready();
  write(0x04, 0x2_0200);
  command(writeMany, 0);
  device.eject();
  pass(2000 * millisecond);
  expect(read(0x30)).toBe(0x10_8091);
});

test('what is written is flushed when the card has been quiet for a while', () => {
  const { device, command, pass, write, disk } = ready();
  let flushes = 0;
  disk.flush = () => flushes++;
  write(0x04, 0x1_0200);
  write(0x00, 0);
  command(writeOne | dma, 0);
  command(writeOne | dma, 1);
  expect(flushes).toBe(0);
  pass(20 * millisecond);
  expect(flushes).toBe(1);
  pass(20 * millisecond);
  device.reset();
  expect(flushes).toBe(2);
});

test('errors can be forced, and each counts once it is enabled', () => {
  const { read, write, start, interrupts } = makeHost(false);
  write(0x50, 0x3ff_0000);
  expect(read(0x30)).toBe(0);
  start();
  write(0x50, 0x10_0004);
  expect([read(0x30), read(0x3c) & 0xff, interrupts()]).toEqual([0x10_8000, 4, true]);
});

test('the state goes on elsewhere, in the middle of a transfer', () => {
  const { device, command, write, disk } = ready();
  disk.write(0, pattern(5, 4096));
  write(0x00, 0x6000);
  write(0x04, 0x8_7200);
  command(readMany | dma | autoCount, 0, 0.2 * millisecond);
  const other = makeHost();
  other.disk.write(0, pattern(5, 4096));
  other.pass(1);
  other.device.loadState(JSON.parse(JSON.stringify(device.saveState())));
  expect(other.device.saveState()).toEqual(device.saveState());
  other.pass(40 * millisecond);
  expect(other.read(0x30)).toBe(3);
  expect(other.memory.slice(0x6000 + 3072, 0x7000)).toEqual(pattern(5, 4096).slice(3072));
});

test('whatever a guest writes, it goes on', () => {
  const offsets = fc.constantFrom(0x00, 0x04, 0x08, 0x0c, 0x20, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x50, 0x58, 0x5c);
  const commands = fc.constantFrom(readMany | dma, writeMany | dma, readOne, writeOne, 0x0c1b_0000, 0x0000_0000);
  const accesses = fc.tuple(offsets, fc.oneof(fc.nat({ max: 0xffff_ffff }), commands));
  fc.assert(
    fc.property(
      fc.array(accesses, { maxLength: 30 }),
      fc.uint8Array({ minLength: 96, maxLength: 96 }),
      (list, bytes) => {
        const { device, memory, read, write, pass } = ready();
        memory.set(bytes, 0x4000);
        write(0x58, 0x4000);
        for (const [offset, value] of list) {
          write(offset, value);
          read(offset);
          pass(50_000);
        }
        const another = makeHost();
        another.device.loadState(JSON.parse(JSON.stringify(device.saveState())));
        expect(another.device.saveState()).toEqual(device.saveState());
      },
    ),
    { numRuns: 60 },
  );
});
