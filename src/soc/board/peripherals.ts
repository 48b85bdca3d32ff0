/** The input and output peripherals of the ZynqMP that are not the cores' own: where each is (UG1085 table 10-1), and its interrupts (table 13-1). */
import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { Device, DeviceClock, DeviceWiring, MachineLog } from '../bus/device.ts';
import { Can } from '../devices/serial/can.ts';
import { I2c } from '../devices/serial/i2c.ts';
import { Spi } from '../devices/serial/spi.ts';
import { Gpio } from '../devices/system/gpio.ts';
import { Ipi } from '../devices/system/ipi.ts';
import { Rtc } from '../devices/timers/rtc.ts';
import { Swdt } from '../devices/timers/swdt.ts';
import { SystemCounter } from '../devices/timers/system-counter.ts';
import { Ttc } from '../devices/timers/ttc.ts';
import { Gem } from '../net/gem.ts';
import { Sdhci } from '../storage/sdhci.ts';

export interface PeripheralWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  /** Drives a shared peripheral interrupt, by its number from 0. */
  spi(number: number, level: boolean): void;
  /** A watchdog resets the system. */
  resetSystem(): void;
}

interface Placed {
  readonly base: PhysAddr;
  readonly device: Device;
}

/** Devices of a kind: place and interrupt of each. */
type Places = readonly (readonly [base: number, spi: number])[];
const i2c: Places = [
  [0xff02_0000, 17],
  [0xff03_0000, 18],
];
const spis: Places = [
  [0xff04_0000, 19],
  [0xff05_0000, 20],
];
const cans: Places = [
  [0xff06_0000, 23],
  [0xff07_0000, 24],
];
const gems: Places = [
  [0xff0b_0000, 57],
  [0xff0c_0000, 59],
  [0xff0d_0000, 61],
  [0xff0e_0000, 63],
];
/** Their first counters' interrupts; those of the others follow. */
const ttcs: Places = [
  [0xff11_0000, 36],
  [0xff12_0000, 39],
  [0xff13_0000, 42],
  [0xff14_0000, 45],
];
const sds: Places = [
  [0xff16_0000, 48],
  [0xff17_0000, 49],
];
const watchdogs: readonly (readonly [name: string, base: number, spi: number])[] = [
  ['fpdSwdt', 0xfd4d_0000, 113],
  ['lpdSwdt', 0xff15_0000, 52],
  ['csuSwdt', 0xffcb_0000, 53],
];
const gpioSpi = 16;
/** Its alarm's; that of the seconds follows. */
const rtcSpi = 26;
/** Of the agents APU, RPU 0 and 1, and the programmable logic's four. */
const ipiSpis = [35, 33, 34, 29, 30, 31, 32];

/** Builds them all; the GPIO is what the board's LED and button are at. */
export function buildPeripherals({ clock, log, spi, resetSystem }: PeripheralWiring): {
  readonly gpio: Gpio;
  readonly placed: readonly Placed[];
} {
  /** A device with these interrupts: from the first on, or as listed. */
  const from = (spis: number | readonly number[]): DeviceWiring => ({
    clock,
    log,
    interrupt: (level, output = 0) => spi(typeof spis === 'number' ? spis + output : (spis[output] as number), level),
  });
  const gpio = new Gpio('gpio', from(gpioSpi));
  const placed: [number, Device][] = [
    [0xff0a_0000, gpio],
    [0xff25_0000, new SystemCounter('read', clock, log)],
    [0xff26_0000, new SystemCounter('control', clock, log)],
    [0xff30_0000, new Ipi('ipi', from(ipiSpis))],
    [0xffa6_0000, new Rtc('rtc', from(rtcSpi))],
  ];
  const place = (places: Places, build: (index: number, wiring: DeviceWiring) => Device): void => {
    for (const [i, [base, number]] of places.entries()) placed.push([base, build(i, from(number))]);
  };
  place(i2c, (i, wiring) => new I2c(`i2c${i}`, wiring));
  place(spis, (i, wiring) => new Spi(`spi${i}`, wiring));
  place(cans, (i, wiring) => new Can(`can${i}`, wiring));
  place(gems, (i, wiring) => new Gem(`gem${i}`, wiring));
  place(ttcs, (i, wiring) => new Ttc(`ttc${i}`, wiring));
  place(sds, (i, wiring) => new Sdhci(`sd${i}`, wiring));
  for (const [name, base, number] of watchdogs)
    placed.push([base, new Swdt(name, { ...from(number), bite: resetSystem })]);
  return { gpio, placed: placed.map(([base, device]) => ({ base: physAddr(base), device })) };
}
