/** The SMMU's registers that are not of a context bank: its control, its stream mapping, what its contexts are, its global faults. */
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

export interface SmmuGlobalsState {
  readonly cr0: number;
  readonly acr: number;
  readonly gfsr: number;
  readonly gfar: number;
  readonly gfsynr0: number;
  readonly gfsynr1: number;
  readonly smr: readonly number[];
  readonly s2cr: readonly number[];
  readonly cbar: readonly number[];
  readonly cba2r: readonly number[];
  readonly cbfrsynra: readonly number[];
}

/** An access on its way through. */
export interface Access {
  readonly stream: number;
  readonly address: DmaAddr;
  readonly write: boolean;
  readonly privileged: boolean;
  readonly instruction: boolean;
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

const powerOn: SmmuGlobalsState = {
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
};

export class SmmuGlobals {
  #cr0 = 0;
  #acr = 0;
  #gfsr = 0;
  #gfar = 0;
  #gfsynr0 = 0;
  #gfsynr1 = 0;
  #smr: number[] = [];
  #s2cr: number[] = [];
  #cbar: number[] = [];
  #cba2r: number[] = [];
  #cbfrsynra: number[] = [];

  constructor() {
    this.reset();
  }

  /** Whether a bit of sCR0 is set. */
  control(bitOfCr0: number): boolean {
    return (this.#cr0 & bitOfCr0) !== 0;
  }

  get interrupt(): boolean {
    return this.#gfsr !== 0 && this.control(Cr0.GFIE);
  }

  /** S2CR of each stream mapping group that a stream belongs to. */
  groupsOf(stream: number): readonly number[] {
    return this.#smr.flatMap((smr, group) =>
      bit(smr, 31) && ((smr ^ stream) & ~(smr >>> 16) & 0x7fff) === 0 ? [this.#s2cr[group] as number] : [],
    );
  }

  /** CBAR of a context bank, if there is such a bank. */
  cbar(bank: number): number | undefined {
    return this.#cbar[bank];
  }

  /** CBA2R.VA64 of a context bank. */
  isAArch64(bank: number): boolean {
    return this.#cba2r[bank] === 1;
  }

  setFaultStream(bank: number, stream: number): void {
    this.#cbfrsynra[bank] = stream;
  }

  /** Records a global fault, one of Gfsr's; of those that come while it is there still, only that there were more. */
  record(kind: number, { stream, address, write, privileged, instruction }: Access): void {
    if (this.#gfsr !== 0) {
      this.#gfsr = (this.#gfsr | Gfsr.MULTI) >>> 0;
      return;
    }
    this.#gfsr = kind;
    this.#gfar = address;
    this.#gfsynr0 = (write ? 1 << 1 : 0) | (privileged ? 1 << 2 : 0) | (instruction ? 1 << 3 : 0);
    this.#gfsynr1 = stream;
  }

  /** A register of the page of that number; undefined where there is none. */
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
    const writable = registers === this.#cbar ? cbarWritable : registers === this.#cba2r ? 1 : 0x7fff_7fff;
    registers[(register & 0x3ff) / 4] = value & writable;
    return true;
  }

  reset(): void {
    this.loadState(powerOn);
  }

  saveState(): SmmuGlobalsState {
    return {
      cr0: this.#cr0,
      acr: this.#acr,
      gfsr: this.#gfsr,
      gfar: this.#gfar,
      gfsynr0: this.#gfsynr0,
      gfsynr1: this.#gfsynr1,
      smr: [...this.#smr],
      s2cr: [...this.#s2cr],
      cbar: [...this.#cbar],
      cba2r: [...this.#cba2r],
      cbfrsynra: [...this.#cbfrsynra],
    };
  }

  loadState(state: SmmuGlobalsState): void {
    this.#cr0 = state.cr0;
    this.#acr = state.acr;
    this.#gfsr = state.gfsr;
    this.#gfar = state.gfar;
    this.#gfsynr0 = state.gfsynr0;
    this.#gfsynr1 = state.gfsynr1;
    this.#smr = [...state.smr];
    this.#s2cr = [...state.s2cr];
    this.#cbar = [...state.cbar];
    this.#cba2r = [...state.cba2r];
    this.#cbfrsynra = [...state.cbfrsynra];
  }

  #read0(register: number): number | undefined {
    if (register >= Gr0.IDR0 && register <= Gr0.IDR7) return identification[(register - Gr0.IDR0) / 4];
    if (register >= Gr0.S2CR) return this.#s2cr[(register - Gr0.S2CR) / 4];
    if (register >= Gr0.SMR) return this.#smr[(register - Gr0.SMR) / 4];
    switch (register) {
      case Gr0.sCR0:
        return this.#cr0;
      case Gr0.sACR:
        return this.#acr;
      case Gr0.sGFAR:
        return this.#gfar % 2 ** 32;
      case Gr0.sGFAR + 4:
        return Math.floor(this.#gfar / 2 ** 32);
      case Gr0.sGFSR:
        return this.#gfsr;
      case Gr0.sGFSYNR0:
        return this.#gfsynr0;
      case Gr0.sGFSYNR1:
        return this.#gfsynr1;
      case Gr0.sGFSRRESTORE: // only written
      case Gr0.sGFSYNR2:
      case Gr0.sTLBGSTATUS: // a sync is complete when it has been asked for
        return 0;
      default:
        return undefined;
    }
  }

  #write0(register: number, value: number): boolean {
    if (register >= Gr0.SMR) {
      const [registers, index, writable] =
        register >= Gr0.S2CR
          ? [this.#s2cr, (register - Gr0.S2CR) / 4, s2crWritable]
          : [this.#smr, (register - Gr0.SMR) / 4, smrWritable];
      if (index >= streamGroups) return false;
      registers[index] = (value & writable) >>> 0;
      return true;
    }
    switch (register) {
      case Gr0.sCR0:
        this.#cr0 = (value & cr0Writable) | SMCFCFG;
        return true;
      case Gr0.sACR:
        this.#acr = value & 0x700_071c;
        return true;
      case Gr0.sGFSR:
        this.#gfsr = (this.#gfsr & ~value) >>> 0;
        return true;
      case Gr0.sGFSRRESTORE:
        this.#gfsr = (value & gfsrBits) >>> 0;
        return true;
      default:
        // Identification, and what a fault leaves, which no driver writes.
        return this.#read0(register) !== undefined;
    }
  }

  /** The registers, one for each context bank, among which an offset of global register space 1 is. */
  #perBank(register: number): number[] | undefined {
    if (bits(register, 9, 2) >= contextBanks) return undefined;
    const group = register & ~0x3ff;
    if (group === Gr1.CBAR) return this.#cbar;
    if (group === Gr1.CBFRSYNRA) return this.#cbfrsynra;
    return group === Gr1.CBA2R ? this.#cba2r : undefined;
  }
}
