import type { TakenException } from '../../arch/exceptions/exceptions.ts';
import type { PhysicalBus } from '../../arch/state/bus.ts';
import { Count } from '../../arch/state/counts.ts';
import { exceptionName } from '../../arch/state/statistics.ts';
import type { Cycles, PhysAddr } from '../../base/units.ts';
import type { AddressMap } from '../bus/address-map.ts';

/** What a trace tells of: exceptions taken, interrupts acknowledged at the GIC, calls of the firmware, accesses to devices. */
export interface TraceEvent {
  readonly time: Cycles;
  readonly core: number;
  readonly kind: 'exception' | 'interrupt' | 'firmware' | 'read' | 'write';
  readonly text: string;
}

/** Gets each event as it happens, in the order of the simulation: core by core in turns of some microseconds. */
export type Trace = (event: TraceEvent) => void;

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

export const exceptionText = ({ count, from, to, elr, esr }: TakenException): string => {
  const syndrome = count < Count.irq ? ` esr=${hex(esr)}` : '';
  return `${exceptionName(count)} EL${from}>EL${to} elr=${hex(elr)}${syndrome}`;
};

export const firmwareText = (x0: bigint, x1: bigint, result: bigint): string =>
  `x0=${hex(x0)} x1=${hex(x1)} returns ${hex(result)}`;

/** The interconnect, with each access told to `accessed`. */
export class TracedBus implements PhysicalBus {
  readonly #map: AddressMap;
  readonly #accessed: (kind: 'read' | 'write', text: string) => void;

  constructor(map: AddressMap, accessed: (kind: 'read' | 'write', text: string) => void) {
    this.#map = map;
    this.#accessed = accessed;
  }

  read(address: PhysAddr, size: 1 | 2 | 4): number | null {
    const value = this.#map.read(address, size);
    this.#accessed('read', `${this.#place(address)}/${size} = ${value === null ? 'abort' : hex(value)}`);
    return value;
  }

  write(address: PhysAddr, size: 1 | 2 | 4, value: number): boolean {
    this.#accessed('write', `${this.#place(address)}/${size} = ${hex(value >>> 0)}`);
    return this.#map.write(address, size, value);
  }

  /** `uart0+0x30`, or the address where nothing is. */
  #place(address: PhysAddr): string {
    const place = this.#map.placeOf(address);
    return place ? `${place.device.name}+${hex(address - place.base)}` : hex(address);
  }
}
