import { Core, Status } from '../../a64/layout.ts';
import {
  crnOf,
  ExceptionCall,
  encodingOf,
  eret,
  exceptionMask,
  genericName,
  Hint,
  hintOf,
  op0Of,
  op1Of,
  op2Of,
  PstateField,
  pstateFieldOf,
  pstateImmediate,
  rtOf,
  WordGroup,
  writesRt,
} from '../../a64/system-encoding.ts';
import { assert, defined } from '../../base/assert.ts';
import { updateDebug } from '../debug/debug.ts';
import { afterInstruction, beforeInstruction } from '../debug/stepping.ts';
import { El2Owner } from '../exceptions/el2.ts';
import { Exceptions, type InstructionSource, type LevelObserver } from '../exceptions/exceptions.ts';
import {
  consumeEvent,
  sendEvent,
  updatePending,
  waitForEvent,
  waitForInterrupt,
  wfiCompletes,
} from '../exceptions/interrupts.ts';
import { controlRegisters, midr, mpidr } from '../registers/control.ts';
import { debugRegisters } from '../registers/debug.ts';
import { accessRule, type PlainAccess, plainAccess, trapBit, trapRule } from '../registers/plain-access.ts';
import { pmuRegisters } from '../registers/pmu.ts';
import { processStateRegisters } from '../registers/process-state.ts';
import { AccessCheck, never, type SystemRegister } from '../registers/system-register.ts';
import { genericTimerRegisters } from '../registers/timer.ts';
import type { Clock } from '../state/clock.ts';
import { Hcr, Mdscr, Pstate, Sctlr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { setMode, updateChecks } from '../state/pstate.ts';
import { systemOffset } from '../state/slots.ts';
import { Pmu, PmuEvent } from '../timers/pmu.ts';
import { GenericTimer, type Timer } from '../timers/timer.ts';
import {
  instructionTraps,
  type SystemInstruction,
  systemInstructions,
  type TranslationOperations,
} from './system-instructions.ts';

/** The operations of the MMU that system instructions and exceptions need. */
export interface SystemMmu extends LevelObserver, InstructionSource, TranslationOperations {
  /** The watched addresses have changed: TLB entries of the core that bypass watchpoints must be dropped. */
  watchpointsChanged(core: CoreState): void;
}

/** The cores' outputs to the rest of the machine. */
export interface CoreOutputs {
  /** An SMC for the firmware, or an HVC where no software owns EL2. PC is at the next instruction. */
  firmwareCall(core: CoreState): void;
  /** A timer's interrupt output has changed: CNTHP is PPI 26, CNTV 27, CNTP 30. */
  timerLine(core: number, timer: Timer, level: boolean): void;
  /** A core's performance monitor interrupt has changed. */
  pmuLine(core: number, level: boolean): void;
  /**
   * Software accessed a system register or executed a SYS that a Cortex-A53 does not have; reported once for each
   * encoding.
   */
  unknownRegister(core: number, name: string, write: boolean): void;
}

/** What the system unit is connected to. */
export interface SystemSurroundings {
  readonly mmu: SystemMmu;
  readonly clock: Clock;
  readonly host: CoreOutputs;
  /** Frequency of the system counter. */
  readonly counterHz: number;
}

const hcr = systemOffset('HCR_EL2');
const sctlr1 = systemOffset('SCTLR_EL1');
const mdscr = systemOffset('MDSCR_EL1');
const el2Owner = systemOffset('el2Owner');

/** System instructions and registers of all cores. Methods that execute an instruction return a Status. */
export class SystemUnit {
  readonly pmu: Pmu;
  readonly timers: GenericTimer;
  readonly exceptions: Exceptions;
  readonly registers: readonly SystemRegister[];
  readonly #cores: readonly CoreState[];
  readonly #mmu: SystemMmu;
  readonly #host: CoreOutputs;
  /** Index + 1 in `registers` by encoding. */
  readonly #registerOf = new Uint16Array(0x10000);
  readonly #instructions: readonly SystemInstruction[];
  readonly #instructionOf = new Uint8Array(0x10000);
  readonly #unknown = new Set<number>();
  /** Machine code has written VTTBR_EL2 on a core. For who only looks. */
  onStage2: (core: number) => void = () => {};

  constructor(cores: readonly CoreState[], { mmu, clock, host, counterHz }: SystemSurroundings) {
    this.#cores = cores;
    this.#mmu = mmu;
    this.#host = host;
    this.pmu = new Pmu(clock, cores.length, (core, level) => host.pmuLine(core, level));
    this.timers = new GenericTimer(clock, cores.length, counterHz, (core, timer, level) =>
      host.timerLine(core, timer, level),
    );
    this.exceptions = new Exceptions(mmu, this.pmu);
    this.registers = [
      ...processStateRegisters((core) => this.stateChanged(core)),
      ...controlRegisters(
        {
          translation: (core) => mmu.contextChanged(core),
          stage2: (core) => {
            mmu.contextChanged(core);
            this.onStage2(core.index);
          },
          control: (core) => this.stateChanged(core),
          checks: updateChecks,
          contextId: (core) => {
            mmu.contextChanged(core);
            this.pmu.event(core, PmuEvent.cidWriteRetired);
          },
        },
        cores.length,
      ),
      ...genericTimerRegisters(this.timers),
      ...pmuRegisters(this.pmu),
      ...debugRegisters({
        changed: updateDebug,
        watchpointsChanged: (core) => mmu.watchpointsChanged(core),
        beforeMonitors: (core) => this.pmu.sync(core),
        afterMonitors: (core) => this.pmu.changed(core),
      }),
    ];
    this.registers.forEach((register, i) => {
      assert(this.#registerOf[register.encoding] === 0, `${register.name} shares its encoding`);
      this.#registerOf[register.encoding] = i + 1;
    });
    this.#instructions = systemInstructions(mmu);
    this.#instructions.forEach((instruction, i) => {
      this.#instructionOf[instruction.encoding] = i + 1;
    });
  }

  /**
   * Warm reset of a core into EL1 or EL2, as the firmware starts it: MMU off, D, A, I and F masked. `owner`: who owns
   * EL2, if the core starts there.
   */
  reset(core: CoreState, el: 1 | 2, pc: bigint, owner: El2Owner = El2Owner.machineCode): void {
    for (const register of this.registers) {
      if (register.offset !== 0) core.setLong(register.offset, register.reset);
    }
    core.setSystem('VMPIDR_EL2', mpidr(core.index));
    core.setSystem('VPIDR_EL2', midr);
    for (const slot of ['interruptLines', 'eventRegister', 'waiting', 'SP_EL0', 'pmuRunning', 'stepped'] as const) {
      core.setSystem(slot, slot === 'interruptLines' ? core.system(slot) : 0n);
    }
    core.setWord(el2Owner, el === 1 ? El2Owner.none : owner);
    core.setWord(Core.exclusiveAddress, 0);
    core.setWord(Core.exitRequest, 0);
    core.setFloatState(0, 0);
    core.nzcv = 0;
    setMode(core, (el << Pstate.elShift) | Pstate.sp);
    core.setWord(Core.pstate, Pstate.daif | (el << Pstate.elShift) | Pstate.sp);
    core.pc = pc;
    this.timers.coreReset(core);
    this.pmu.sync(core);
    this.pmu.changed(core);
    this.stateChanged(core);
  }

  /** HostFunction.system: MRS, MSR, SYS, hints, barriers, exception generation and return. */
  execute(core: CoreState, word: number): number {
    switch (word >>> 24) {
      case WordGroup.system:
        return this.#system(core, word);
      case WordGroup.exception:
        return this.#generateException(core, word);
      default:
        // ERET; DRPS is UNDEFINED outside Debug state.
        if (word >>> 0 !== eret || core.word(Core.el) === 0) return this.undefined(core);
        this.exceptions.exceptionReturn(core);
        return Status.jumped;
    }
  }

  /**
   * The run loop calls this before the next instruction while ExitRequest.debug is set. True: a debug exception was
   * taken instead. False: it executes one instruction by itself and then calls `afterInstruction`.
   */
  beforeInstruction(core: CoreState): boolean {
    return beforeInstruction(core, this.exceptions, this.#mmu);
  }

  afterInstruction(core: CoreState): void {
    afterInstruction(core);
  }

  /** The register with an encoding (see `systemEncoding`), which the Cortex-A53 must have. */
  register(encoding: number): SystemRegister {
    return defined(this.registers[(this.#registerOf[encoding] as number) - 1], genericName(encoding));
  }

  /** How translated code may access a register inline: see `plainAccess`. `encoding` is bits 20-5 of MRS and MSR. */
  plainAccess(encoding: number, write: boolean): PlainAccess | undefined {
    const register = this.registers[(this.#registerOf[encoding] as number) - 1];
    return register && plainAccess(register, write);
  }

  /** The AccessRule of MRS, MSR or SYS. */
  accessRule(word: number): number {
    const encoding = encodingOf(word);
    const write = !writesRt(word);
    if (op0Of(encoding) === 1) {
      const instruction = write && this.#instructions[(this.#instructionOf[encoding] as number) - 1];
      if (instruction) return accessRule(encoding, instruction.level, instructionTraps.get(instruction.guard) ?? 0);
    } else {
      const register = this.registers[(this.#registerOf[encoding] as number) - 1];
      if (register)
        return (
          accessRule(encoding, write ? register.writeLevel : register.readLevel, trapBit(register, write)) |
          trapRule(register)
        );
    }
    // The first access of EL1 or EL2 is reported, so that TypeScript must see it.
    return accessRule(encoding, this.#unknown.has(encoding) ? never : 1, 0);
  }

  /** HostFunction.undefined. */
  undefined(core: CoreState): number {
    this.exceptions.undefined(core);
    return Status.jumped;
  }

  /** HostFunction.fpTrap. */
  fpTrap(core: CoreState): number {
    this.exceptions.fpTrap(core);
    return Status.jumped;
  }

  /** HostFunction.spAlignment. */
  spAlignment(core: CoreState): number {
    this.exceptions.spAlignment(core);
    return Status.jumped;
  }

  #system(core: CoreState, word: number): number {
    const encoding = encodingOf(word);
    const op0 = op0Of(encoding);
    if ((word & 0x00c0_0000) !== 0) return this.undefined(core);
    if (op0 >= 2) return this.#register(core, word);
    if (op0 === 1) return this.#sys(core, word);
    if (writesRt(word) || rtOf(word) !== 31) return this.undefined(core);
    const op1 = op1Of(encoding);
    const op2 = op2Of(encoding);
    switch (crnOf(encoding)) {
      case 2:
        return op1 === 3 ? this.#hint(core, hintOf(word)) : this.undefined(core);
      case 3:
        // Memory accesses are in program order here, so barriers do nothing.
        if (op1 !== 3 || (op2 !== 2 && (op2 < 4 || op2 > 6))) return this.undefined(core);
        if (op2 === 2) core.setWord(Core.exclusiveAddress, 0);
        return Status.next;
      case 4:
        return this.#processState(core, word);
      default:
        return this.undefined(core);
    }
  }

  /** MSR (immediate): SPSel, DAIFSet, DAIFClr. */
  #processState(core: CoreState, word: number): number {
    const field = pstateFieldOf(word);
    const immediate = pstateImmediate(word);
    const pstate = core.word(Core.pstate);
    if (field === PstateField.SPSel) {
      if (core.word(Core.el) === 0) return this.undefined(core);
      setMode(core, (pstate & Pstate.mode & ~Pstate.sp) | (immediate & 1));
      return Status.next;
    }
    if (field !== PstateField.DAIFSet && field !== PstateField.DAIFClr) return this.undefined(core);
    if (core.word(Core.el) === 0 && (core.word(sctlr1) & Sctlr.UMA) === 0) {
      this.exceptions.systemTrap(core, 1, word);
      return Status.jumped;
    }
    const masks = immediate << Pstate.daifShift;
    core.setWord(Core.pstate, field === PstateField.DAIFSet ? pstate | masks : pstate & ~masks);
    this.#masksChanged(core);
    return Status.next;
  }

  #hint(core: CoreState, number: number): number {
    switch (number) {
      case Hint.WFE: {
        if (consumeEvent(core)) return Status.next;
        if (this.#wfxTrapped(core, 1)) return Status.jumped;
        waitForEvent(core);
        this.timers.scheduleStream(core);
        return Status.next;
      }
      case Hint.WFI:
        if (wfiCompletes(core)) return Status.next;
        if (this.#wfxTrapped(core, 0)) return Status.jumped;
        waitForInterrupt(core);
        return Status.next;
      case Hint.SEV:
        for (const other of this.#cores) sendEvent(other);
        return Status.next;
      case Hint.SEVL:
        sendEvent(core);
        return Status.next;
      default:
        // YIELD, and all hints that are not allocated, are NOP.
        return Status.next;
    }
  }

  /** Traps of WFI (`ti` 0) and WFE (1) that would wait: SCTLR_EL1.nTWI and nTWE for EL0, HCR_EL2.TWI and TWE. */
  #wfxTrapped(core: CoreState, ti: 0 | 1): boolean {
    const el = core.word(Core.el);
    if (el === 0 && (core.word(sctlr1) & (ti === 1 ? Sctlr.nTWE : Sctlr.nTWI)) === 0) {
      this.exceptions.wfxTrap(core, 1, ti);
      return true;
    }
    if (el < 2 && (core.word(hcr) & (ti === 1 ? Hcr.TWE : Hcr.TWI)) !== 0) {
      this.exceptions.wfxTrap(core, 2, ti);
      return true;
    }
    return false;
  }

  #generateException(core: CoreState, word: number): number {
    const immediate = (word >>> 5) & 0xffff;
    const el = core.word(Core.el);
    switch (word & exceptionMask) {
      case ExceptionCall.SVC:
        this.#stepOver(core);
        this.exceptions.supervisorCall(core, immediate);
        return Status.jumped;
      case ExceptionCall.HVC:
        if (el === 0) return this.undefined(core);
        this.#stepOver(core);
        if (core.word(el2Owner) === El2Owner.none) return this.#firmwareCall(core);
        this.exceptions.hypervisorCall(core, immediate);
        return Status.jumped;
      case ExceptionCall.SMC:
        if (el === 0) return this.undefined(core);
        if (el === 1 && (core.word(hcr) & Hcr.TSC) !== 0) {
          this.exceptions.monitorCallTrap(core, immediate);
          return Status.jumped;
        }
        this.#stepOver(core);
        return this.#firmwareCall(core);
      case ExceptionCall.BRK:
        this.exceptions.softwareBreakpoint(core, immediate);
        return Status.jumped;
      default:
        // HLT without halting debug, DCPS outside Debug state.
        return this.undefined(core);
    }
  }

  #firmwareCall(core: CoreState): number {
    core.pc = BigInt.asUintN(64, core.pc + 4n);
    this.#host.firmwareCall(core);
    return Status.jumped;
  }

  /** SSAdvance for an instruction that enters an exception when it is done. */
  #stepOver(core: CoreState): void {
    if ((core.word(mdscr) & Mdscr.SS) !== 0) core.setWord(Core.pstate, core.word(Core.pstate) & ~Pstate.SS);
  }

  #sys(core: CoreState, word: number): number {
    const encoding = encodingOf(word);
    const el = core.word(Core.el);
    if (this.#implementationTrapped(core, encoding, word)) return Status.jumped;
    const instruction = this.#instructions[(this.#instructionOf[encoding] as number) - 1];
    // SYSL has no allocated encoding.
    if (!instruction || writesRt(word)) {
      this.#logUnknown(core, encoding, !writesRt(word));
      return this.undefined(core);
    }
    if (el < instruction.level) return this.undefined(core);
    if (instruction.guard && !this.#permit(core, instruction.guard(core, true), word)) return Status.jumped;
    const source = Core.x + 8 * rtOf(word);
    return instruction.run(core, core.word(source), core.word(source + 4));
  }

  #register(core: CoreState, word: number): number {
    const encoding = encodingOf(word);
    if (this.#implementationTrapped(core, encoding, word)) return Status.jumped;
    const write = !writesRt(word);
    const register = this.registers[(this.#registerOf[encoding] as number) - 1];
    if (!register) {
      this.#logUnknown(core, encoding, write);
      return this.undefined(core);
    }
    if (core.word(Core.el) < (write ? register.writeLevel : register.readLevel)) return this.undefined(core);
    if (register.guard && !this.#permit(core, register.guard(core, write), word)) return Status.jumped;
    const rt = rtOf(word);
    if (write) writeRegister(core, register, Core.x + 8 * rt);
    // XZR's slot always holds zero, so what is read into it goes to the scratch area.
    else readRegister(core, register, rt === 31 ? Core.scratch : Core.x + 8 * rt);
    return Status.next;
  }

  /**
   * HCR_EL2.TIDCP: EL1's IMPLEMENTATION DEFINED registers and instructions (CRn 11 and 15). At EL0 they are UNDEFINED
   * here.
   */
  #implementationTrapped(core: CoreState, encoding: number, word: number): boolean {
    const crn = crnOf(encoding);
    const op0 = op0Of(encoding);
    if ((crn !== 11 && crn !== 15) || (op0 !== 3 && op0 !== 1)) return false;
    if (core.word(Core.el) !== 1 || (core.word(hcr) & Hcr.TIDCP) === 0) return false;
    this.exceptions.systemTrap(core, 2, word);
    return true;
  }

  /** Whether an access is allowed; if not, takes the exception. */
  #permit(core: CoreState, access: AccessCheck, word: number): boolean {
    if (access === AccessCheck.allowed) return true;
    if (access === AccessCheck.undefined) this.exceptions.undefined(core);
    else if (access === AccessCheck.trapFp) this.exceptions.fpTrap(core);
    else this.exceptions.systemTrap(core, access, word);
    return false;
  }

  #logUnknown(core: CoreState, encoding: number, write: boolean): void {
    // EL0 may try anything; that says nothing about the machine.
    if (core.word(Core.el) === 0 || this.#unknown.has(encoding)) return;
    this.#unknown.add(encoding);
    this.#host.unknownRegister(core.index, genericName(encoding), write);
  }

  /**
   * A control register, or PSTATE by MSR, has changed. El2 calls it too, after it has written registers of the levels
   * below directly to their storage.
   */
  stateChanged(core: CoreState): void {
    updateChecks(core);
    this.#mmu.contextChanged(core);
    this.#masksChanged(core);
  }

  #masksChanged(core: CoreState): void {
    updatePending(core);
    if ((core.word(mdscr) & (Mdscr.SS | Mdscr.MDE)) !== 0) updateDebug(core);
  }
}

/** Reads a register's value into a field of the state, without a check of the level. */
export const readRegister = (core: CoreState, register: SystemRegister, destination: number): void => {
  if (register.read) {
    register.read(core, destination);
    return;
  }
  core.setWord(destination, core.word(register.offset));
  core.setWord(destination + 4, core.word(register.offset + 4));
};

/** Writes a register from a field of the state, without a check of the level. */
export const writeRegister = (core: CoreState, register: SystemRegister, source: number): void => {
  if (register.write) {
    register.write(core, source);
    return;
  }
  core.setWord(register.offset, (core.word(source) & register.writableLow) | register.fixedLow);
  core.setWord(register.offset + 4, (core.word(source + 4) & register.writableHigh) | register.fixedHigh);
  register.changed?.(core);
};
