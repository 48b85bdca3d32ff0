/**
 * The SMMU-500 of the ZynqMP (Arm DDI 0517 r2p1; SMMU architecture version 2, Arm IHI 0062D; UG1085 chapter 16 and
 * UG1087, module SMMU500), as Non-secure software sees it: 48 stream mapping groups, 16 context banks, each for stage
 * 1, stage 2 or both nested, in pages of 4 KiB from 0x10000 on.
 *
 * It differs from the chip: it has AArch64 tables only, and IDR0.PTFS says so; output addresses have 40 bits, as on the
 * interconnect; TLB entries are tagged by ASID even if they are global; it has no contexts for hypervisors' own tables
 * (CBAR.HYPC) and no performance monitors; SCTLR.AFFD and SCTLR.E are only remembered. Like the chip, it has no address
 * translation operations (IDR0.ATOSNS).
 */

import { Need } from '../../arch/mmu/walk.ts';
import type { Memory } from '../../arch/state/memory.ts';
import { bit, bits } from '../../base/bits.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { type DmaAddr, type PhysAddr, physAddr } from '../../base/units.ts';
import { type MachineLog, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../bus/device.ts';
import { Cb, ContextBank, contextAtReset, Fsr, Sctlr } from './context.ts';
import { globalsAtReset, type SmmuAccess, SmmuGlobals } from './globals.ts';
import { CbarType, Cr0, contextBanks, Gfsr, Gr0 } from './registers.ts';
import { type Invalidation, SmmuTlb, type TlbKind, type TlbState, type TlbTag } from './tlb.ts';
import { type ExplainedWalk, SmmuWalker, type StageBanks, type WalkFault } from './walk.ts';

const powerOn = () => ({
  globals: globalsAtReset(),
  banks: Array.from({ length: contextBanks }, contextAtReset),
  tlb: { entries: [], pending: [] } as TlbState,
  stalls: [] as Stall[],
});

/** Where an access of a stream goes; 'ignored' reads as zero and writes nothing. */
export type SmmuTranslation = { readonly pa: PhysAddr } | 'ignored' | 'error' | 'stalled';

/** A stalled access of a stream, which waits for the resume of a bank. */
interface Stall {
  readonly bank: number;
  readonly stream: number;
}

interface ContextRoute {
  readonly kind: 'context';
  readonly index: number;
  /** The bank of stage 2. */
  readonly secondIndex: number;
  readonly stages: StageBanks;
  readonly group: number;
  readonly access: SmmuAccess;
}

/** Why an access is not translated: the SMMU is off, no group has the stream, its group says so, or its banks are off. */
type Bypass = 'off' | 'no group' | 'group' | 'banks';

/** Where an access goes; `group` is the stream mapping group that it belongs to. */
type Route =
  | { readonly kind: 'bypass'; readonly why: Bypass; readonly group: number | null }
  | {
      readonly kind: 'global fault';
      /** One of Gfsr's. */
      readonly status: number;
      readonly group: number | null;
      readonly access: SmmuAccess;
    }
  | ContextRoute;

/** How an access of a stream is translated. Plain data. */
export type SmmuExplanation =
  | { readonly kind: 'bypass'; readonly why: Bypass; readonly group: number | null }
  | { readonly kind: 'global fault'; readonly status: number; readonly group: number | null }
  | ({
      readonly kind: 'context';
      readonly group: number;
      /** The context bank of each stage that is on. */
      readonly banks: { readonly first: number | null; readonly second: number | null };
    } & ExplainedWalk);

export interface SmmuWiring {
  readonly memory: Memory;
  readonly log: MachineLog;
  readonly probe: Probe;
  /** The interrupt outputs: a global fault; a fault of any context. */
  interrupts(global: boolean, context: boolean): void;
  /** A stream's stalled access may be retried, or fails. */
  resume(stream: number, terminate: boolean): void;
}

export class Smmu extends StatefulDevice<ReturnType<typeof powerOn>> {
  readonly #wiring: SmmuWiring;
  readonly #unknown: UnknownRegisters;
  readonly #walker: SmmuWalker;
  readonly #globals: SmmuGlobals;
  readonly #tlb: SmmuTlb;
  readonly #banks: readonly ContextBank[];
  #saidFormat = false;

  constructor(name: string, wiring: SmmuWiring) {
    super(name, powerOn());
    this.#wiring = wiring;
    this.#unknown = new UnknownRegisters(name, wiring.log);
    this.#walker = new SmmuWalker(wiring.memory);
    this.#globals = new SmmuGlobals(this.state.globals);
    this.#tlb = new SmmuTlb(this.state.tlb);
    this.#banks = this.state.banks.map((registers) => new ContextBank(registers));
  }

  /**
   * Translates a stream's access within one page.
   */
  translate(stream: number, address: DmaAddr, write: boolean): SmmuTranslation {
    const route = this.#route(stream, address, write);
    switch (route.kind) {
      case 'bypass':
        return { pa: physAddr(address) };
      case 'global fault':
        return this.#globalFault(route.status, route.access);
      case 'context':
        return this.#context(route);
    }
  }

  /** How the access would be translated now by the tables: TLB entries may be older. Nothing changes. */
  explain(stream: number, address: DmaAddr, write: boolean): SmmuExplanation {
    const route = this.#route(stream, address, write);
    switch (route.kind) {
      case 'bypass':
        return { kind: 'bypass', why: route.why, group: route.group };
      case 'global fault':
        return { kind: 'global fault', status: route.status, group: route.group };
      case 'context': {
        const { index, secondIndex, stages, group, access } = route;
        const banks = { first: stages.first && index, second: stages.second && secondIndex };
        const { fault, translation } =
          this.#formatFault(route) ??
          new SmmuWalker(this.#wiring.memory).explain(stages, address, access.privileged, needOf(access));
        return { kind: 'context', group, banks, translation, fault };
      }
    }
  }

  /** Where an access of a stream goes. It is an unprivileged access to data, unless its S2CR overrides that. */
  #route(stream: number, address: DmaAddr, write: boolean): Route {
    const access = { stream, address, write, privileged: false, instruction: false };
    if (this.#globals.control(Cr0.CLIENTPD)) return { kind: 'bypass', why: 'off', group: null };
    const [matched, another] = this.#globals.groupsOf(stream);
    if (another !== undefined) return { kind: 'global fault', status: Gfsr.SMCF, group: null, access };
    if (matched === undefined)
      return this.#globals.control(Cr0.USFCFG)
        ? { kind: 'global fault', status: Gfsr.USF, group: null, access }
        : { kind: 'bypass', why: 'no group', group: null };
    const { group, s2cr } = matched;
    switch (bits(s2cr, 17, 16)) {
      case 0:
        return this.#contextOf(bits(s2cr, 7, 0), group, {
          ...access,
          privileged: bits(s2cr, 25, 24) === 3,
          instruction: bits(s2cr, 27, 26) === 3,
        });
      case 1:
        return { kind: 'bypass', why: 'group', group };
      default:
        return { kind: 'global fault', status: Gfsr.ICF, group, access };
    }
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = offset & 0xffc;
    const page = offset >>> 12;
    const value =
      page < contextBanks
        ? this.#readGlobal(page, register)
        : this.#readContext(this.#banks[page - contextBanks] as ContextBank, register);
    return readLanes(value ?? this.#unknown.read(offset), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, narrow: number): void {
    const value = writeLanes(narrow, offset, size);
    const register = offset & 0xffc;
    const page = offset >>> 12;
    const known =
      page < contextBanks
        ? this.#writeGlobal(page, register, value)
        : this.#writeContext(page - contextBanks, register, value);
    if (!known) this.#unknown.write(offset, value);
    this.#update();
  }

  protected override stateLoaded(): void {
    this.#tlb.loaded();
    this.#update();
  }

  #readGlobal(page: number, register: number): number | undefined {
    return page === 0 && isGlobalOperation(register) ? 0 : this.#globals.read(page, register);
  }

  #writeGlobal(page: number, register: number, value: number): boolean {
    if (page !== 0 || !isGlobalOperation(register)) return this.#globals.write(page, register, value);
    if (register === Gr0.TLBIVMID) this.#tlb.invalidate({ of: 'any', vmid: value & 0xff });
    else if (register === Gr0.TLBIALLNSNH) this.#tlb.invalidate({ of: 'any' });
    else if (register === Gr0.sTLBGSYNC) this.#tlb.sync();
    return true;
  }

  #readContext(bank: ContextBank, register: number): number | undefined {
    if (bank.has(register)) return bank.read(register);
    // Write-only registers read as zero, and a sync is complete as soon as it is requested.
    return isContextOperation(register) || isOperand(register) ? 0 : undefined;
  }

  #writeContext(index: number, register: number, value: number): boolean {
    const bank = this.#banks[index] as ContextBank;
    const vmid = this.#vmid(index);
    if (bank.has(register)) bank.write(register, value);
    else if (isOperand(register)) this.#tlb.invalidate(byAddress(bank, register - 4, value, vmid));
    else if (register === Cb.RESUME) this.#resume(index, bit(value, 0) === 1);
    else if (register === Cb.FSRRESTORE) bank.restore(value);
    else if (register === Cb.TLBIASID) this.#tlb.invalidate({ of: 'first', vmid, asid: value & 0xffff });
    else if (register === Cb.TLBIALL) this.#tlb.invalidate({ of: 'any', vmid });
    else if (register === Cb.TLBSYNC) this.#tlb.sync();
    else return isContextOperation(register);
    return true;
  }

  /** The VMID of a bank's translations; for a nested bank, that of its stage 2 bank. */
  #vmid(index: number): number {
    const cbar = this.#globals.cbar(index) ?? 0;
    const owner = bits(cbar, 17, 16) === CbarType.nested ? this.#globals.cbar(bits(cbar, 15, 8)) : cbar;
    return (owner ?? 0) & 0xff;
  }

  /** Lets the accesses that a bank has stalled be retried; the first of them may be terminated instead. */
  #resume(index: number, terminate: boolean): void {
    const resumed = this.state.stalls.filter(({ bank }) => bank === index);
    this.state.stalls = this.state.stalls.filter(({ bank }) => bank !== index);
    (this.#banks[index] as ContextBank).stalled = false;
    for (const [i, { stream }] of resumed.entries()) this.#wiring.resume(stream, terminate && i === 0);
  }

  /** The stages of a context bank and, if it is nested, of its stage 2 bank. */
  #contextOf(index: number, group: number, access: SmmuAccess): Route {
    const bank = this.#banks[index];
    const cbar = this.#globals.cbar(index);
    if (!bank || cbar === undefined) return { kind: 'global fault', status: Gfsr.UCBF, group, access };
    const type = bits(cbar, 17, 16);
    const secondIndex = type === CbarType.nested ? bits(cbar, 15, 8) : index;
    const second = this.#banks[secondIndex];
    if (!second) return { kind: 'global fault', status: Gfsr.UCBF, group, access };
    const secondType = bits(this.#globals.cbar(secondIndex) ?? 0, 17, 16);
    if (type === CbarType.stage1Fault || (type === CbarType.nested && secondType !== CbarType.stage2))
      return { kind: 'global fault', status: Gfsr.ICF, group, access };
    const stages: StageBanks = {
      first: type !== CbarType.stage2 && bank.enabled ? bank : null,
      second: (type === CbarType.stage2 || type === CbarType.nested) && second.enabled ? second : null,
    };
    if (!stages.first && !stages.second) return { kind: 'bypass', why: 'banks', group };
    return { kind: 'context', index, secondIndex, stages, group, access };
  }

  /** The fault of a context whose bank is set to tables that there are not; null if it is not. */
  #formatFault({
    index,
    secondIndex,
    stages,
  }: ContextRoute): (ExplainedWalk & { bank: number; fault: WalkFault }) | null {
    const { first, second } = stages;
    const bank = [...(first ? [index] : []), ...(second ? [secondIndex] : [])].find((i) => !this.#globals.isAArch64(i));
    if (bank === undefined) return null;
    const fault = { stage: first ? 1 : 2, kind: Fsr.TF, level: 0, onWalk: false, ipa: 0 } as const;
    return { bank, fault, translation: null };
  }

  /** Translates by a context bank and, if it is nested, by its stage 2 bank. */
  #context(route: ContextRoute): SmmuTranslation {
    const { index, secondIndex, stages, access } = route;
    const wrong = this.#formatFault(route);
    if (wrong) {
      this.#sayFormat(wrong.bank);
      return this.#contextFault(wrong.bank, wrong.fault, access);
    }
    const { first } = stages;
    const kind: TlbKind = first ? (stages.second ? 'nested' : 'stage 1') : 'stage 2';
    const { privileged } = access;
    const tag = { kind, vmid: this.#vmid(index), asid: first?.asid ?? 0, privileged };
    const fault = this.#find(stages, tag, access.address, needOf(access));
    if (typeof fault === 'number') return { pa: physAddr(fault) };
    const s1cbndx = fault.stage === 2 && first ? index : 0;
    return this.#contextFault(fault.stage === 2 ? secondIndex : index, fault, access, s1cbndx);
  }

  /** The physical address, from the TLB or the tables, or the fault. */
  #find(stages: StageBanks, tag: TlbTag, address: DmaAddr, need: Need): number | WalkFault {
    const page = Math.floor(address / 4096);
    const known = this.#tlb.find(tag, page);
    // An entry that does not allow the access may be stale: the tables are walked again, as a core does.
    if (known && (need === Need.write ? known.writable : need === Need.execute ? known.executable : known.readable))
      return known.target * 4096 + (address % 4096);
    if (known) this.#tlb.drop(known);
    const fault = this.#walker.walk(stages, address, tag.privileged, need);
    if (fault) return fault;
    const { page: target, readable, writable, executable } = this.#walker.found;
    this.#tlb.add({ ...tag, page, sizeLog2: this.#walker.sizeLog2(stages), target, readable, writable, executable });
    return target * 4096 + (address % 4096);
  }

  #globalFault(kind: number, access: SmmuAccess): SmmuTranslation {
    this.#globals.record(kind, access);
    this.#emitFault(access, kind | (1 << 15));
    this.#update();
    return this.#globals.control(Cr0.GFRE) ? 'error' : 'ignored';
  }

  #contextFault(index: number, fault: WalkFault, access: SmmuAccess, s1cbndx = 0): SmmuTranslation {
    const bank = this.#banks[index] as ContextBank;
    const { address, write, privileged, instruction, stream } = access;
    const syndrome =
      fault.level |
      (write ? 1 << 4 : 0) |
      (privileged ? 1 << 5 : 0) |
      (instruction ? 1 << 6 : 0) |
      (fault.onWalk ? 1 << 10 : 0) |
      (s1cbndx << 16);
    if (bank.record({ kind: fault.kind, address, ipa: fault.ipa, syndrome }))
      this.#globals.setFaultStream(index, stream);
    this.#emitFault(access, fault.kind | (index << 10));
    const control = bank.get(Cb.SCTLR);
    const stalls = (control & Sctlr.CFCFG) !== 0;
    if (stalls) {
      bank.stalled = true;
      this.state.stalls.push({ bank: index, stream });
    }
    this.#update();
    if (stalls) return 'stalled';
    return (control & Sctlr.CFRE) !== 0 ? 'error' : 'ignored';
  }

  /** `how`: status, bank and scope as the probe has them. */
  #emitFault({ stream, address, write }: SmmuAccess, how: number): void {
    const high = (address / 2 ** 32) | (write ? 1 << 24 : 0);
    this.#wiring.probe.emit(ProbeKind.smmuFault, (stream << 16) | how, address, high);
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
    this.#wiring.interrupts(
      this.#globals.interrupt,
      this.#banks.some((bank) => bank.interrupt),
    );
  }
}

