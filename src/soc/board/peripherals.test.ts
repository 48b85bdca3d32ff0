import { expect, test } from 'vitest';
import { cycles, physAddr } from '../../base/units.ts';
import { ZynqMp } from './zynqmp.ts';

type Write = readonly [address: number, value: number];

function makeBoard() {
  const ends: string[] = [];
  const board = new ZynqMp({
    cores: 1,
    dramSize: 1 << 20,
    el: 2,
    log: () => {},
    transmit: () => {},
    end: (how) => ends.push(how),
  });
  const write = (...writes: readonly Write[]) => {
    for (const [address, value] of writes) board.bus.write(physAddr(address), 4, value >>> 0);
  };
  const read = (address: number) => board.bus.read(physAddr(address), 4) ?? 0;
  const pass = (seconds: number) => board.cluster.run(cycles(board.events.now + seconds * 1_200_000_000));
  /** Shared peripheral interrupts that are pending at the GIC. */
  const pending = (): number[] => {
    const found: number[] = [];
    for (let word = 0; word < 5; word++) {
      const bits = read(0xf901_0204 + 4 * word);
      for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) found.push(32 * word + bit);
    }
    return found;
  };
  return { read, write, pass, pending, ends };
}

/** Starts a watchdog that interrupts soon. */
const watchdog = (base: number): readonly Write[] => [
  [base + 4, 0x92_0000],
  [base, 0xab_c005],
];
/** Sends an address on the I2C bus. */
const i2c = (base: number): readonly Write[] => [
  [base + 0x24, 4],
  [base, 2],
  [base + 8, 0x20],
];
const spi = (base: number): readonly Write[] => [[base + 8, 4]];
const gem = (base: number): readonly Write[] => [
  [base + 0x28, 1],
  [base + 0x34, 0x6002_0000],
];
const sd = (base: number): readonly Write[] => [
  [base + 0x34, 1 << 16],
  [base + 0x38, 1 << 16],
  [base + 0x0c, 0x0102_0000],
];

test.each([
  ['QSPI', [[0xff0f_0108, 0x80]], 15],
  ['GPIO by low levels', [[0xff0a_021c, 0]], 16],
  ['I2C 0', i2c(0xff02_0000), 17],
  ['I2C 1', i2c(0xff03_0000), 18],
  ['SPI 0', spi(0xff04_0000), 19],
  ['SPI 1', spi(0xff05_0000), 20],
  [
    'RTC alarm',
    [
      [0xffa6_0000, 7],
      [0xffa6_0018, 7],
      [0xffa6_0028, 2],
    ],
    26,
  ],
  ['RTC seconds', [[0xffa6_0028, 1]], 27],
  [
    'IPI of the APU',
    [
      [0xff30_0018, 1],
      [0xff30_0000, 1],
    ],
    35,
  ],
  ['SD 0', sd(0xff16_0000), 48],
  ['SD 1', sd(0xff17_0000), 49],
  ['LPD watchdog', watchdog(0xff15_0000), 52],
  ['CSU watchdog', watchdog(0xffcb_0000), 53],
  ['GEM 0', gem(0xff0b_0000), 57],
  ['GEM 1', gem(0xff0c_0000), 59],
  ['GEM 2', gem(0xff0d_0000), 61],
  ['GEM 3', gem(0xff0e_0000), 63],
  ['FPD watchdog', watchdog(0xfd4d_0000), 113],
] as const)('the interrupt of %s is where the board has it', (_, writes, number) => {
  const { write, pass, pending } = makeBoard();
  // A watchdog's interrupt is sensed by its edge.
  write([0xf901_0c14, 0xaaaa_aaaa], [0xf901_0c24, 0xaaaa_aaaa]);
  expect(pending()).toEqual([]);
  write(...writes);
  pass(1.5);
  expect(pending()).toEqual([number]);
});

test.each([
  ['CAN 0', 0xff06_0000, 23],
  ['CAN 1', 0xff07_0000, 24],
])('the interrupt of %s, by a read of its empty FIFO', (_, base, number) => {
  const { read, write, pending } = makeBoard();
  write([base + 0x20, 0x20]);
  expect(pending()).toEqual([]);
  read(base + 0x50);
  expect(pending()).toEqual([number]);
});

test('a watchdog that bites resets the system', () => {
  const { write, pass, ends } = makeBoard();
  write([0xfd4d_0004, 0x92_0000], [0xfd4d_0000, 0xab_c003]);
  pass(1);
  expect(ends).toEqual(['error']);
});
