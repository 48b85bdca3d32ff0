/**
 * The SMMU-500 of the ZynqMP (Arm DDI 0517 r2p1; SMMU architecture version 2, Arm IHI 0062D; UG1085 chapter 16 and UG1087, module
 * SMMU500), as Non-secure software sees it: 48 stream mapping groups, 16 context banks, each for stage 1, stage 2 or both nested,
 * in pages of 4 KiB from 0x10000 on.
 *
 * Where it is not the chip's: tables are AArch64's alone, and IDR0.PTFS says so; addresses come out with 40 bits, as the interconnect
 * has; entries are tagged by ASID whether global or not; no contexts for hypervisors' own tables (CBAR.HYPC), no performance
 * monitors, no address translation operations (nor has the chip, IDR0.ATOSNS); SCTLR.AFFD and SCTLR.E are remembered only.
 */
import { bit, bits } from '../base/bits.ts';
import { type DmaAddr, physAddr } from '../base/units.ts';
import type { Memory } from '../cpu/memory.ts';
import { Need } from '../cpu/walk.ts';
import { type Device, type MachineLog, readLanes, UnknownRegisters, writeLanes } from './device.ts';
import type { Translation } from './dma-port.ts';
import { Cb, ContextBank, type ContextBankState, Fsr, Sctlr } from './smmu-context.ts';
import {
  CbarType,
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
} from './smmu-registers.ts';
import { type Invalidation, type Regime, SmmuTlb, type TlbState, type TlbTag } from './smmu-tlb.ts';
import { SmmuWalker, type Stages, type WalkFault } from './smmu-walk.ts';

export interface SmmuState {
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
  readonly banks: readonly ContextBankState[];
  readonly tlb: TlbState;
  readonly stalls: readonly Stall[];
}

/** A stream's access that waits for the resume of a bank. */
interface Stall {
  readonly bank: number;
  readonly stream: number;
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

export interface SmmuWiring {
  readonly memory: Memory;
  readonly log: MachineLog;
  /** The interrupt outputs: a global fault; a fault of any context. */
  interrupts(global: boolean, context: boolean): void;
  /** A stream's stalled access is to be made again, or to fail. */
  resume(stream: number, terminate: boolean): void;
}

/** An access on its way through. */
interface Access {
  readonly stream: number;
  readonly address: DmaAddr;
  readonly write: boolean;
  readonly privileged: boolean;
  readonly instruction: boolean;
}

export class Smmu implements Device<SmmuState> {
  readonly name = 'smmu';
  readonly size = 0x2_0000;
  readonly #wiring: SmmuWiring;
  readonly #unknown: UnknownRegisters;
  readonly #walker: SmmuWalker;
  readonly #tlb = new SmmuTlb();
  readonly #banks = Array.from({ length: contextBanks }, () => new ContextBank());
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
  #stalls: Stall[] = [];
  #saidFormat = false;

  constructor(wiring: SmmuWiring) {
    this.#wiring = wiring;
    this.#unknown = new UnknownRegisters(this.name, wiring.log);
    this.#walker = new SmmuWalker(wiring.memory);
    this.reset();
  }

