import { Core } from '../../a64/layout.ts';
import type { ScheduledEvent } from '../../base/events.ts';
import type { Cycles } from '../../base/units.ts';
import type { ExceptionCounter } from '../exceptions/exceptions.ts';
import { isWaiting } from '../exceptions/interrupts.ts';
import type { Clock } from '../state/clock.ts';
import { Mdcr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { Count } from '../state/counts.ts';
import { type SystemSlot, systemOffset } from '../state/slots.ts';

/**
 * The performance monitors (PMUv3, Arm ARM DDI 0487, D7). The counters in the state are brought up to date when
 * they are read, when a control changes and when the level changes, from the core's retired instructions.
 * In WFI and WFE a Cortex-A53 stops its clock and PMCCNTR_EL0 with it.
 */

/** Event counters of the Cortex-A53, not counting PMCCNTR_EL0. */
export const eventCounters = 6;

/** Events of the Cortex-A53 (DDI 0500, table 12-28) that this machine counts: those that need no caches or pipeline. */
export const PmuEvent = {
  swIncr: 0x00,
  instRetired: 0x08,
  excTaken: 0x09,
  excReturn: 0x0a,
  cidWriteRetired: 0x0b,
  cpuCycles: 0x11,
  memoryError: 0x1a,
  chain: 0x1e,
  excIrq: 0x86,
  excFiq: 0x87,
} as const;

/** PMCEID0_EL0: the events below 0x20. There are no memory errors, so that theirs is right to stay at 0. */
export const commonEvents =
  Object.values(PmuEvent).reduce<number>((bits, event) => (event < 32 ? bits | (1 << event) : bits), 0) >>> 0;

/** PMCR_EL0. */
export const Pmcr = { E: 1, P: 2, C: 4, D: 8, X: 16, DP: 32, LC: 64, writable: 0x79 } as const;

/** PMCCNTR_EL0's bit in PMCNTENSET and its like. */
const cycleCounter = 1 << 31;

const pmcr = systemOffset('PMCR_EL0');
const enabled = systemOffset('PMCNTENSET_EL0');
const overflow = systemOffset('PMOVSSET_EL0');
const interruptEnable = systemOffset('PMINTENSET_EL1');
const pmccntr = systemOffset('PMCCNTR_EL0');
const pmccfiltr = systemOffset('PMCCFILTR_EL0');
const mdcr = systemOffset('MDCR_EL2');
const running = systemOffset('pmuRunning');
const seen = systemOffset('pmuRetired');
const counters = Array.from({ length: eventCounters }, (_, n) => systemOffset(`PMEVCNTR${n}_EL0` as SystemSlot));
const types = Array.from({ length: eventCounters }, (_, n) => systemOffset(`PMEVTYPER${n}_EL0` as SystemSlot));

/** Shortest time between two checks for an overflow, so that a counter near its overflow costs little. */
const shortestLook = 1000;

export class Pmu implements ExceptionCounter {
  readonly #clock: Clock;
  readonly #line: (core: number, level: boolean) => void;
  readonly #levels: boolean[];
  readonly #events: (ScheduledEvent | undefined)[];

  /** `line` is told when a core's overflow interrupt changes. */
  constructor(clock: Clock, cores: number, line: (core: number, level: boolean) => void) {
    this.#clock = clock;
    this.#line = line;
    this.#levels = new Array(cores).fill(false);
    this.#events = new Array(cores).fill(undefined);
  }

  /** Adds to the counters what the core has done at its current level since the last call. */
  sync(core: CoreState): void {
    const retired = this.#clock.retired(core);
    const before = core.word(seen) + core.word(seen + 4) * 2 ** 32;
    core.setWord(seen, retired);
    core.setWord(seen + 4, Math.floor(retired / 2 ** 32));
    if (core.word(running) === 0 || retired === before) return;
    const ratio = this.#clock.cyclesPerInstruction;
    const cycles = Math.floor(retired * ratio) - Math.floor(before * ratio);
    if ((core.word(enabled) & cycleCounter) !== 0 && (core.word(pmcr) & Pmcr.E) !== 0 && counts(core, pmccfiltr)) {
      const divide = (core.word(pmcr) & (Pmcr.D | Pmcr.LC)) === Pmcr.D;
      this.#addCycles(core, divide ? Math.floor((retired * ratio) / 64) - Math.floor((before * ratio) / 64) : cycles);
    }
    this.#count(core, PmuEvent.instRetired, retired - before);
    this.#count(core, PmuEvent.cpuCycles, cycles);
    this.#updateLine(core);
  }

  /** Counts events of one kind at the current level. */
  event(core: CoreState, event: number, count = 1): void {
    if (core.word(running) === 0) return;
    this.#count(core, event, count);
    this.#updateLine(core);
  }

  exceptionTaken(core: CoreState, count: number): void {
    if (count === Count.irq) this.event(core, PmuEvent.excIrq);
    else if (count === Count.fiq) this.event(core, PmuEvent.excFiq);
    this.#levelChanges(core, PmuEvent.excTaken);
  }

  exceptionReturned(core: CoreState): void {
    this.#levelChanges(core, PmuEvent.excReturn);
  }

  #levelChanges(core: CoreState, event: number): void {
    this.sync(core);
    this.event(core, event);
    if (this.#events[core.index] === undefined) this.#schedule(core);
  }

  /** A write to PMSWINC_EL0. */
  softwareIncrement(core: CoreState, mask: number): void {
    this.sync(core);
    for (let n = 0; n < eventCounters; n++) {
      if ((mask & (1 << n)) !== 0 && this.#selected(core, n, PmuEvent.swIncr)) this.#add(core, n, 1);
    }
    this.#updateLine(core);
  }

  /** A write to PMCR_EL0: the reset bits act, the others are kept. */
  writeControl(core: CoreState, value: number): void {
    this.sync(core);
    if ((value & Pmcr.P) !== 0) {
      // EL1 and EL0 have only the counters below MDCR_EL2.HPMN.
      const count = core.word(Core.el) === 2 ? eventCounters : guestCounters(core);
      for (const offset of counters.slice(0, count)) core.setWord(offset, 0);
    }
    if ((value & Pmcr.C) !== 0) core.setLong(pmccntr, 0n);
    core.setWord(pmcr, (core.word(pmcr) & ~Pmcr.writable) | (value & Pmcr.writable));
    this.changed(core);
  }

  /** Call it after a write to a control or counter, and `sync` before: what counts and when it overflows may change. */
  changed(core: CoreState): void {
    const on = (core.word(pmcr) & Pmcr.E) !== 0 || (core.word(mdcr) & Mdcr.HPME) !== 0;
    core.setWord(running, on && core.word(enabled) !== 0 ? 1 : 0);
    this.#updateLine(core);
    this.#schedule(core);
  }

  #count(core: CoreState, event: number, count: number): void {
    for (let n = 0; n < eventCounters; n++) if (this.#selected(core, n, event)) this.#add(core, n, count);
  }

  /** Whether counter n is enabled, counts `event`, and counts at the current level. */
  #selected(core: CoreState, n: number, event: number): boolean {
    const type = types[n] as number;
    return (
      (core.word(enabled) & (1 << n)) !== 0 &&
      (core.word(type) & 0x3ff) === event &&
      counterOn(core, n) &&
      counts(core, type)
    );
  }

  #add(core: CoreState, n: number, count: number): void {
    const offset = counters[n] as number;
    const sum = core.word(offset) + count;
    core.setWord(offset, sum);
    if (sum < 2 ** 32) return;
    core.setWord(overflow, core.word(overflow) | (1 << n));
    // An odd counter set to CHAIN counts the overflows of the one below it.
    if ((n & 1) === 0 && n + 1 < eventCounters && this.#selected(core, n + 1, PmuEvent.chain)) {
      this.#add(core, n + 1, Math.floor(sum / 2 ** 32));
    }
  }

  #addCycles(core: CoreState, count: number): void {
    const before = core.long(pmccntr);
    const sum = before + BigInt(count);
    core.setLong(pmccntr, BigInt.asUintN(64, sum));
    // PMCR_EL0.LC: overflow of bit 63, else of bit 31.
    const shift = (core.word(pmcr) & Pmcr.LC) !== 0 ? 64n : 32n;
    if (sum >> shift !== before >> shift) core.setWord(overflow, core.word(overflow) | cycleCounter);
  }

  /** PMUIRQ (AArch64.CheckForPMUOverflow). */
  #updateLine(core: CoreState): void {
    const waiting = core.word(overflow) & core.word(interruptEnable);
    let level = (waiting & cycleCounter) !== 0 && (core.word(pmcr) & Pmcr.E) !== 0;
    for (let n = 0; n < eventCounters; n++) level ||= (waiting & (1 << n)) !== 0 && counterOn(core, n);
    if (level === this.#levels[core.index]) return;
    this.#levels[core.index] = level;
    this.#line(core.index, level);
  }

  /** Sets an event for the earliest cycle at which a counter with its interrupt enabled can overflow. */
  #schedule(core: CoreState): void {
    this.#events[core.index]?.cancel();
    this.#events[core.index] = undefined;
    const watched = core.word(enabled) & core.word(interruptEnable) & ~core.word(overflow);
    // A waiting core counts nothing. The exception that ends the wait schedules again.
    if (core.word(running) === 0 || watched === 0 || isWaiting(core)) return;
    let left = Number.POSITIVE_INFINITY;
    if ((watched & cycleCounter) !== 0) {
      const width = (core.word(pmcr) & Pmcr.LC) !== 0 ? 64 : 32;
      left = Number(2n ** BigInt(width) - BigInt.asUintN(width, core.long(pmccntr)));
    }
    counters.forEach((offset, n) => {
      if ((watched & (1 << n)) !== 0) left = Math.min(left, 2 ** 32 - core.word(offset));
    });
    const due = (this.#clock.now(core) + Math.max(shortestLook, left)) as Cycles;
    if (!Number.isSafeInteger(due)) return;
    this.#look(core, due);
    this.#clock.limit(core, due);
  }

  /** Sets the event at which overflows are looked for. */
  #look(core: CoreState, due: Cycles): void {
    const look = (): void => {
      this.sync(core);
      this.#schedule(core);
    };
    this.#events[core.index] = this.#clock.events.at(due, look, `pmu ${core.index}`);
  }

  /** What a core's monitors remember beside its registers: the output's level, and when the next event is. */
  saveState(core: CoreState): { readonly level: boolean; readonly due: number | null } {
    return { level: this.#levels[core.index] ?? false, due: this.#events[core.index]?.time ?? null };
  }

  loadState(core: CoreState, { level, due }: ReturnType<Pmu['saveState']>): void {
    this.#levels[core.index] = level;
    this.#events[core.index]?.cancel();
    this.#events[core.index] = undefined;
    if (due !== null) this.#look(core, due as Cycles);
  }
}

/** Event counters that EL1 and EL0 have: MDCR_EL2.HPMN. */
export const guestCounters = (core: CoreState): number => Math.min(core.word(mdcr) & Mdcr.HPMN, eventCounters);

/** PMCR_EL0.E enables the guest's counters, MDCR_EL2.HPME those kept by EL2. */
const counterOn = (core: CoreState, n: number): boolean =>
  n < guestCounters(core) ? (core.word(pmcr) & Pmcr.E) !== 0 : (core.word(mdcr) & Mdcr.HPME) !== 0;

/** Whether a filter (PMEVTYPER, PMCCFILTR) lets the current level be counted, in Non-secure state. */
const counts = (core: CoreState, filter: number): boolean => {
  const value = core.word(filter);
  const bit = (n: number): number => (value >>> n) & 1;
  switch (core.word(Core.el)) {
    case 0:
      return bit(30) === bit(28);
    case 1:
      return bit(31) === bit(29);
    default:
      return bit(27) === 1;
  }
};
