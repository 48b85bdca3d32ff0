import { Core } from '../../a64/layout.ts';
import { crmOf, crnOf, encodingOf, op0Of, op1Of, op2Of, rtOf, writesRt } from '../../a64/system-encoding.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { type Probe, silentProbe } from '../../base/probe/probe.ts';
import { debugExceptionReturnSS, updateDebug } from '../debug/debug.ts';
import { type Fault, faultStatus, Iss } from '../mmu/faults.ts';
import { branchHigh } from '../state/branch-address.ts';
import { Hcr, Mdcr, Mdscr, Pstate } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { Count, countWord } from '../state/counts.ts';
import { ExitRequest, requestExit } from '../state/exit-request.ts';
import { loadLevel, setPstate } from '../state/pstate.ts';
import { systemOffset } from '../state/slots.ts';
import { El2Owner } from './el2.ts';
import { clearSError, deliverable, Interrupt, updatePending } from './interrupts.ts';
import { accessSyndrome } from './syndrome.ts';

/** Exception classes, ESR_ELx.EC (Arm ARM DDI 0487, D13.2.37). */
export const ExceptionClass = {
  unknown: 0x00,
  wfx: 0x01,
  fp: 0x07,
  illegalState: 0x0e,
  svc: 0x15,
  hvc: 0x16,
  smc: 0x17,
  system: 0x18,
  instructionAbort: 0x20,
  pcAlignment: 0x22,
  dataAbort: 0x24,
  spAlignment: 0x26,
  serror: 0x2f,
  breakpoint: 0x30,
  step: 0x32,
  watchpoint: 0x34,
  brk: 0x3c,
} as const;
export type ExceptionClass = (typeof ExceptionClass)[keyof typeof ExceptionClass];

/** Offsets of the vectors within a group of four, by kind of exception. */
export const Vector = { synchronous: 0, irq: 0x80, fiq: 0x100, serror: 0x180 } as const;
export type Vector = (typeof Vector)[keyof typeof Vector];

/** A level that takes exceptions. EL3 belongs to the firmware, which is not machine code here. */
export type TargetLevel = 1 | 2;

/** Address translation, which depends on the core's level. */
export interface LevelObserver {
  /** The level has changed. */
  levelChanged(core: CoreState): void;
  /** A register that translation depends on has changed. */
  contextChanged(core: CoreState): void;
}
export interface ExceptionCounter {
  /** Called before the level changes, while the monitors run. */
  /** `count`: the exception's number among the counters. */
  exceptionTaken(core: CoreState, count: number): void;
  exceptionReturned(core: CoreState): void;
}
/** Finds the instruction at the core's PC, for the syndrome of an abort; null if it is gone. */
export interface InstructionSource {
  instructionAt(core: CoreState): number | null;
}

const bank = (target: TargetLevel) => ({
  esr: systemOffset(`ESR_EL${target}`),
  far: systemOffset(`FAR_EL${target}`),
  // Indices into CoreState.words.
  elr: systemOffset(`ELR_EL${target}`) / 4,
  spsr: systemOffset(`SPSR_EL${target}`) / 4,
  vbar: systemOffset(`VBAR_EL${target}`) / 4,
});
const el1 = bank(1);
const el2 = bank(2);
const hpfar = systemOffset('HPFAR_EL2');
const hcr = systemOffset('HCR_EL2');
const mdcr = systemOffset('MDCR_EL2');
const stepped = systemOffset('stepped');
// Indices into CoreState.words.
const pcWord = Core.pc / 4;
const pstateWord = Core.pstate / 4;
const elWord = Core.el / 4;
const exclusiveAddress = Core.exclusiveAddress / 4;
const mdscr = systemOffset('MDSCR_EL1') / 4;
const pmuRunning = systemOffset('pmuRunning') / 4;
const eventRegister = systemOffset('eventRegister') / 4;
const hcrWord = hcr / 4;
const el2Owner = systemOffset('el2Owner') / 4;
const counts = countWord(0);

/** Offsets of the vectors by where an exception comes from, within VBAR_ELx. */
export const VectorGroup = { sp0: 0, spx: 0x200, lowerLevel: 0x400 } as const;

