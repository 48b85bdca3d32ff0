/** The SMMU's global registers: control, stream mapping, types of the context banks, global faults. */
import { bit, bits } from '../../base/bits.ts';
import type { DmaAddr } from '../../base/units.ts';
import {
  Cr0,
  cbarWritable,
  contextBanks,
  cr0Writable,
  Gfsr,
  Gr0,
  Gr1,
  gfsrBits,
  identification,
  peripheral,
  SMCFCFG,
  s2crWritable,
  smrWritable,
  streamGroups,
} from './registers.ts';

/** An access to be translated. */
export interface SmmuAccess {
  readonly stream: number;
  readonly address: DmaAddr;
  readonly write: boolean;
  readonly privileged: boolean;
  readonly instruction: boolean;
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

export const globalsAtReset = () => ({
  cr0: SMCFCFG | Cr0.CLIENTPD,
  acr: 0x400_0004,
  gfsr: 0,
  gfar: 0,
  gfsynr0: 0,
  gfsynr1: 0,
  smr: zeros(streamGroups),
  s2cr: zeros(streamGroups),
  cbar: zeros(contextBanks),
  cba2r: zeros(contextBanks),
  cbfrsynra: zeros(contextBanks),
});
export type SmmuGlobalsState = ReturnType<typeof globalsAtReset>;

export class SmmuGlobals {
  readonly #state: SmmuGlobalsState;

  /** `state` is part of the SMMU's. */
  constructor(state: SmmuGlobalsState) {
    this.#state = state;
  }

  /** Whether a bit of sCR0 is set. */
  control(bitOfCr0: number): boolean {
    return (this.#state.cr0 & bitOfCr0) !== 0;
  }

  get interrupt(): boolean {
    return this.#state.gfsr !== 0 && this.control(Cr0.GFIE);
  }

  /** Each stream mapping group that a stream belongs to, with its S2CR. */
  groupsOf(stream: number): readonly { readonly group: number; readonly s2cr: number }[] {
    return this.#state.smr.flatMap((smr, group) =>
      bit(smr, 31) && ((smr ^ stream) & ~(smr >>> 16) & 0x7fff) === 0
        ? [{ group, s2cr: this.#state.s2cr[group] as number }]
        : [],
    );
  }

  /** CBAR of a context bank, if there is such a bank. */
  cbar(bank: number): number | undefined {
    return this.#state.cbar[bank];
  }

  /** CBA2R.VA64 of a context bank. */
  isAArch64(bank: number): boolean {
    return this.#state.cba2r[bank] === 1;
  }

  setFaultStream(bank: number, stream: number): void {
    this.#state.cbfrsynra[bank] = stream;
  }

  /** Records a global fault, one of Gfsr's. While one is recorded, another only sets MULTI. */
  record(kind: number, { stream, address, write, privileged, instruction }: SmmuAccess): void {
    if (this.#state.gfsr !== 0) {
      this.#state.gfsr = (this.#state.gfsr | Gfsr.MULTI) >>> 0;
      return;
    }
    this.#state.gfsr = kind;
    this.#state.gfar = address;
    this.#state.gfsynr0 = (write ? 1 << 1 : 0) | (privileged ? 1 << 2 : 0) | (instruction ? 1 << 3 : 0);
    this.#state.gfsynr1 = stream;
  }

  /** A register, by its page and offset; undefined where there is none. */
  read(page: number, register: number): number | undefined {
    if (page === 0) return this.#read0(register);
    if (page === 1) return this.#perBank(register)?.[(register & 0x3ff) / 4];
    return page === 2 && register >= 0xfd0 ? peripheral[(register - 0xfd0) / 4] : undefined;
  }

  /** Writes a register; false where there is none. */
  write(page: number, register: number, value: number): boolean {
    if (page === 0) return this.#write0(register, value);
    if (page === 2) return register >= 0xfd0; // read-only
    const registers = page === 1 ? this.#perBank(register) : undefined;
    if (!registers) return false;
    const writable = registers === this.#state.cbar ? cbarWritable : registers === this.#state.cba2r ? 1 : 0x7fff_7fff;
    registers[(register & 0x3ff) / 4] = value & writable;
    return true;
  }

  #read0(register: number): number | undefined {
    if (register >= Gr0.IDR0 && register <= Gr0.IDR7) return identification[(register - Gr0.IDR0) / 4];
    if (register >= Gr0.S2CR) return this.#state.s2cr[(register - Gr0.S2CR) / 4];
    if (register >= Gr0.SMR) return this.#state.smr[(register - Gr0.SMR) / 4];
    switch (register) {
      case Gr0.sCR0:
        return this.#state.cr0;
      case Gr0.sACR:
        return this.#state.acr;
      case Gr0.sGFAR:
        return this.#state.gfar % 2 ** 32;
      case Gr0.sGFAR + 4:
        return Math.floor(this.#state.gfar / 2 ** 32);
      case Gr0.sGFSR:
        return this.#state.gfsr;
      case Gr0.sGFSYNR0:
        return this.#state.gfsynr0;
      case Gr0.sGFSYNR1:
        return this.#state.gfsynr1;
      case Gr0.sGFSRRESTORE: // only written
      case Gr0.sGFSYNR2:
      case Gr0.sTLBGSTATUS: // a sync is complete as soon as it is requested
        return 0;
      default:
        return undefined;
    }
  }

  #write0(register: number, value: number): boolean {
    if (register >= Gr0.SMR) {
      const [registers, index, writable] =
        register >= Gr0.S2CR
          ? [this.#state.s2cr, (register - Gr0.S2CR) / 4, s2crWritable]
          : [this.#state.smr, (register - Gr0.SMR) / 4, smrWritable];
      if (index >= streamGroups) return false;
      registers[index] = (value & writable) >>> 0;
      return true;
    }
    switch (register) {
      case Gr0.sCR0:
        this.#state.cr0 = (value & cr0Writable) | SMCFCFG;
        return true;
      case Gr0.sACR:
        this.#state.acr = value & 0x700_071c;
        return true;
      case Gr0.sGFSR:
        this.#state.gfsr = (this.#state.gfsr & ~value) >>> 0;
        return true;
      case Gr0.sGFSRRESTORE:
        this.#state.gfsr = (value & gfsrBits) >>> 0;
        return true;
      default:
        // Identification, and the details of a fault, which are read-only here.
        return this.#read0(register) !== undefined;
    }
  }

  /** The group of registers, one for each context bank, to which an offset in global register space 1 belongs. */
  #perBank(register: number): number[] | undefined {
    if (bits(register, 9, 2) >= contextBanks) return undefined;
    const group = register & ~0x3ff;
    if (group === Gr1.CBAR) return this.#state.cbar;
    if (group === Gr1.CBFRSYNRA) return this.#state.cbfrsynra;
    return group === Gr1.CBA2R ? this.#state.cba2r : undefined;
  }
}
