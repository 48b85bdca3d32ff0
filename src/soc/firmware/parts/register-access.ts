/**
 * Registers that the PMU firmware reads and writes for its callers: MMIO_WRITE, MMIO_READ and REGISTER_ACCESS. It
 * refuses every address that its table does not have (embeddedsw, pm_mmio_access.c, as built without SECURE_ACCESS).
 */
import { type Answer, noAccess, success, wrongArguments } from '../status.ts';

/** The chip's registers as the firmware reaches them: whole words by physical address. */
export interface Registers {
  read(address: number): number;
  write(address: number, value: number): void;
}

const crfApb = 0xfd1a_0000;
const crlApb = 0xff5e_0000;
const iouSlcr = 0xff18_0000;
const pmuGlobal = 0xffd8_0000;
const csu = 0xffca_0000;

type Right = 'read' | 'write' | 'both';
/** First and last byte, and what the application processors may do. */
type Region = readonly [first: number, last: number, right: Right];
const within = (base: number, first: number, last: number, right: Right): Region => [base + first, base + last, right];

const regions: readonly Region[] = [
  // Clocks of both domains, without those of DDR, interconnect, UARTs and R5; all can be read.
  within(crfApb, 0x20, 0x63, 'both'),
  within(crfApb, 0x70, 0x7b, 'both'),
  within(crfApb, 0x84, 0xbf, 'both'),
  within(crfApb, 0x0, 0x108, 'read'),
  within(crfApb, 0x100, 0x100, 'both'), // RST_FPD_TOP
  within(crlApb, 0x20, 0x73, 'both'),
  within(crlApb, 0x7c, 0x8c, 'both'),
  within(crlApb, 0xa4, 0xa7, 'both'),
  within(crlApb, 0xb4, 0x12b, 'both'),
  within(crlApb, 0x0, 0x288, 'read'),
  within(crlApb, 0x23c, 0x23c, 'both'), // RST_LPD_TOP
  within(crlApb, 0x250, 0x250, 'both'), // BOOT_PIN_CTRL
  // Pins and peripherals, without the watchdog's clock.
  within(iouSlcr, 0x0, 0x2ff, 'both'),
  within(iouSlcr, 0x304, 0x524, 'both'),
  // The PMU's global registers: general storage, PWR_STATE and four more; the rest can be read.
  within(pmuGlobal, 0x30, 0x6c, 'both'),
  within(pmuGlobal, 0x100, 0x100, 'both'),
  within(pmuGlobal, 0x310, 0x310, 'both'), // REQ_ISO_STATUS
  within(pmuGlobal, 0x410, 0x410, 'both'), // REQ_SWRST_STATUS
  within(pmuGlobal, 0x528, 0x528, 'both'), // CSU_BR_ERROR
  within(pmuGlobal, 0x800, 0x800, 'both'), // SAFETY_CHK
  within(pmuGlobal, 0x0, 0x800, 'read'),
  [0xffd6_00f0, 0xffd6_00f0, 'read'], // DOMAIN_ISO_CNTRL
  // The widths of the ports to the programmable logic.
  ...[0xfd36_0000, 0xfd37_0000, 0xfd38_0000, 0xfd39_0000, 0xfd3a_0000, 0xfd3b_0000, 0xff9b_0000].map((base) =>
    within(base, 0x0, 0xf0c, 'both'),
  ),
  [0xfd61_5000, 0xfd61_5000, 'both'],
  [0xff41_9000, 0xff41_9000, 'both'],
  within(csu, 0x0, 0x0, 'read'), // csu_status
  within(csu, 0x10, 0x10, 'both'), // csu_multi_boot
  within(csu, 0x14, 0x14, 'write'), // csu_tamper_trig
  within(csu, 0x18, 0x18, 'read'), // csu_ft_status
  within(csu, 0x34, 0x34, 'read'), // jtag_chain_status
  within(csu, 0x40, 0x44, 'read'), // idcode, version
  within(csu, 0x50, 0x7c, 'read'), // csu_rom_digest
  within(csu, 0x1000, 0x1000, 'read'), // aes_status
  within(csu, 0x3010, 0x3010, 'read'), // pcap_status
  [0xffcc_1018, 0xffcc_1018, 'read'], // eFUSE IPDISABLE
];

/** The blocks that REGISTER_ACCESS lets through to the table: an address must have the bits of one of these bases. */
const accessBases = [csu, 0xffc8_0000, 0xffce_0000, pmuGlobal];
const Access = { write: 0, read: 1 } as const;

const mayAccess = (address: number, right: 'read' | 'write'): boolean =>
  regions.some(
    ([first, last, allowed]) => address >= first && address <= last && (allowed === 'both' || allowed === right),
  );

export class RegisterAccess {
  readonly #registers: Registers;

  constructor(registers: Registers) {
    this.#registers = registers;
  }

  /** Writes the bits that the mask names. */
  write(address: number, mask: number, value: number): Answer {
    if (mask === 0) return success();
    if (!mayAccess(address, 'write')) return noAccess;
    const word = (address & ~3) >>> 0;
    this.#registers.write(word, ((this.#registers.read(word) & ~mask) | (value & mask)) >>> 0);
    return success();
  }

  read(address: number): Answer {
    return mayAccess(address, 'read') ? success(this.#registers.read((address & ~3) >>> 0)) : noAccess;
  }

  /** REGISTER_ACCESS: one of the two. */
  access(kind: number, address: number, mask: number, value: number): Answer {
    if (!accessBases.some((base) => (address & base) >>> 0 === base)) return noAccess;
    if (kind === Access.write) return this.write(address, mask, value);
    return kind === Access.read ? this.read(address) : wrongArguments;
  }
}