/** ESR_ELx.IL: A64 instructions are 32 bits long. */
export const instructionLength = 1 << 25;
/** CV = 1, COND = 0b1110: the condition of an A64 instruction. */
export const always = (1 << 24) | (0xe << 20);

/** Takes exceptions and returns from them. It works on 32-bit halves, because guests do this often. */
export class Exceptions {
  readonly #observer: LevelObserver & InstructionSource;
  readonly #counter: ExceptionCounter;
  /** To see all exceptions it needs `Core.traced` set on the cores, so that none is taken in generated code. */
  probe: Probe = silentProbe;

  constructor(observer: LevelObserver & InstructionSource, counter: ExceptionCounter) {
    this.#observer = observer;
    this.#counter = counter;
  }

  /**
   * AArch64.TakeException without the syndrome: saves PSTATE and PC, which is the preferred return address, masks D, A,
   * I and F, and goes to the vector of `target`, which is not below the current level. `count` is its number among the
   * counters.
   */
  enter(core: CoreState, target: TargetLevel, vector: Vector, count: number): void {
    const { words } = core;
    words[counts + count] = (words[counts + count] as number) + 1;
    const from = words[elWord] as number;
    if (words[pmuRunning] !== 0) this.#counter.exceptionTaken(core, count);
    const to = target === 2 ? el2 : el1;
    const pstate = words[pstateWord] as number;
    words[to.spsr] = core.nzcv | pstate;
    words[to.spsr + 1] = 0;
    words[to.elr] = words[pcWord] as number;
    words[to.elr + 1] = words[pcWord + 1] as number;
    const same = (pstate & Pstate.sp) !== 0 ? VectorGroup.spx : VectorGroup.sp0;
    const group = from !== target ? VectorGroup.lowerLevel : same;
    setPstate(core, Pstate.daif | (target << Pstate.elShift) | Pstate.sp);
    words[pcWord] = (words[to.vbar] as number) + (group + vector);
    words[pcWord + 1] = words[to.vbar + 1] as number;
    if (target === 2 && words[el2Owner] === El2Owner.typeScript) requestExit(core, ExitRequest.el2);
    this.#pstateChanged(core, from === target);
    if (this.probe.isRecording) this.#emitEntry(core, target, count, from);
  }

