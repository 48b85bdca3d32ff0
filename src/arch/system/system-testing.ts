import { Core } from '../../a64/layout.ts';
import { defined } from '../../base/assert.ts';
import { Events } from '../../base/events.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { Clock } from '../state/clock.ts';
import { Pstate } from '../state/control-bits.ts';
import { CoreState } from '../state/core.ts';
import { Memory } from '../state/memory.ts';
import { setMode, updateChecks } from '../state/pstate.ts';
import type { SystemSlot } from '../state/slots.ts';
import { type SystemMmu, SystemUnit } from './system.ts';

/** For tests: cores with a system unit and no MMU or generated code, and what they asked of the world outside. */
export class SystemBench {
  readonly events = new Events();
  readonly clock: Clock;
  readonly cores: readonly CoreState[];
  readonly unit: SystemUnit;
  /** Calls of the MMU, with Core.accessAddress, such as `zero 1000`. */
  readonly mmuCalls: string[] = [];
  contextChanges = 0;
  readonly firmwareCalls: number[] = [];
  /** Changes of interrupt outputs, such as `cntv 1` or `pmu 0`. */
  readonly lines: string[] = [];
  readonly unknown: string[] = [];
  /** The instruction that `instructionAt` finds. */
  instruction: number | null = null;

  constructor(cores = 1) {
    const memory = new Memory(cores, [{ base: physAddr(0x4000_0000), size: 0x1_0000 }]);
    this.cores = Array.from({ length: cores }, (_, i) => new CoreState(memory, i));
    this.clock = new Clock(this.events, 1_200_000_000);
    const log = (call: string, core: CoreState): number => {
      this.mmuCalls.push(`${call} ${core.long(Core.accessAddress).toString(16)}`);
      return 0;
    };
    const mmu: SystemMmu = {
      levelChanged: () => this.contextChanges++,
      contextChanged: () => this.contextChanges++,
      watchpointsChanged: (core) => log('watchpoints', core),
      instructionAt: () => this.instruction,
      zero: (core) => log('zero', core),
      maintain: (core, discards) => log(discards ? 'discard' : 'maintain', core),
      translateAddress: (core, name) => log(`at ${name}`, core),
      invalidate: (core, name) => void log(`tlbi ${name}`, core),
    };
    this.unit = new SystemUnit(this.cores, {
      mmu: mmu,
      clock: this.clock,
      counterHz: 100_000_000,
      host: {
        firmwareCall: (core) => this.firmwareCalls.push(core.index),
        timerLine: (core, timer, level) => this.lines.push(`${core === 0 ? '' : `${core}: `}${timer} ${level ? 1 : 0}`),
        pmuLine: (_, level) => this.lines.push(`pmu ${level ? 1 : 0}`),
        unknownRegister: (_, name) => this.unknown.push(name),
      },
    });
    for (const core of this.cores) this.unit.reset(core, 2, 0x4000_0000n);
  }

  core(index = 0): CoreState {
    return defined(this.cores[index], 'core');
  }

  /** Puts the core at a level with all interrupts unmasked, on SP_ELx (`sp` 1) or SP_EL0. */
  level(el: 0 | 1 | 2, sp: 0 | 1 = el === 0 ? 0 : 1, index = 0): void {
    const core = this.core(index);
    setMode(core, (el << Pstate.elShift) | sp);
    core.setWord(Core.pstate, core.word(Core.pstate) & Pstate.mode);
    updateChecks(core);
    core.pc = 0x1000n;
  }

  set(registers: Partial<Record<SystemSlot, bigint>>, index = 0): void {
    for (const [name, value] of Object.entries(registers)) this.core(index).setSystem(name as SystemSlot, value);
    updateChecks(this.core(index));
  }

  /**
   * Executes an instruction word as the run loop does: PC moves on unless the instruction set it; counts one
   * instruction.
   */
  run(word: number, index = 0): void {
    const core = this.core(index);
    const status = this.unit.execute(core, word);
    core.setWord(Core.budget, core.word(Core.budget) - 1);
    if (status === 0) core.pc += 4n;
  }

  /** Begins a quantum. */
  quantum(instructions: number, index = 0): void {
    this.core(index).setWord(Core.quantum, instructions);
    this.core(index).setWord(Core.budget, instructions);
  }

  /** Ends the quantum: what was executed becomes the past, and time reaches its end. */
  endQuantum(index = 0): void {
    const core = this.core(index);
    const executed = core.word(Core.quantum) - (core.word(Core.budget) | 0);
    core.setLong(Core.retired, core.long(Core.retired) + BigInt(executed));
    this.quantum(0, index);
    this.events.advance(cycles(this.events.now + executed));
    this.events.fireDue();
  }

  /** Lets time pass without instructions. */
  wait(until: number): void {
    this.events.advance(cycles(until));
    this.events.fireDue();
  }

  /** Executes `count` instructions that do nothing. */
  nops(count: number, index = 0): void {
    const core = this.core(index);
    core.setWord(Core.budget, core.word(Core.budget) - count);
  }
}
