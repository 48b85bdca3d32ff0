import { physAddr } from '../../base/units.ts';
import { AddressMap } from '../bus/address-map.ts';
import { alone } from '../bus/device-testing.ts';
import { RegisterBank } from '../bus/register-bank.ts';
import {
  afi,
  crfApb,
  crlApb,
  csu,
  efuse,
  fpdAfi,
  fpdSlcr,
  iouSlcr,
  lpdAfi,
  pmuGlobal,
  rpu,
} from '../devices/system/control-registers.ts';
import { Gpio } from '../devices/system/gpio.ts';
import { Ipi } from '../devices/system/ipi.ts';
import { Eemi } from './eemi.ts';

/** The platform management firmware with the registers that it controls, 4 KiB of memory at 0x1000, and no cores. */
export class FirmwareBench {
  readonly messages: string[] = [];
  readonly ends: string[] = [];
  readonly blocks;
  readonly memory = new Uint8Array(0x1000);
  /** Cores that are on. */
  readonly on = new Set([0]);
  readonly #map: AddressMap;
  readonly eemi: Eemi;

  constructor() {
    const log = (source: string, text: string) => void this.messages.push(`${source}: ${text}`);
    this.#map = new AddressMap(log);
    const bank = (name: string, table: ConstructorParameters<typeof RegisterBank>[1], base: number, size = 0x1000) => {
      const made = new RegisterBank(name, table, log);
      this.#map.add({ base: physAddr(base), size }, made);
      return made;
    };
    this.blocks = {
      crfApb: bank('crfApb', crfApb, 0xfd1a_0000),
      crlApb: bank('crlApb', crlApb, 0xff5e_0000),
      iouSlcr: bank('iouSlcr', iouSlcr, 0xff18_0000),
      fpdSlcr: bank('fpdSlcr', fpdSlcr, 0xfd61_0000),
      csu: bank('csu', csu, 0xffca_0000, 0x1_0000),
      efuse: bank('efuse', efuse, 0xffcc_0000, 0x2000),
    };
    bank('pmuGlobal', pmuGlobal, 0xffd8_0000);
    bank('rpu', rpu, 0xff9a_0000);
    bank('afiFm0', afi, 0xfd36_0000);
    bank('fpdAfi', fpdAfi, 0xfd61_5000);
    bank('lpdAfi', lpdAfi, 0xff41_9000);
    this.#map.add({ base: physAddr(0xff30_0000), size: 0x9_0000 }, alone((wiring) => new Ipi('ipi', wiring)).device);
    this.#map.add({ base: physAddr(0xff0a_0000), size: 0x1000 }, alone((wiring) => new Gpio('gpio', wiring)).device);
    const memory = (address: number, length: number) =>
      address >= 0x1000 && address + length <= 0x2000
        ? this.memory.subarray(address - 0x1000, address - 0x1000 + length)
        : null;
    const power = {
      cores: 4,
      isOn: (core: number) => this.on.has(core),
      systemOff: () => void this.ends.push('off'),
      reset: (cause: string) => void this.ends.push(cause),
    };
    this.eemi = new Eemi({ blocks: this.blocks, registers: this.registers, memory }, power, log);
  }

  /** The chip's registers by address. */
  readonly registers = {
    read: (address: number): number => this.#map.read(physAddr(address), 4) ?? 0,
    write: (address: number, value: number): void => void this.#map.write(physAddr(address), 4, value),
  };

  /** The registers after an SMC of core 0 with these values in X0 and on, or null if the firmware did not serve it. */
  smc(...values: bigint[]): bigint[] | null {
    const registers = Array.from({ length: 8 }, (_, n) => values[n] ?? 0n);
    const served = this.eemi.call(0, {
      x: (n) => registers[n] ?? 0n,
      setX: (n, value) => void registers.splice(n, 1, value),
    });
    return served ? registers : null;
  }

  /** The answer to a call as Linux sees it: status and payload, eight words. */
  call(api: number, ...args: number[]): number[] {
    const pair = (i: number) => BigInt((args[i] ?? 0) >>> 0) | (BigInt((args[i + 1] ?? 0) >>> 0) << 32n);
    const registers = this.smc(0xc200_0000n + BigInt(api), pair(0), pair(2), pair(4)) ?? [];
    return registers.slice(0, 4).flatMap((x) => [Number(BigInt.asUintN(32, x)), Number(x >> 32n)]);
  }
}