/** What an access needs permission for. */
const needOf = ({ write, instruction }: SmmuAccess): Need =>
  write ? Need.write : instruction ? Need.execute : Need.read;

/**
 * Write-only registers of global register space 0 that start operations. STLBIALL is for Secure software, and other
 * writes to it are ignored; TLBIALLH finds no entries, because there are no hypervisor contexts.
 */
const isGlobalOperation = (register: number): boolean =>
  [Gr0.STLBIALL, Gr0.TLBIVMID, Gr0.TLBIALLNSNH, Gr0.TLBIALLH, Gr0.sTLBGSYNC].some((each) => register === each);

/** The operations of a context bank, and their status. */
const isContextOperation = (register: number): boolean =>
  [Cb.RESUME, Cb.FSRRESTORE, Cb.TLBIASID, Cb.TLBIALL, Cb.TLBSYNC, Cb.TLBSTATUS].some((each) => register === each);

/** Whether an offset is the high half of a TLBI's operand; writing it starts the operation. */
const isOperand = (register: number): boolean =>
  [Cb.TLBIVA, Cb.TLBIVAA, Cb.TLBIVAL, Cb.TLBIVAAL, Cb.TLBIIPAS2, Cb.TLBIIPAS2L].some((low) => register === low + 4);

/** A TLBI by address: the page is in bits 43-0, the ASID in bits 63-48. */
const byAddress = (bank: ContextBank, register: number, high: number, vmid: number): Invalidation => {
  const page = (high & 0xfff) * 2 ** 32 + bank.get(register);
  if (register === Cb.TLBIIPAS2 || register === Cb.TLBIIPAS2L) return { of: 'second', vmid, page };
  const asid = register === Cb.TLBIVA || register === Cb.TLBIVAL ? { asid: high >>> 16 } : {};
  return { of: 'first', vmid, page: page % 2 ** 37, ...asid };
};