  #emitEntry({ words }: CoreState, target: TargetLevel, count: number, from: number): void {
    const to = target === 2 ? el2 : el1;
    this.probe.emit(
      target === 2 ? ProbeKind.exceptionToEl2 : ProbeKind.exceptionToEl1,
      (count << 25) | (count < Count.irq ? (words[to.esr / 4] as number) & 0x1ff_ffff : 0),
      words[to.elr] as number,
      ((words[to.elr + 1] as number) & 0xff_ffff) | (from << 24),
    );
  }

  /** A synchronous exception with its syndrome. PC is its preferred return address. */
  synchronous(core: CoreState, target: TargetLevel, ec: ExceptionClass, iss: number): void {
    const same = core.words[elWord] === target && hasSameLevelClass(ec) ? 1 : 0;
    const esr = target === 2 ? el2.esr : el1.esr;
    core.setWord(esr, ((ec | same) << 26) | instructionLength | iss);
    core.setWord(esr + 4, 0);
    this.enter(core, target, Vector.synchronous, ec | same);
  }

  /** Target of exceptions that no control register routes: EL1, or EL2 from EL2 and from EL0 under TGE. */
  ordinaryTarget(core: CoreState): TargetLevel {
    const el = core.words[elWord] as number;
    return el === 2 || (el === 0 && ((core.words[hcrWord] as number) & Hcr.TGE) !== 0) ? 2 : 1;
  }

  /** AArch64.UndefinedFault. */
  undefined(core: CoreState): void {
    this.synchronous(core, this.ordinaryTarget(core), ExceptionClass.unknown, 0);
  }

  /** AArch64.CallSupervisor: SVC at PC. */
  supervisorCall(core: CoreState, immediate: number): void {
    advancePc(core);
    this.synchronous(core, this.ordinaryTarget(core), ExceptionClass.svc, immediate);
  }

  /** AArch64.CallHypervisor: HVC at PC, at EL1 or EL2. */
  hypervisorCall(core: CoreState, immediate: number): void {
    advancePc(core);
    this.synchronous(core, 2, ExceptionClass.hvc, immediate);
  }

  /** AArch64.CheckForSMCUndefOrTrap where HCR_EL2.TSC traps the SMC: it returns to the SMC itself. */
  monitorCallTrap(core: CoreState, immediate: number): void {
    this.synchronous(core, 2, ExceptionClass.smc, immediate);
  }

  /** AArch64.SystemAccessTrap of MSR, MRS or SYS. To EL1 means to EL2 for EL0 under TGE. */
  systemTrap(core: CoreState, target: TargetLevel, word: number): void {
    const encoding = encodingOf(word);
    const iss =
      (op0Of(encoding) << 20) |
      (op2Of(encoding) << 17) |
      (op1Of(encoding) << 14) |
      (crnOf(encoding) << 10) |
      (rtOf(word) << 5) |
      (crmOf(encoding) << 1) |
      (writesRt(word) ? 1 : 0);
    this.synchronous(core, target === 2 ? 2 : this.ordinaryTarget(core), ExceptionClass.system, iss);
  }

  /** AArch64.WFxTrap; `ti` is ISS.TI. */
  wfxTrap(core: CoreState, target: TargetLevel, ti: 0 | 1): void {
    this.synchronous(core, target === 2 ? 2 : this.ordinaryTarget(core), ExceptionClass.wfx, always | ti);
  }

  /** AArch64.CheckFPAdvSIMDEnabled where Core.fpTrap says that the access is trapped. */
  fpTrap(core: CoreState): void {
    const el = core.word(Core.el);
    // Any other value comes from CPTR_EL2.TFP: CPACR_EL1 does not trap.
    if (el === 2 || core.word(Core.fpTrap) !== 1) this.synchronous(core, 2, ExceptionClass.fp, always);
    else if ((core.word(hcr) & Hcr.TGE) !== 0) this.synchronous(core, 2, ExceptionClass.unknown, 0);
    else this.synchronous(core, 1, ExceptionClass.fp, always);
  }

  /** AArch64.SPAlignmentFault. */
  spAlignment(core: CoreState): void {
    this.synchronous(core, this.ordinaryTarget(core), ExceptionClass.spAlignment, 0);
  }

  /** AArch64.PCAlignmentFault: the PC is not a multiple of 4. */
  pcAlignment(core: CoreState): void {
    const target = this.ordinaryTarget(core);
    const far = target === 2 ? el2.far : el1.far;
    core.setWord(far, core.word(Core.pc));
    core.setWord(far + 4, core.word(Core.pc + 4));
    this.synchronous(core, target, ExceptionClass.pcAlignment, 0);
  }

  /** A Data Abort (AArch64.DataAbort): PC is the instruction that made the access. */
  dataAbort(core: CoreState, fault: Fault): void {
    let iss = faultStatus(fault);
    if (fault.write) iss |= Iss.WnR;
    if (fault.s1ptw) iss |= Iss.S1PTW;
    if (fault.maintenance) iss |= Iss.CM;
    if (fault.stage === 2 && !fault.s1ptw && !fault.maintenance) {
      const word = this.#observer.instructionAt(core);
      if (word !== null) {
        const syndrome = accessSyndrome(word);
        core.setWord(Core.syndromeWord, word);
        core.setWord(Core.syndrome, syndrome);
        iss |= syndrome;
      }
    }
    this.#abort(core, fault, ExceptionClass.dataAbort, iss);
  }

  /** An Instruction Abort (AArch64.InstructionAbort): the instruction at PC could not be fetched. */
  instructionAbort(core: CoreState, fault: Fault): void {
    this.#abort(core, fault, ExceptionClass.instructionAbort, faultStatus(fault) | (fault.s1ptw ? Iss.S1PTW : 0));
  }

  #abort(core: CoreState, fault: Fault, ec: ExceptionClass, iss: number): void {
    const target = fault.stage === 2 ? 2 : this.ordinaryTarget(core);
    const far = target === 2 ? el2.far : el1.far;
    core.setWord(far, fault.low);
    core.setWord(far + 4, fault.high);
    if (fault.stage === 2) {
      const fetch = ec === ExceptionClass.instructionAbort ? 1 << 8 : 0;
      const how = (faultStatus(fault) & 0x3f) | (fault.write ? 1 << 6 : 0) | (fault.s1ptw ? 1 << 7 : 0) | fetch;
      this.probe.emit(ProbeKind.stage2Fault, how, fault.ipa >>> 0, Math.floor(fault.ipa / 2 ** 32));
      // HPFAR_EL2.FIPA: IPA[47:12] from bit 4.
      const page = Math.floor(fault.ipa / 4096);
      core.setWord(hpfar, page << 4);
      core.setWord(hpfar + 4, Math.floor(page / 2 ** 28));
    }
    this.synchronous(core, target, ec, iss);
  }

  /** Where debug exceptions go: EL2 with HCR_EL2.TGE or MDCR_EL2.TDE (D2.3, "Routing debug exceptions"). */
  debugTarget(core: CoreState): TargetLevel {
    const routed = (core.word(hcr) & Hcr.TGE) !== 0 || (core.word(mdcr) & Mdcr.TDE) !== 0;
    return core.word(Core.el) === 2 || routed ? 2 : 1;
  }

  /** AArch64.SoftwareBreakpoint: BRK. */
  softwareBreakpoint(core: CoreState, immediate: number): void {
    this.synchronous(core, this.debugTarget(core), ExceptionClass.brk, immediate);
  }

  /** AArch64.BreakpointException: PC is at a hardware breakpoint. DFSC says debug exception. */
  breakpoint(core: CoreState): void {
    this.synchronous(core, this.debugTarget(core), ExceptionClass.breakpoint, 0x22);
  }

  /** AArch64.WatchpointException: the instruction at PC was about to access `va`, which is watched. */
  watchpoint(core: CoreState, va: bigint, write: boolean, maintenance: boolean): void {
    const target = this.debugTarget(core);
    core.setLong(target === 2 ? el2.far : el1.far, va);
    this.synchronous(core, target, ExceptionClass.watchpoint, 0x22 | (write ? 1 << 6 : 0) | (maintenance ? 1 << 8 : 0));
  }

  /** AArch64.SoftwareStepException; `isv` and `ex` as in the ISS: EX for a stepped load-exclusive. */
  softwareStep(core: CoreState, isv: boolean, ex: boolean): void {
    const iss = 0x22 | (isv ? 1 << 24 : 0) | (isv && ex ? 1 << 6 : 0);
    this.synchronous(core, this.debugTarget(core), ExceptionClass.step, iss);
  }

  /**
   * Takes the exception that is pending before the next instruction: an interrupt, or else Illegal Execution State.
   * Returns false if none is pending. The order of interrupts is IMPLEMENTATION DEFINED: SError, FIQ, IRQ, physical
   * before virtual.
   */
  takePending(core: CoreState): boolean {
    const due = deliverable(core);
    if (due === 0) {
      if ((core.word(Core.pstate) & Pstate.IL) === 0) {
        updatePending(core);
        return false;
      }
      if ((core.word(Core.pc) & 3) !== 0) this.pcAlignment(core);
      else this.synchronous(core, this.ordinaryTarget(core), ExceptionClass.illegalState, 0);
      return true;
    }
    const control = core.word(hcr);
    const target = (bit: number): TargetLevel => (((control << 3) & bit) !== 0 || (control & Hcr.TGE) !== 0 ? 2 : 1);
    if ((due & Interrupt.serror) !== 0) {
      clearSError(core);
      this.#serror(core, target(Interrupt.serror));
    } else if ((due & Interrupt.fiq) !== 0) this.enter(core, target(Interrupt.fiq), Vector.fiq, Count.fiq);
    else if ((due & Interrupt.irq) !== 0) this.enter(core, target(Interrupt.irq), Vector.irq, Count.irq);
    else if ((due & Interrupt.vserror) !== 0) {
      core.setWord(hcr, control & ~Hcr.VSE);
      this.#serror(core, 1);
    } else if ((due & Interrupt.vfiq) !== 0) this.enter(core, 1, Vector.fiq, Count.fiq);
    else this.enter(core, 1, Vector.irq, Count.irq);
    return true;
  }

  /** An SError interrupt; ISS.ISV = 0: no syndrome. */
  #serror(core: CoreState, target: TargetLevel): void {
    const esr = target === 2 ? el2.esr : el1.esr;
    core.setWord(esr, (ExceptionClass.serror << 26) | instructionLength);
    core.setWord(esr + 4, 0);
    this.enter(core, target, Vector.serror, ExceptionClass.serror);
  }

  /** AArch64.ExceptionReturn (ERET at EL1 or EL2). */
  exceptionReturn(core: CoreState): void {
    const { words } = core;
    if (words[pmuRunning] !== 0) this.#counter.exceptionReturned(core);
    const el = words[elWord] as number;
    const from = el === 2 ? el2 : el1;
    words[exclusiveAddress] = 0;
    // An exception return is an event. It sets the event register, because the core is not waiting.
    words[eventRegister] = 1;
    const spsr = words[from.spsr] as number;
    const legal = this.#legalReturn(core, el, spsr);
    // DebugExceptionReturnSS needs PSTATE as it is before the return; only stepping debuggers pay for it.
    const ss = ((words[mdscr] as number) & Mdscr.SS) !== 0 ? debugExceptionReturnSS(core, spsr, legal) : 0;
    const mode = legal ? spsr & (Pstate.mode | Pstate.IL) : ((words[pstateWord] as number) & Pstate.mode) | Pstate.IL;
    setPstate(core, mode | (spsr & Pstate.daif) | ss);
    core.nzcv = spsr & Pstate.nzcv;
    let high = words[from.elr + 1] as number;
    if (high >>> 24 !== 0) high = branchHigh(core, high);
    words[pcWord] = words[from.elr] as number;
    words[pcWord + 1] = high;
    this.#pstateChanged(core, el === words[elWord]);
    if (this.probe.isRecording) this.#emitReturn(core, el, spsr);
  }

  #emitReturn({ words }: CoreState, from: number, spsr: number): void {
    this.probe.emit(
      from === 2 ? ProbeKind.returnFromEl2 : ProbeKind.returnFromEl1,
      spsr,
      words[pcWord] as number,
      ((words[pcWord + 1] as number) & 0xff_ffff) | ((words[elWord] as number) << 24),
    );
  }

  /** The opposite of IllegalExceptionReturn. There is no AArch32, so M[4] = 1 is always illegal. */
  #legalReturn(core: CoreState, el: number, spsr: number): boolean {
    const mode = spsr & Pstate.mode;
    const target = mode >>> Pstate.elShift;
    if (mode === 0) return true;
    if ((mode & 2) !== 0 || target === 0 || target > el) return false;
    return target !== 1 || ((core.words[hcrWord] as number) & Hcr.TGE) === 0;
  }

  /** Brings everything that depends on PSTATE up to date, after it has changed. */
  #pstateChanged(core: CoreState, sameLevel: boolean): void {
    this.#observer.levelChanged(core);
    if (!sameLevel) loadLevel(core);
    updatePending(core);
    if (((core.words[mdscr] as number) & (Mdscr.SS | Mdscr.MDE)) !== 0) {
      core.setWord(stepped, 0);
      updateDebug(core);
    }
  }
}

/** PC goes to the next instruction: where SVC and HVC return to. */
const advancePc = ({ words }: CoreState): void => {
  const low = ((words[pcWord] as number) + 4) | 0;
  words[pcWord] = low;
  if (low >= 0 && low < 4) words[pcWord + 1] = (words[pcWord + 1] as number) + 1;
};

/** Classes whose lowest bit says that the exception was taken without a change of level. */
const hasSameLevelClass = (ec: ExceptionClass): boolean =>
  ec === ExceptionClass.instructionAbort ||
  ec === ExceptionClass.dataAbort ||
  ec === ExceptionClass.breakpoint ||
  ec === ExceptionClass.step ||
  ec === ExceptionClass.watchpoint;
