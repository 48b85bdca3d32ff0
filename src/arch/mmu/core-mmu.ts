import { AccessKind, CodeTlb, Core, contextShift, Failed, LevelEntry, Status, Tlb } from '../../a64/layout.ts';
import { ipa, type VirtAddr, virtAddr } from '../../base/units.ts';
import { watchesPage } from '../debug/debug.ts';
import { Reg } from '../registers/mmu-registers.ts';
import { settlePc } from '../state/branch-address.ts';
import { Mdscr, Sctlr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { Count, countWord } from '../state/counts.ts';
import { Contexts, contextControl } from './contexts.ts';
import { FailedWalks, writeFault } from './failed-walks.ts';
import { type Fault, type FaultRecord, FaultType, Iss } from './faults.ts';
import { CoreTlb, type TlbKey } from './tlb/tlb.ts';
import { Need, type Regime, type View, viewOf, Walker } from './walk.ts';

/** What the MMU needs from the rest of the core. */
export interface MmuHooks {
  /** Whether code was translated from a physical page, so that stores to it must be noticed. */
  codeIn(page: number): boolean;
  /** Whether code was translated from these bytes. */
  codeAt(page: number, offset: number, size: number): boolean;
  /** Bytes of a page with translated code are about to be written. */
  onCodeWrite(page: number, offset: number, size: number): void;
  /** Host address of the table of code entries for a physical page that is part of a piece of that size. */
  codePageFor(page: number, pieceLog2: number): number;
  /** Stage 2 refuses an access to data. It may be told twice, and not again while the same access is known to fail. */
  stage2Refuses(core: CoreState, fault: Fault): void;
  raiseDataAbort(core: CoreState, fault: Fault): void;
  raiseInstructionAbort(core: CoreState, fault: Fault): void;
  /** PC alignment fault at the current pc. */
  raisePcAlignment(core: CoreState): void;
  raiseWatchpoint(core: CoreState, va: bigint, write: boolean, maintenance: boolean): void;
  /** Whether translated code must stay in its page, because the debugger has breakpoints. */
  confinesCode(): boolean;
  /** Whether the debugger watches bytes of an address's page. */
  watches(low: number, high: number): boolean;
  /** Bytes of a page without an entry in the data TLB have been read. */
  wasRead(core: CoreState, low: number, high: number, size: number): void;
  /** Bytes of a page without an entry in the data TLB have been written. */
  wasWritten(core: CoreState, low: number, high: number, size: number): void;
}

/** Bytes that DC ZVA clears: DCZID_EL0.BS = 4 on the Cortex-A53. */
export const zeroBlockSize = 64;

/** First word of an exception level's entry in Core.levels. */
const levelEntry = (level: number): number => (Core.levels + level * LevelEntry.size) / 4;

/** The MMU of one core: its walker, its TLBs, and the context numbers of their entries. */
export class CoreMmu {
  readonly walker: Walker;
  readonly tlb: CoreTlb;
  readonly contexts: Contexts;
  readonly failedWalks: FailedWalks;
  readonly #u32: Uint32Array;
  /** First word of the core's state. */
  readonly #core: number;
  /** What the numbers in Core.levels were found from. */
  readonly #lower = new Uint32Array(8);
  /** The generation of the numbers. */
  #generation = -1;
  #sctlr2 = 0;
  #tcr2 = 0;
  /** The key of the TLB entry that is being made. One record serves all, so that a miss allocates nothing. */
  readonly #key: TlbKey = { low: 0, high: 0, context: 0 };
  /** The fault that is being reported: one record, because a guest may do nothing but fault. */
  readonly #fault: FaultRecord = {
    type: FaultType.translation,
    level: 0,
    stage: 1,
    s1ptw: false,
    ipa: ipa(0),
    low: 0,
    high: 0,
    write: false,
    maintenance: false,
  };
  /**
   * While Core.failed is Failed.typeScript: the address and the kind of the access whose walk has failed in `fill`, and
   * the number of that walk. The instruction then either comes to `abort`, or asks again before another executes and
   * has the same answer without a walk.
   */
  readonly #failed = new Int32Array(4);

  constructor(
    readonly state: CoreState,
    readonly hooks: MmuHooks,
  ) {
    const { memory, index } = state;
    this.walker = new Walker(memory, memory.u32, state.base >>> 2);
    this.tlb = new CoreTlb(memory, index);
    this.contexts = new Contexts(memory, index, () => this.tlb.flush());
    this.failedWalks = new FailedWalks(state, this.walker);
    this.#u32 = memory.u32;
    this.#core = state.base >>> 2;
    this.tlb.flush();
  }

  /** Makes sure that the context numbers of the current exception level are known, after a change of level only. */
  levelChanged(): void {
    this.forgetFailure();
    const level = this.#u32[this.#core + Core.el / 4] as number;
    if (this.#u32[this.#core + levelEntry(level) + LevelEntry.known / 4] === 0) this.contextChanged();
  }

  /**
   * Brings the context numbers in Core.levels up to date, after a change of a register that translation depends on.
   * Numbers are kept while the registers stay the same. EL2 often writes registers of the levels below; those are
   * compared when the core goes down to them.
   */
  contextChanged(): void {
    this.forgetFailure();
    this.failedWalks.forget();
    const u32 = this.#u32;
    const core = this.#core;
    const level = u32[core + Core.el / 4] as number;
    if (!(level === 2 ? this.#isEl2Same() : this.#isLowerSame())) this.#renew();
    const known = level === 2 && !this.#isLowerSame() ? 0 : 1;
    u32[core + levelEntry(0) + LevelEntry.known / 4] = known;
    u32[core + levelEntry(1) + LevelEntry.known / 4] = known;
    const entry = core + levelEntry(level);
    u32[core + Core.context / 4] = u32[entry] as number;
    u32[core + Core.contextUnprivileged / 4] = u32[entry + LevelEntry.contextUnprivileged / 4] as number;
  }

  /** Whether the numbers of EL1 and EL0 are those of the current registers. */
  #isLowerSame(): boolean {
    const u32 = this.#u32;
    const core = this.#core;
    const was = this.#lower;
    return (
      this.contexts.generation === this.#generation &&
      u32[core + Reg.SCTLR_EL1] === was[0] &&
      u32[core + Reg.TCR_EL1] === was[1] &&
      u32[core + Reg.TCR_EL1 + 1] === was[2] &&
      u32[core + Reg.TTBR0_EL1 + 1] === was[3] &&
      u32[core + Reg.TTBR1_EL1 + 1] === was[4] &&
      ((u32[core + Reg.HCR_EL2] as number) & contextControl) === was[5] &&
      u32[core + Reg.VTTBR_EL2 + 1] === was[6] &&
      u32[core + Reg.VTCR_EL2] === was[7]
    );
  }

  /** Whether the number of EL2 is that of the current registers. */
  #isEl2Same(): boolean {
    return (
      this.contexts.generation === this.#generation &&
      this.#u32[this.#core + Reg.SCTLR_EL2] === this.#sctlr2 &&
      this.#u32[this.#core + Reg.TCR_EL2] === this.#tcr2
    );
  }

  /** Asks for the numbers of all levels again, and remembers what they are found from. */
  #renew(): void {
    const { contexts } = this;
    let generation: number;
    do {
      // If the numbers run out in between, those found before have lost their meaning.
      generation = contexts.generation;
      const el2 = contexts.el2() << contextShift;
      const sctlr = this.#u32[this.#core + Reg.SCTLR_EL1] as number;
      const el1 = contexts.el1(true, (sctlr & Sctlr.EE) !== 0) << contextShift;
      const el0 = contexts.el1(false, (sctlr & Sctlr.E0E) !== 0) << contextShift;
      this.#setLevel(2, el2, el2);
      // Unprivileged accesses are in EL1's byte order.
      this.#setLevel(1, el1, contexts.el1(false, (sctlr & Sctlr.EE) !== 0) << contextShift);
      this.#setLevel(0, el0, el0);
    } while (generation !== contexts.generation);
    this.#generation = generation;
    const u32 = this.#u32;
    const core = this.#core;
    const lower = this.#lower;
    lower[0] = u32[core + Reg.SCTLR_EL1] as number;
    lower[1] = u32[core + Reg.TCR_EL1] as number;
    lower[2] = u32[core + Reg.TCR_EL1 + 1] as number;
    lower[3] = u32[core + Reg.TTBR0_EL1 + 1] as number;
    lower[4] = u32[core + Reg.TTBR1_EL1 + 1] as number;
    lower[5] = (u32[core + Reg.HCR_EL2] as number) & contextControl;
    lower[6] = u32[core + Reg.VTTBR_EL2 + 1] as number;
    lower[7] = u32[core + Reg.VTCR_EL2] as number;
    this.#sctlr2 = u32[core + Reg.SCTLR_EL2] as number;
    this.#tcr2 = u32[core + Reg.TCR_EL2] as number;
  }

  #setLevel(level: number, context: number, unprivileged: number): void {
    const entry = this.#core + levelEntry(level);
    this.#u32[entry] = context;
    this.#u32[entry + LevelEntry.contextUnprivileged / 4] = unprivileged;
    this.#u32[entry + LevelEntry.known / 4] = 1;
  }

  /** Empties the TLBs and withdraws all context numbers. */
  flushAll(): void {
    this.walker.stage2.forget();
    this.contexts.reset();
    this.contextChanged();
  }

  /** Regime of the current exception level. */
  get regime(): Regime {
    return this.#u32[this.#core + Core.el / 4] === 2 ? 2 : 1;
  }

  /** SCTLR_ELx of the current regime. */
  #sctlr(): number {
    return this.#u32[this.#core + (this.regime === 2 ? Reg.SCTLR_EL2 : Reg.SCTLR_EL1)] as number;
  }

  /** Whether an access of this kind must be aligned to its elements. */
  checksAlignment(kind: number): boolean {
    return (kind & AccessKind.aligned) !== 0 || (this.#sctlr() & Sctlr.A) !== 0;
  }

  /**
   * BigEndian: whether data accesses of the current level, unprivileged ones included, are big-endian. No access then
   * has an entry in the data TLB, so that all of them come to `SlowAccess`, which reverses their bytes.
   */
  get isBigEndian(): boolean {
    const level = this.#u32[this.#core + Core.el / 4] as number;
    return (this.#sctlr() & (level === 0 ? Sctlr.E0E : Sctlr.EE)) !== 0;
  }

  /** Whether watchpoints may lie in a page. */
  watches(low: number, high: number): boolean {
    const selfHosted = ((this.#u32[this.#core + Reg.MDSCR_EL1] as number) & Mdscr.MDE) !== 0;
    return (selfHosted && watchesPage(this.state, address(low, high))) || this.hooks.watches(low, high);
  }

  /** Whose view an access of the current exception level has. */
  #viewOf(kind: number): View {
    const level = this.#u32[this.#core + Core.el / 4] as number;
    return viewOf(level === 1 && (kind & AccessKind.unprivileged) !== 0 ? 0 : level);
  }

  /** An aligned access has found that nothing ever answers in its page. */
  foundSilent(low: number, high: number, kind: number, page: number): void {
    const need = (kind & AccessKind.write) !== 0 ? Need.write : Need.read;
    this.failedWalks.addSilent(this.#keyOf(low, high, this.#contextOf(kind)), this.#viewOf(kind), need, page);
  }

  /** Translates a data access of the current exception level. The walker has the result. */
  translate(low: number, high: number, kind: number, unaligned: boolean): boolean {
    const view = this.#viewOf(kind);
    const need = (kind & AccessKind.write) !== 0 ? Need.write : Need.read;
    if (unaligned) return this.walker.translateUnaligned(low, high, view, need);
    const found = this.walker.translate(low, high, view, need);
    if (found) this.failedWalks.succeeded(this.#keyOf(low, high, this.#contextOf(kind)), need);
    else this.failedWalks.add(this.#keyOf(low, high, this.#contextOf(kind)), view, need);
    return found;
  }

  /** The core's turn begins or goes on: others may have changed the tables since a walk failed. */
  forgetFailure(): void {
    this.#u32[this.#core + Core.failed / 4] = Failed.no;
  }

  /** Whether the walker still has the fault of this access. */
  #hasFailed(low: number, high: number, kind: number): boolean {
    const failed = this.#failed;
    return (
      this.#u32[this.#core + Core.failed / 4] === Failed.typeScript &&
      failed[0] === (low | 0) &&
      failed[1] === (high | 0) &&
      failed[2] === kind &&
      failed[3] === this.walker.walks
    );
  }

  /** Whether the data TLB has an entry for an access. */
  #hit(low: number, high: number, context: number, write: boolean): boolean {
    const u32 = this.#u32;
    const tag = this.tlb.dataEntry(low) + (write ? Tlb.writeTag : Tlb.readTag) / 4;
    return u32[tag] === ((low & ~0xfff) | context) >>> 0 && u32[tag + 1] === high;
  }

  #countMiss(count: number): void {
    const word = countWord(count);
    this.state.words[word] = (this.state.words[word] as number) + 1;
  }

  #contextOf(kind: number): number {
    const field = (kind & AccessKind.unprivileged) !== 0 ? Core.contextUnprivileged : Core.context;
    return this.#u32[this.#core + field / 4] as number;
  }

  /** Physical page for a data access, or -1: then the walker has the fault. */
  physicalPage(low: number, high: number, kind: number, unaligned: boolean): number {
    if (this.#hasFailed(low, high, kind)) return -1;
    const context = this.#contextOf(kind);
    const write = (kind & AccessKind.write) !== 0;
    if (this.#hit(low, high, context, write) && (!unaligned || this.tlb.isNormal(low)))
      return this.#u32[this.tlb.dataEntry(low) + Tlb.physicalPage / 4] as number;
    if (!unaligned) {
      const page = this.tlb.findDevice(low, high, context, write);
      if (page !== -1) return page;
    }
    if (!this.translate(low, high, kind, unaligned)) return -1;
    this.#remember(low, high, context, write);
    return this.walker.page;
  }

  /** The physical page of the last `el1Address` that was not 0. */
  el1Page = 0;

  /**
   * Host address of the RAM that EL1 reaches at a virtual address (AT S12E1R or S12E1W), whatever the current level; 0
   * if EL1 may not access it or it is no RAM. `writes`: how many bytes of the page the caller will write from there on,
   * 0 if it reads. Fills no TLB.
   */
  el1Address(low: number, high: number, writes: number): number {
    const u32 = this.#u32;
    const level = this.#core + levelEntry(1);
    if (u32[level + LevelEntry.known / 4] !== 0 && this.#hit(low, high, u32[level] as number, writes !== 0)) {
      const entry = this.tlb.dataEntry(low);
      this.el1Page = u32[entry + Tlb.physicalPage / 4] as number;
      return ((u32[entry + Tlb.addend / 4] as number) + low) >>> 0;
    }
    const { walker } = this;
    if (!walker.translate(low, high, viewOf(1), writes !== 0 ? Need.write : Need.read)) return 0;
    const { page } = walker;
    const host = walker.hostPage(page);
    if (host === 0) return 0;
    this.el1Page = page;
    if (writes !== 0) {
      this.state.memory.touch(host);
      if (this.hooks.codeIn(page)) this.hooks.onCodeWrite(page, low & 0xfff, writes);
    }
    return ((host << 12) | (low & 0xfff)) >>> 0;
  }

  /** Whether only translated code in its page keeps a store from hitting the data TLB. */
  #isGuarded(low: number, high: number, context: number): boolean {
    if (!this.tlb.isGuarded(low) || !this.#hit(low, high, context, false)) return false;
    return this.hooks.codeIn(this.#u32[this.tlb.dataEntry(low) + Tlb.physicalPage / 4] as number);
  }

  /** Makes a TLB entry of the walker's result; false if generated code must not use one. */
  #remember(low: number, high: number, context: number, write: boolean): boolean {
    const { walker, tlb } = this;
    const { memory } = this.state;
    const host = walker.hostPage(walker.page);
    if (host === 0) {
      tlb.setDevice(this.#keyOf(low, high, context), walker);
      return false;
    }
    if (this.isBigEndian || this.watches(low, high)) return false;
    const hasCode = walker.writable && this.hooks.codeIn(walker.page);
    // A page that is only read need not be kept for who keeps pages before they are written.
    const isHeld = walker.writable && !write && !hasCode && memory.isHeld(host);
    if (walker.writable && !isHeld) memory.touch(host);
    tlb.setData(this.#keyOf(low, high, context), walker, host << 12, hasCode || isHeld);
    return true;
  }

  #keyOf(low: number, high: number, context: number): TlbKey {
    const key = this.#key;
    key.low = low;
    key.high = high;
    key.context = context;
    return key;
  }

  /**
   * Host address for an access of `count` elements of `size` bytes at Core.accessAddress, or -1 where `access` must
   * make it. Fills the TLB. The guest cannot notice.
   */
  fill(size: number, count: number): number {
    const u32 = this.#u32;
    const core = this.#core;
    const low = u32[core + Core.accessAddress / 4] as number;
    const high = u32[core + Core.accessAddress / 4 + 1] as number;
    const kind = u32[core + Core.accessKind / 4] as number;
    if ((low & 0xfff) + size * count > 4096) return -1;
    const unaligned = (low & (size - 1)) !== 0;
    if ((unaligned && this.checksAlignment(kind)) || this.#hasFailed(low, high, kind)) return -1;

    const context = this.#contextOf(kind);
    const write = (kind & AccessKind.write) !== 0;
    if (this.#hit(low, high, context, write) || (write && this.#isGuarded(low, high, context))) {
      if (unaligned && !this.tlb.isNormal(low)) return -1;
    } else if (this.tlb.findDevice(low, high, context, write) !== -1) return -1;
    else {
      this.#countMiss(Count.dataTlbMiss);
      if (!this.translate(low, high, kind, unaligned)) {
        this.#failed[0] = low;
        this.#failed[1] = high;
        this.#failed[2] = kind;
        this.#failed[3] = this.walker.walks;
        if (this.walker.faultStage === 2) this.hooks.stage2Refuses(this.state, this.fault(low, high, write));
        // DC ZVA asks for the beginning of its block, but reports the address that it was given.
        if (size * count < zeroBlockSize) {
          u32[core + Core.failed / 4] = Failed.typeScript;
          u32[core + Core.faultAddress / 4] = low;
          u32[core + Core.faultAddress / 4 + 1] = high;
          writeFault(u32, core + Core.fault / 4, this.walker);
          if (write) u32[core + Core.fault / 4] = (u32[core + Core.fault / 4] as number) | Iss.WnR;
        }
        return -1;
      }
      if (!this.#remember(low, high, context, write)) return -1;
    }
    const entry = this.tlb.dataEntry(low);
    if (write && this.tlb.isGuarded(low)) {
      // Code was translated from this page, but perhaps not from these bytes.
      const page = u32[entry + Tlb.physicalPage / 4] as number;
      if (this.hooks.codeAt(page, low & 0xfff, size * count)) return -1;
      this.state.memory.touch(((u32[entry + Tlb.addend / 4] as number) + low) >>> 12);
    }
    return ((u32[entry + Tlb.addend / 4] as number) + low) | 0;
  }

  /** Takes the abort that `fill` has found for the instruction at pc, whose registers are stored; 0 if it has not. */
  abort(): 0 | 1 {
    const failed = this.#failed;
    const known = this.#u32[this.#core + Core.failed / 4] === Failed.typeScript && failed[3] === this.walker.walks;
    this.forgetFailure();
    if (!known) return 0;
    const write = ((failed[2] as number) & AccessKind.write) !== 0;
    this.hooks.raiseDataAbort(this.state, this.fault(failed[0] as number, failed[1] as number, write));
    return 1;
  }

  /** Makes the instruction TLB hit at pc; or raises the fault and returns 1. */
  fetch(): 0 | 1 {
    const u32 = this.#u32;
    const core = this.#core;
    const low = u32[core + Core.pc / 4] as number;
    // A branch removes the tag from its target. Generated code looks up whole addresses, so a tagged pc always misses.
    settlePc(this.state);
    const high = u32[core + Core.pc / 4 + 1] as number;
    if ((low & 3) !== 0) {
      this.hooks.raisePcAlignment(this.state);
      return 1;
    }
    const context = u32[core + Core.context / 4] as number;
    const entry = this.tlb.codeEntry(low, context);
    if (u32[entry + CodeTlb.tag / 4] === ((low & ~0xfff) | context) >>> 0 && u32[entry + CodeTlb.tag / 4 + 1] === high)
      return 0;
    this.#countMiss(Count.codeTlbMiss);
    const { walker } = this;
    const view = viewOf(u32[core + Core.el / 4] as number);
    if (!walker.translate(low, high, view, Need.execute)) {
      // The debugger may stop at an address that cannot be fetched.
      if (!this.hooks.confinesCode()) this.failedWalks.add(this.#keyOf(low, high, context), view, Need.execute);
      this.hooks.raiseInstructionAbort(this.state, this.fault(low, high, false));
      return 1;
    }
    this.failedWalks.succeeded(this.#keyOf(low, high, context), Need.execute);
    const { page } = walker;
    const host = walker.hostPage(page);
    if (host === 0) {
      if (!this.hooks.confinesCode())
        this.failedWalks.addSilent(this.#keyOf(low, high, context), view, Need.execute, page);
      this.hooks.raiseInstructionAbort(this.state, this.externalAbort(low, high, false));
      return 1;
    }
    // Making the table may empty the TLBs, so it is done before the entry is written.
    if (!walker.descriptors.isBlockOfRam(page) || this.hooks.confinesCode()) walker.confineToPage();
    const codePage = this.hooks.codePageFor(page, walker.pieceLog2);
    // The debugger drops what it lets through from the first level alone.
    this.tlb.setCode(this.#keyOf(low, high, context), walker, host << 12, codePage, !this.hooks.confinesCode());
    return 0;
  }

  /**
   * A cache maintenance instruction by VA, for the address in Core.accessAddress: caches are not modelled, but it
   * faults as on hardware. EL0 must be able to read; DC IVAC (`discards`) must be able to write. Returns a Status.
   */
  maintain(discards: boolean): number {
    const low = this.#u32[this.#core + Core.accessAddress / 4] as number;
    const high = this.#u32[this.#core + Core.accessAddress / 4 + 1] as number;
    const level = this.#u32[this.#core + Core.el / 4] as number;
    const need = discards ? Need.write : level === 0 ? Need.read : Need.nothing;
    if (this.walker.translate(low, high, viewOf(level), need)) return Status.next;
    this.hooks.raiseDataAbort(this.state, this.fault(low, high, true, true));
    return Status.jumped;
  }

  /** The instruction word at pc, or null if it cannot be fetched. */
  instructionAt(): number | null {
    const u32 = this.#u32;
    const low = u32[this.#core + Core.pc / 4] as number;
    const high = u32[this.#core + Core.pc / 4 + 1] as number;
    const context = u32[this.#core + Core.context / 4] as number;
    const entry = this.tlb.codeEntry(low, context);
    if (u32[entry + CodeTlb.tag / 4] === ((low & ~0xfff) | context) >>> 0 && u32[entry + CodeTlb.tag / 4 + 1] === high)
      return u32[((u32[entry + CodeTlb.addend / 4] as number) + low) >>> 2] as number;
    const level = u32[this.#core + Core.el / 4] as number;
    const { walker } = this;
    if (!walker.translate(low, high, viewOf(level), Need.execute)) return null;
    const host = walker.hostPage(walker.page);
    return host === 0 ? null : (u32[(host << 10) | ((low & 0xfff) >>> 2)] as number);
  }

  /** The fault that the walker has just found, until the next fault. */
  fault(low: number, high: number, write: boolean, maintenance = false): Fault {
    const { walker } = this;
    const fault = this.#fault;
    fault.type = walker.faultType;
    fault.level = walker.faultLevel;
    fault.stage = walker.faultStage;
    fault.s1ptw = walker.faultS1ptw;
    fault.ipa = ipa(walker.faultIpa);
    fault.low = low;
    fault.high = high;
    fault.write = write;
    fault.maintenance = maintenance;
    return fault;
  }

  /** No device answered an access. */
  externalAbort(low: number, high: number, write: boolean): Fault {
    return this.#plainFault(FaultType.external, low, high, write);
  }

  /** An access that had to be aligned was not. */
  alignmentFault(low: number, high: number, write: boolean): Fault {
    return this.#plainFault(FaultType.alignment, low, high, write);
  }

  #plainFault(type: FaultType, low: number, high: number, write: boolean): Fault {
    const fault = this.#fault;
    fault.type = type;
    fault.level = 0;
    fault.stage = 1;
    fault.s1ptw = false;
    fault.ipa = ipa(0);
    fault.low = low;
    fault.high = high;
    fault.write = write;
    fault.maintenance = false;
    return fault;
  }
}

/** What a fault says of the access itself. */
type FaultedAccess = Pick<Fault, 'low' | 'high' | 'write' | 'maintenance'>;

/** The fault that a walker has just found for an access. */
export const faultOf = (walker: Walker, access: FaultedAccess): Fault => ({
  type: walker.faultType,
  level: walker.faultLevel,
  stage: walker.faultStage,
  s1ptw: walker.faultS1ptw,
  ipa: ipa(walker.faultIpa),
  ...access,
});

export const address = (low: number, high: number): VirtAddr =>
  virtAddr((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
