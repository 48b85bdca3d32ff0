import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { Device, MachineLog } from './device.ts';

/** A device of the chip without a model: it reads as zero and ignores writes, so that a driver finds nothing it could use; said once. */
export class AbsentDevice implements Device {
  readonly name: string;
  readonly size: number;
  readonly #log: MachineLog;
  #reported = false;

  constructor(name: string, size: number, log: MachineLog) {
    this.name = name;
    this.size = size;
    this.#log = log;
  }

  read(offset: number): number {
    this.#report('read', offset);
    return 0;
  }

  write(offset: number): void {
    this.#report('write', offset);
  }

  reset(): void {}

  saveState(): null {
    return null;
  }

  loadState(): void {}

  #report(access: string, offset: number): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#log(this.name, `${access} at offset 0x${offset.toString(16)}: this device is not modelled and reads as zero`);
  }
}

/** Devices that have no model, by UG1085 table 10-1. A model takes its device's line out. */
export const absentDevices: readonly (readonly [name: string, base: PhysAddr, size: number])[] = (
  [
    ['ddrPhy', 0xfd08_0000, 0x1_0000],
    ['ddrQos', 0xfd09_0000, 0x1_0000],
    ['apmDdr', 0xfd0b_0000, 0x1_0000],
    ['sata', 0xfd0c_0000, 0x1_0000],
    ['siou', 0xfd3d_0000, 0x1_0000],
    ['serdes', 0xfd40_0000, 0x4_0000],
    ['apmCci', 0xfd49_0000, 0x1_0000],
    ['dp', 0xfd4a_0000, 0x1_0000],
    ['gpu', 0xfd4b_0000, 0x1_0000],
    ['dpdma', 0xfd4c_0000, 0x1_0000],
    ['cci', 0xfd6e_0000, 0x1_0000],
    ['usb0Xhci', 0xfe20_0000, 0x4_0000],
    ['usb1Xhci', 0xfe30_0000, 0x4_0000],
    ['nand', 0xff10_0000, 0x1000],
    ['lpdSlcr', 0xff41_0000, 0x1000],
    ['ocmControl', 0xff96_0000, 0x1000],
    ['xppu', 0xff98_0000, 0x1_0000],
    ['rpu', 0xff9a_0000, 0x1_0000],
    ...numbered('usb', 2, 0xff9d_0000, 0x1_0000),
    ['apmOcm', 0xffa0_0000, 0x1_0000],
    ['apmLpd', 0xffa1_0000, 0x1_0000],
    ['csudma', 0xffc8_0000, 0x1000],
    ['efuse', 0xffcc_0000, 0x1000],
  ] as const
).map(([name, base, size]) => [name, physAddr(base), size]);

/** Devices alike, one every `size` bytes. */
function numbered(name: string, count: number, base: number, size: number): (readonly [string, number, number])[] {
  return Array.from({ length: count }, (_, i) => [`${name}${i}`, base + i * size, size] as const);
}