  /** Where a stream's access goes that lies in one page: data, as unprivileged as the masters' bus says, unless its S2CR overrides that. */
  translate(stream: number, address: DmaAddr, write: boolean): Translation {
    if ((this.#cr0 & Cr0.CLIENTPD) !== 0) return { pa: physAddr(address) };
    const access = { stream, address, write, privileged: false, instruction: false };
    const groups = this.#smr.flatMap((smr, group) =>
      bit(smr, 31) && ((smr ^ stream) & ~(smr >>> 16) & 0x7fff) === 0 ? [group] : [],
    );
    const [group] = groups;
    if (groups.length > 1) return this.#globalFault(Gfsr.SMCF, access);
    if (group === undefined) {
      if ((this.#cr0 & Cr0.USFCFG) !== 0) return this.#globalFault(Gfsr.USF, access);
      return { pa: physAddr(address) };
    }
    const s2cr = this.#s2cr[group] as number;
    switch (bits(s2cr, 17, 16)) {
      case 0:
        return this.#context(bits(s2cr, 7, 0), {
          ...access,
          privileged: bits(s2cr, 25, 24) === 3,
          instruction: bits(s2cr, 27, 26) === 3,
        });
      case 1:
        return { pa: physAddr(address) };
      default:
        return this.#globalFault(Gfsr.ICF, access);
    }
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = offset & 0xffc;
    const page = offset >>> 12;
    return readLanes(this.#readRegister(page, register, offset), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, narrow: number): void {
    const value = writeLanes(narrow, offset, size);
    const register = offset & 0xffc;
    const page = offset >>> 12;
    if (page === 0) this.#writeGlobal0(register, value);
    else if (page === 1) this.#writeGlobal1(register, value);
    else if (page >= contextBanks) this.#writeContext(page - contextBanks, register, value);
    else this.#unknown.write(offset, value);
    this.#update();
  }

  reset(): void {
    for (const bank of this.#banks) bank.reset();
    this.loadState({
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
      banks: this.#banks.map((bank) => bank.saveState()),
      tlb: { entries: [], pending: [] },
      stalls: [],
    });
  }

  saveState(): SmmuState {
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
      banks: this.#banks.map((bank) => bank.saveState()),
      tlb: this.#tlb.saveState(),
      stalls: [...this.#stalls],
    };
  }

  loadState(state: SmmuState): void {
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
    for (const [i, bank] of this.#banks.entries()) bank.loadState(state.banks[i] as ContextBankState);
    this.#tlb.loadState(state.tlb);
    this.#stalls = [...state.stalls];
    this.#update();
  }

  #readRegister(page: number, register: number, offset: number): number {
    if (page === 0) return this.#readGlobal0(register);
    if (page === 1) return this.#global1(register)?.[(register & 0x3ff) / 4] ?? this.#unknown.read(offset);
    if (page === 2 && register >= 0xfd0) return peripheral[(register - 0xfd0) / 4] as number;
    if (page < contextBanks) return this.#unknown.read(offset);
    return this.#readContext(this.#banks[page - contextBanks] as ContextBank, register, offset);
  }

  #readGlobal0(register: number): number {
    if (register >= Gr0.IDR0 && register <= Gr0.IDR7) return identification[(register - Gr0.IDR0) / 4] as number;
    if (register >= Gr0.SMR && register < Gr0.SMR + 4 * streamGroups)
      return this.#smr[(register - Gr0.SMR) / 4] as number;
    if (register >= Gr0.S2CR && register < Gr0.S2CR + 4 * streamGroups)
      return this.#s2cr[(register - Gr0.S2CR) / 4] as number;
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
      case Gr0.sGFSYNR2:
      case Gr0.sTLBGSTATUS: // a sync is complete when it has been asked for
        return 0;
      default:
        return this.#unknown.read(register);
    }
  }

  #writeGlobal0(register: number, value: number): void {
    if (register >= Gr0.IDR0 && register <= Gr0.IDR7) return;
    if (register >= Gr0.SMR && register < Gr0.SMR + 4 * streamGroups) {
      this.#smr[(register - Gr0.SMR) / 4] = (value & smrWritable) >>> 0;
      return;
    }
    if (register >= Gr0.S2CR && register < Gr0.S2CR + 4 * streamGroups) {
      this.#s2cr[(register - Gr0.S2CR) / 4] = value & s2crWritable;
      return;
    }
    switch (register) {
      case Gr0.sCR0:
        this.#cr0 = (value & cr0Writable) | SMCFCFG;
        break;
      case Gr0.sACR:
        this.#acr = value & 0x700_071c;
        break;
      case Gr0.sGFSR:
        this.#gfsr = (this.#gfsr & ~value) >>> 0;
        break;
      case Gr0.sGFSRRESTORE:
        this.#gfsr = (value & gfsrBits) >>> 0;
        break;
      case Gr0.TLBIVMID:
        this.#tlb.invalidate({ of: 'any', vmid: value & 0xff });
        break;
      case Gr0.TLBIALLNSNH:
        this.#tlb.invalidate({ of: 'any' });
        break;
      case Gr0.sTLBGSYNC:
        this.#tlb.sync();
        break;
      case Gr0.sGFAR: // what a fault left, which no driver writes
      case Gr0.sGFAR + 4:
      case Gr0.sGFSYNR0:
      case Gr0.sGFSYNR1:
      case Gr0.sGFSYNR2:
      case Gr0.TLBIALLH: // there are no entries of hypervisors
      case Gr0.sTLBGSTATUS:
        break;
      default:
        this.#unknown.write(register, value);
    }
  }

  /** The registers, one for each context bank, among which an offset of global register space 1 is. */
  #global1(register: number): number[] | undefined {
    if ((register & 0x3ff) >= 4 * contextBanks) return undefined;
    const group = register & ~0x3ff;
    if (group === Gr1.CBAR) return this.#cbar;
    if (group === Gr1.CBFRSYNRA) return this.#cbfrsynra;
    return group === Gr1.CBA2R ? this.#cba2r : undefined;
  }

