/** The input and output peripherals of the ZynqMP that are not the cores' own: where each is (UG1085 table 10-1), and its interrupts (table 13-1). */
import { type PhysAddr, physAddr } from '../base/units.ts';
import type { Device, DeviceClock, MachineLog } from './device.ts';
import { Gpio } from './gpio.ts';
import { Rtc } from './rtc.ts';
import { Swdt } from './swdt.ts';
import { Ttc } from './ttc.ts';

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

const gpioSpi = 16;
const rtcAlarmSpi = 26;
const rtcSecondsSpi = 27;
const firstTtcSpi = 36;

const watchdogs: readonly (readonly [name: string, base: number, spi: number])[] = [
  ['fpdSwdt', 0xfd4d_0000, 113],
  ['lpdSwdt', 0xff15_0000, 52],
  ['csuSwdt', 0xffcb_0000, 53],
];

/** Builds them all; the GPIO is what the board's LED and button are at. */
export function buildPeripherals({ clock, log, spi, resetSystem }: PeripheralWiring): {
  readonly gpio: Gpio;
  readonly placed: readonly Placed[];
} {
  const line = (number: number) => (level: boolean) => spi(number, level);
  const gpio = new Gpio({ log, interrupt: line(gpioSpi) });
  const placed: [number, Device][] = [
    [0xff0a_0000, gpio],
    [0xffa6_0000, new Rtc({ clock, log, alarm: line(rtcAlarmSpi), seconds: line(rtcSecondsSpi) })],
  ];
  for (let i = 0; i < 4; i++) {
    const interrupt = (counter: number, level: boolean) => spi(firstTtcSpi + 3 * i + counter, level);
    placed.push([0xff11_0000 + 0x1_0000 * i, new Ttc(`ttc${i}`, { clock, log, interrupt })]);
  }
  for (const [name, base, number] of watchdogs) {
    const pulse = () => {
      spi(number, true);
      spi(number, false);
    };
    placed.push([base, new Swdt(name, { clock, log, interrupt: pulse, bite: resetSystem })]);
  }
  return { gpio, placed: placed.map(([base, device]) => ({ base: physAddr(base), device })) };
}
