import { expect, test } from 'vitest';
import { alone } from '../bus/device-testing.ts';
import { Can } from '../devices/serial/can.ts';
import { I2c } from '../devices/serial/i2c.ts';
import { Qspi } from '../devices/serial/qspi.ts';
import { Spi } from '../devices/serial/spi.ts';
import { Uart } from '../devices/serial/uart.ts';
import { Gpio } from '../devices/system/gpio.ts';
import { Ipi } from '../devices/system/ipi.ts';
import { Rtc } from '../devices/timers/rtc.ts';
import { Ttc } from '../devices/timers/ttc.ts';
import type { DmaPort } from '../dma/stream-port.ts';
import { Gem } from '../net/gem/gem.ts';
import { Sdhci } from '../storage/sdhci/sdhci.ts';

type Access = readonly [offset: number, value: number];
interface Row {
  readonly device: Parameters<typeof alone>[0];
  /** Writes that cause what the status then says; with a pause in cycles after them. */
  readonly cause: readonly Access[];
  readonly wait?: number;
  readonly status: number;
  /** Where ones clear status bits; the status register itself unless another is given. */
  readonly clear?: number;
  /** The status before, and after all its bits were cleared while the cause goes on. */
  readonly before: number;
  readonly after: number;
}

const second = 1_200_000_000;
const powerOn = Date.UTC(2026, 0, 1) / 1000;
const port: DmaPort = { read: () => 'error', write: () => 'error' };
const noPort = { ...port, resumed: () => {} };

/** docs/fidelity.md, "Status bits", says the same in words. Bits that are the same after are levels, others events. */
const rows: Readonly<Record<string, Row>> = {
  'UART: empty FIFOs are events': {
    device: (wiring) => new Uart('uart', { ...wiring, transmit: () => {} }),
    cause: [[0x00, 0x14]],
    status: 0x14,
    before: 0x0a,
    after: 0,
  },
  'SPI: what the FIFOs hold is a level': {
    device: (wiring) => new Spi('spi', wiring),
    cause: [
      [0x00, 0x2_0001],
      [0x14, 1],
      [0x1c, 0x55],
    ],
    status: 0x04,
    before: 0x14,
    after: 0x14,
  },
  'QSPI: what the FIFOs hold is a level': {
    device: (wiring) => new Qspi('qspi', { ...wiring, port }),
    cause: [],
    status: 0x104,
    before: 0xb84,
    after: 0xb84,
  },
  'I2C: a missing acknowledgement is an event': {
    device: (wiring) => new I2c('i2c', wiring),
    cause: [
      [0x00, 0x02],
      [0x08, 0x50],
    ],
    wait: second,
    status: 0x10,
    before: 0x04,
    after: 0,
  },
  'CAN: a FIFO that becomes full is an event': {
    device: (wiring) => new Can('can', wiring),
    cause: [[0x00, 2], ...Array.from({ length: 64 }, (_, i): Access => [0x3c, i])],
    status: 0x1c,
    clear: 0x24,
    before: 0x04,
    after: 0,
  },
  'GPIO: an edge is an event': {
    device: (wiring) => new Gpio('gpio', wiring),
    cause: [
      [0x220, 1],
      [0x204, 1],
      [0x208, 1],
      [0x40, 1],
    ],
    status: 0x218,
    before: 1,
    after: 0,
  },
  'GPIO: a level stays': {
    device: (wiring) => new Gpio('gpio', wiring),
    cause: [
      [0x220, 1],
      [0x21c, 0x3ff_fffe],
      [0x204, 1],
      [0x208, 1],
      [0x40, 1],
    ],
    status: 0x218,
    before: 1,
    after: 1,
  },
  'TTC: the end of an interval is an event, which reading clears': {
    device: (wiring) => new Ttc('ttc', wiring),
    cause: [
      [0x24, 999],
      [0x0c, 0x22],
    ],
    wait: 1000 * 12,
    status: 0x54,
    before: 1,
    after: 0,
  },
  'RTC: a second is an event, the alarm stays for its second': {
    device: (wiring) => new Rtc('rtc', wiring),
    cause: [[0x18, powerOn + 1]],
    wait: second,
    status: 0x20,
    before: 3,
    after: 2,
  },
  'IPI: a trigger is an event': {
    device: (wiring) => new Ipi('ipi', wiring),
    cause: [[0x1_0000, 1]],
    status: 0x10,
    before: 0x100,
    after: 0,
  },
  'GEM: the end of a management frame is an event': {
    device: (wiring) => new Gem('gem', { ...wiring, port: noPort, lan: null }),
    cause: [
      [0x28, 1],
      [0x34, 0x6002_0000],
    ],
    status: 0x24,
    before: 1,
    after: 0,
  },
  'SDHCI: an error is an event, and the sum of errors follows them': {
    device: (wiring) => new Sdhci('sd', { ...wiring, port: noPort, baseMHz: 187 }),
    cause: [
      [0x34, 0xffff_ffff],
      [0x0c, 0x0102_0000],
    ],
    wait: second,
    status: 0x30,
    before: 0x1_8000,
    after: 0,
  },
};

test.each(Object.entries(rows))('which status bits are events, and which levels? %s', (_, row) => {
  const { read, write, pass } = alone(row.device);
  for (const [offset, value] of row.cause) write(offset, value);
  if (row.wait) pass(row.wait);
  expect(read(row.status)).toBe(row.before);
  write(row.clear ?? row.status, 0xffff_ffff);
  expect(read(row.status)).toBe(row.after);
});