  #writeGlobal1(register: number, value: number): void {
    const registers = this.#global1(register);
    if (!registers) {
      this.#unknown.write(0x1000 | register, value);
      return;
    }
    const writable = registers === this.#cbar ? cbarWritable : registers === this.#cba2r ? 1 : 0x7fff_7fff;
    registers[(register & 0x3ff) / 4] = value & writable;
  }

  #readContext(bank: ContextBank, register: number, offset: number): number {
    if (bank.has(register)) return bank.read(register);
    switch (register) {
      case Cb.RESUME:
      case Cb.FSRRESTORE:
      case Cb.TLBIASID:
      case Cb.TLBIALL:
      case Cb.TLBSYNC:
        return 0; // write-only
      case Cb.TLBSTATUS:
        return 0; // a sync is complete when it has been asked for
      default:
        return isOperand(register) ? 0 : this.#unknown.read(offset);
    }
  }

  #writeContext(index: number, register: number, value: number): void {
    const bank = this.#banks[index] as ContextBank;
    if (bank.has(register)) {
      bank.write(register, value);
      return;
    }
    const vmid = this.#vmid(index);
    switch (register) {
      case Cb.RESUME:
        this.#resume(index, bit(value, 0) === 1);
        break;
      case Cb.FSRRESTORE:
        bank.restore(value);
        break;
      case Cb.TLBIASID:
        this.#tlb.invalidate({ of: 'first', vmid, asid: value & 0xffff });
        break;
      case Cb.TLBIALL:
        this.#tlb.invalidate({ of: 'any', vmid });
        break;
      case Cb.TLBSYNC:
        this.#tlb.sync();
        break;
      case Cb.TLBSTATUS:
        break;
      default:
        if (isOperand(register)) this.#tlb.invalidate(byAddress(bank, register - 4, value, vmid));
        else this.#unknown.write(((contextBanks + index) << 12) | register, value);
    }
  }

  /** The VMID of what a bank translates: of nested ones the second's. */
  #vmid(index: number): number {
    const cbar = this.#cbar[index] as number;
    const owner = bits(cbar, 17, 16) === CbarType.nested ? this.#cbar[bits(cbar, 15, 8)] : cbar;
    return (owner ?? 0) & 0xff;
  }

  /** Lets the accesses go on that a bank has stalled; the first of them may be ended instead. */
  #resume(index: number, terminate: boolean): void {
    const resumed = this.#stalls.filter(({ bank }) => bank === index);
    this.#stalls = this.#stalls.filter(({ bank }) => bank !== index);
    (this.#banks[index] as ContextBank).stalled = false;
    for (const [i, { stream }] of resumed.entries()) this.#wiring.resume(stream, terminate && i === 0);
  }

  /** Translation by a context bank, and the one that it is nested in. */
  #context(index: number, access: Access): Translation {
    const bank = this.#banks[index];
    if (!bank) return this.#globalFault(Gfsr.UCBF, access);
    const cbar = this.#cbar[index] as number;
    const type = bits(cbar, 17, 16);
    const secondIndex = type === CbarType.nested ? bits(cbar, 15, 8) : index;
    const second = this.#banks[secondIndex];
    if (!second) return this.#globalFault(Gfsr.UCBF, access);
    const secondType = bits(this.#cbar[secondIndex] as number, 17, 16);
    if (type === CbarType.stage1Fault || (type === CbarType.nested && secondType !== CbarType.stage2))
      return this.#globalFault(Gfsr.ICF, access);
    const stages: Stages = {
      first: type !== CbarType.stage2 && bank.enabled ? bank : null,
      second: (type === CbarType.stage2 || type === CbarType.nested) && second.enabled ? second : null,
    };
    const { first } = stages;
    if (!first && !stages.second) return { pa: physAddr(access.address) };
    const wrong = [...(first ? [index] : []), ...(stages.second ? [secondIndex] : [])].find((i) => !this.#cba2r[i]);
    if (wrong !== undefined) {
      this.#sayFormat(wrong);
      const fault: WalkFault = { stage: first ? 1 : 2, kind: Fsr.TF, level: 0, onWalk: false, ipa: 0 };
      return this.#contextFault(wrong, fault, access);
    }
    const regime: Regime = first ? (stages.second ? 'nested' : 'stage 1') : 'stage 2';
    const { privileged } = access;
    const tag = { regime, vmid: this.#vmid(index), asid: first?.asid ?? 0, privileged };
    const need = access.write ? Need.write : access.instruction ? Need.execute : Need.read;
    const fault = this.#find(stages, tag, access.address, need);
    if (typeof fault === 'number') return { pa: physAddr(fault) };
    const s1cbndx = fault.stage === 2 && first ? index : 0;
    return this.#contextFault(fault.stage === 2 ? secondIndex : index, fault, access, s1cbndx);
  }

  /** The physical address, from the TLB or the tables, or the fault. */
  #find(stages: Stages, tag: TlbTag, address: DmaAddr, need: Need): number | WalkFault {
    const page = Math.floor(address / 4096);
    const known = this.#tlb.find(tag, page);
    // An entry that does not allow the access may be older than the tables: they are asked again, as a core does.
    if (known && (need === Need.write ? known.writable : need === Need.execute ? known.executable : known.readable))
      return known.target * 4096 + (address % 4096);
    if (known) this.#tlb.drop(known);
    const fault = this.#walker.walk(stages, address, tag.privileged, need);
    if (fault) return fault;
    const { page: target, readable, writable, executable } = this.#walker.found;
    this.#tlb.add({ ...tag, page, sizeLog2: this.#walker.sizeLog2(stages), target, readable, writable, executable });
    return target * 4096 + (address % 4096);
  }

  #globalFault(kind: number, { stream, address, write, privileged, instruction }: Access): Translation {
    if (this.#gfsr !== 0) this.#gfsr = (this.#gfsr | Gfsr.MULTI) >>> 0;
    else {
      this.#gfsr = kind;
      this.#gfar = address;
      this.#gfsynr0 = (write ? 1 << 1 : 0) | (privileged ? 1 << 2 : 0) | (instruction ? 1 << 3 : 0);
      this.#gfsynr1 = stream;
    }
    this.#update();
    return (this.#cr0 & Cr0.GFRE) !== 0 ? 'error' : 'ignored';
  }

  #contextFault(index: number, fault: WalkFault, access: Access, s1cbndx = 0): Translation {
    const bank = this.#banks[index] as ContextBank;
    const { address, write, privileged, instruction, stream } = access;
    const syndrome =
      fault.level |
      (write ? 1 << 4 : 0) |
      (privileged ? 1 << 5 : 0) |
      (instruction ? 1 << 6 : 0) |
      (fault.onWalk ? 1 << 10 : 0) |
      (s1cbndx << 16);
    if (bank.record({ kind: fault.kind, address, ipa: fault.ipa, syndrome })) this.#cbfrsynra[index] = stream;
    const control = bank.get(Cb.SCTLR);
    const stalls = (control & Sctlr.CFCFG) !== 0;
    if (stalls) {
      bank.stalled = true;
      this.#stalls.push({ bank: index, stream });
    }
    this.#update();
    if (stalls) return 'stalled';
    return (control & Sctlr.CFRE) !== 0 ? 'error' : 'ignored';
  }

  #sayFormat(index: number): void {
    if (this.#saidFormat) return;
    this.#saidFormat = true;
    this.#wiring.log(
      this.name,
      `context bank ${index} is set to AArch32 tables, which IDR0 does not offer: accesses fault`,
    );
  }

  #update(): void {
    const global = this.#gfsr !== 0 && (this.#cr0 & Cr0.GFIE) !== 0;
    this.#wiring.interrupts(
      global,
      this.#banks.some((bank) => bank.interrupt),
    );
  }
}

/** Whether an offset is the high half of a TLBI's operand: what makes it happen. */
const isOperand = (register: number): boolean =>
  [Cb.TLBIVA, Cb.TLBIVAA, Cb.TLBIVAL, Cb.TLBIVAAL, Cb.TLBIIPAS2, Cb.TLBIIPAS2L].some((low) => register === low + 4);

/** A TLBI by address, of which the page is in bits 43-0 and the ASID in 63-48. */
const byAddress = (bank: ContextBank, register: number, high: number, vmid: number): Invalidation => {
  const page = (high & 0xfff) * 2 ** 32 + bank.get(register);
  if (register === Cb.TLBIIPAS2 || register === Cb.TLBIIPAS2L) return { of: 'second', vmid, page };
  const asid = register === Cb.TLBIVA || register === Cb.TLBIVAL ? { asid: high >>> 16 } : {};
  return { of: 'first', vmid, page: page % 2 ** 37, ...asid };
};
