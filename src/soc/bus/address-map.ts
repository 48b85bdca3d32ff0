import { assert } from '../../base/assert.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { type Probe, silentProbe } from '../../base/probe/probe.ts';
import type { PhysAddr } from '../../base/units.ts';
import type { Device, MachineLog } from './device.ts';

/** A device and the addresses that it answers. */
interface Occupant {
  readonly base: number;
  readonly size: number;
  readonly device: Device;
}

const pageSize = 4096;

/** The interconnect: which device answers at which physical address. DRAM is not here; the cores reach it directly. */
export class AddressMap {
  readonly #pages = new Map<number, Occupant>();
  readonly #silentPages = new Set<number>();
  /** Where the last access went; the next one usually goes there too. */
  #last: Occupant | undefined;
  readonly #log: MachineLog;
  readonly #probe: Probe;

  constructor(log: MachineLog, probe = silentProbe) {
    this.#log = log;
    this.#probe = probe;
  }

  /** Places a device; base and size are multiples of 4 KiB and nothing else is there. */
  add({ base, size }: { readonly base: PhysAddr; readonly size: number }, device: Device): void {
    assert(base % pageSize === 0 && size % pageSize === 0, `${device.name} is not on page boundaries`);
    const occupant: Occupant = { base, size, device };
    for (let page = base / pageSize; page < (base + size) / pageSize; page++) {
      assert(!this.#pages.has(page), `${device.name} overlaps ${this.#pages.get(page)?.device.name}`);
      this.#pages.set(page, occupant);
    }
  }

  /** Every device and its place. */
  get occupants(): readonly Occupant[] {
    return [...new Set(this.#pages.values())];
  }

  /** What an address is called: `uart0+0x30`, or the address itself where nothing is. */
  nameOf(pa: number): string {
    const place = this.#pages.get(Math.floor(pa / pageSize));
    return place ? `${place.device.name}+0x${(pa - place.base).toString(16)}` : `0x${pa.toString(16)}`;
  }

  /** What the bus reads, or null when nobody answers: an external abort. */
  read(pa: PhysAddr, size: 1 | 2 | 4): number | null {
    const place = this.#find(pa);
    const value = place ? place.device.read(pa - place.base, size) : null;
    if (this.#probe.isRecording)
      this.#probe.emit(ProbeKind.deviceRead, value ?? 0, pa, accessWord(pa, size, value === null));
    return value;
  }

  /** False when nobody answers: an external abort. */
  write(pa: PhysAddr, size: 1 | 2 | 4, value: number): boolean {
    const place = this.#find(pa);
    if (this.#probe.isRecording) this.#probe.emit(ProbeKind.deviceWrite, value, pa, accessWord(pa, size, !place));
    place?.device.write(pa - place.base, size, value);
    return place !== undefined;
  }

  isSilent(pa: PhysAddr): boolean {
    return !this.#probe.isRecording && !this.#pages.has(Math.floor(pa / pageSize));
  }

  #find(pa: PhysAddr): Occupant | undefined {
    if (this.#last && pa >= this.#last.base && pa < this.#last.base + this.#last.size) return this.#last;
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

/** The high half of the probe's word for an access. */
const accessWord = (pa: PhysAddr, size: number, aborts: boolean): number =>
  ((pa / 2 ** 32) & 0xffff) | (size << 16) | (aborts ? 1 << 24 : 0);
