import { assert } from '../../base/assert.ts';
import type { PhysAddr } from '../../base/units.ts';
import type { Device, MachineLog } from './device.ts';

interface Place {
  readonly base: number;
  readonly end: number;
  readonly device: Device;
}

const pageSize = 4096;

/** The interconnect: which device answers at which physical address. DRAM is not here; the cores reach it directly. */
export class AddressMap {
  readonly #pages = new Map<number, Place>();
  readonly #silentPages = new Set<number>();
  /** Where the last access went: most often the next goes there too. */
  #last: Place | undefined;
  readonly #log: MachineLog;

  constructor(log: MachineLog) {
    this.#log = log;
  }

  /** Places a device; base and size are multiples of 4 KiB and nothing else is there. */
  add(base: PhysAddr, device: Device): void {
    assert(base % pageSize === 0 && device.size % pageSize === 0, `${device.name} is not on page boundaries`);
    const place: Place = { base, end: base + device.size, device };
    for (let page = base / pageSize; page < (base + device.size) / pageSize; page++) {
      assert(!this.#pages.has(page), `${device.name} overlaps ${this.#pages.get(page)?.device.name}`);
      this.#pages.set(page, place);
    }
  }

  /** Every device and its place. */
  get places(): readonly { readonly base: number; readonly device: Device }[] {
    return [...new Set(this.#pages.values())];
  }

  /** The device at an address, and its place. */
  placeOf(pa: PhysAddr): { readonly base: number; readonly device: Device } | undefined {
    return this.#pages.get(Math.floor(pa / pageSize));
  }

  /** What the bus reads, or null when nobody answers: an external abort. */
  read(pa: PhysAddr, size: 1 | 2 | 4): number | null {
    const place = this.#find(pa);
    return place ? place.device.read(pa - place.base, size) : null;
  }

  /** False when nobody answers: an external abort. */
  write(pa: PhysAddr, size: 1 | 2 | 4, value: number): boolean {
    const place = this.#find(pa);
    place?.device.write(pa - place.base, size, value);
    return place !== undefined;
  }

  #find(pa: PhysAddr): Place | undefined {
    if (this.#last && pa >= this.#last.base && pa < this.#last.end) return this.#last;
    const page = Math.floor(pa / pageSize);
    const place = this.#pages.get(page);
    if (!place && !this.#silentPages.has(page)) {
      this.#silentPages.add(page);
      this.#log('bus', `nobody answers at physical address 0x${pa.toString(16)}: external abort`);
    }
    this.#last = place;
    return place;
  }
}
