import { Core } from '../../a64/layout.ts';
import { Hcr, Pstate } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { ExitRequest, requestExit, withdrawExit } from '../state/exit-request.ts';
import { systemOffset } from '../state/slots.ts';

/**
 * Interrupts at a core's inputs, their masks, and the low-power states that they end (Arm ARM DDI 0487, D1.13, D1.16).
 * SCR_EL3 as the firmware leaves it for Non-secure state: IRQ = FIQ = EA = 0, so nothing goes to EL3.
 */

const lines = systemOffset('interruptLines');
const eventRegister = systemOffset('eventRegister');
const waiting = systemOffset('waiting');
const waitAddress = systemOffset('waitAddress');
const waitValue = systemOffset('waitValue');
const hcr = systemOffset('HCR_EL2');

/** Inputs of a core, as the GIC drives them. */
export type InterruptLine = 'irq' | 'fiq' | 'virq' | 'vfiq';

/**
 * The interrupts at a core, in the places of their masks in PSTATE: physical ones in bits 8-6 (SError, IRQ, FIQ),
 * virtual ones 16 bits above. HCR_EL2.VSE, VI and VF lie in the same bits 8-6.
 */
export const Interrupt = {
  fiq: Pstate.F,
  irq: Pstate.I,
  serror: Pstate.A,
  vfiq: Pstate.F << 16,
  virq: Pstate.I << 16,
  vserror: Pstate.A << 16,
} as const;

// Indices into CoreState.words.
const linesWord = lines / 4;
const hcrWord = hcr / 4;
const pstateWord = Core.pstate / 4;
const elWord = Core.el / 4;
const requestWord = Core.exitRequest / 4;

const physical = Pstate.F | Pstate.I | Pstate.A;
const virtualShift = 16;

/** HCR_EL2.AMO, IMO, FMO moved to bits 8-6. */
const routed = (control: number): number => (control << 3) & physical;

/** Pending virtual interrupts, in bits 8-6. Only those exist whose routing bit is set, and none while TGE is. */
const virtualPending = (core: CoreState, control: number): number =>
  (control & Hcr.TGE) !== 0 ? 0 : ((core.word(lines) >>> virtualShift) | control) & routed(control);

/** The interrupts that the core would take now, as bits of Interrupt. */
export const deliverable = (core: CoreState): number => {
  const { words } = core;
  const control = words[hcrWord] as number;
  const inputs = words[linesWord] as number;
  if ((inputs | (control & physical)) === 0) return 0;
  const pending = inputs & physical;
  const unmasked = ~(words[pstateWord] as number);
  const route = (control & Hcr.TGE) !== 0 ? physical : routed(control);
  if (words[elWord] === 2) return pending & route & unmasked;
  return (pending & (route | unmasked)) | ((virtualPending(core, control) & unmasked) << virtualShift);
};

/** Whether an interrupt ends WFI: masks do not count (D1.16.2, "WFI wake-up events"). */
const endsWfi = (core: CoreState): boolean =>
  (core.word(lines) & physical) !== 0 || (core.word(Core.el) < 2 && virtualPending(core, core.word(hcr)) !== 0);

/** Tells the run loop whether an exception is pending. Call it when lines, masks, level or HCR_EL2 have changed. */
export const updatePending = (core: CoreState): void => {
  const { words } = core;
  const due = ((words[pstateWord] as number) & Pstate.IL) !== 0 || deliverable(core) !== 0;
  const request = words[requestWord] as number;
  words[requestWord] = due ? request | ExitRequest.exception : request & ~ExitRequest.exception;
};

const setLines = (core: CoreState, value: number): void => {
  core.setWord(lines, value);
  updatePending(core);
  wakeIfDue(core);
};

/** Drives an interrupt input. */
export const setLine = (core: CoreState, line: InterruptLine, level: boolean): void => {
  const before = core.word(lines);
  const after = level ? before | Interrupt[line] : before & ~Interrupt[line];
  if (after !== before) setLines(core, after);
};

/** Makes an SError interrupt pending; it stays so until it is taken. */
export const pendSError = (core: CoreState): void => setLines(core, core.word(lines) | Interrupt.serror);

/** The SError interrupt has been taken. */
export const clearSError = (core: CoreState): void => core.setWord(lines, core.word(lines) & ~Interrupt.serror);

/** What a core waits in. */
export const Wait = { none: 0, wfi: 1, wfe: 2 } as const;

/** Whether WFI completes at once, because its wake-up event is there. */
export const wfiCompletes = endsWfi;

/** Clears the event register, as WFE does, and returns whether it was set. */
export const consumeEvent = (core: CoreState): boolean => {
  if (core.word(eventRegister) === 0) return false;
  core.setWord(eventRegister, 0);
  return true;
};

/** Puts the core into WFI. */
export const waitForInterrupt = (core: CoreState): void => {
  core.setWord(waiting, Wait.wfi);
  requestExit(core, ExitRequest.wait);
};

/**
 * Puts the core into WFE. If the exclusive monitor is armed, a write to the marked location must end the wait (B2.9,
 * "Load-Exclusive and Store-Exclusive usage with WFE"), so the location's value is kept for `pollWait` to compare.
 */
export const waitForEvent = (core: CoreState): void => {
  const address = core.word(Core.exclusiveAddress);
  core.setWord(waiting, Wait.wfe);
  core.setWord(waitAddress, address);
  if (address !== 0) {
    const word = address & ~7;
    core.setWord(waitValue, core.memory.u32[word >>> 2] as number);
    core.setWord(waitValue + 4, core.memory.u32[(word >>> 2) + 1] as number);
  }
  requestExit(core, ExitRequest.wait);
  wakeIfDue(core);
};

/** Whether the core is in WFI or WFE. */
export const isWaiting = (core: CoreState): boolean => core.word(waiting) !== Wait.none;

/**
 * Ends a WFE if the location that it watches has changed. Returns whether the core still waits. Call it each quantum.
 */
export const pollWait = (core: CoreState): boolean => {
  if (core.word(waiting) === Wait.wfe && core.word(waitAddress) !== 0) {
    const index = (core.word(waitAddress) & ~7) >>> 2;
    const words = core.memory.u32;
    if (words[index] !== core.word(waitValue) || words[index + 1] !== core.word(waitValue + 4)) wake(core);
  }
  return isWaiting(core);
};

const wake = (core: CoreState): void => {
  core.setWord(waiting, Wait.none);
  withdrawExit(core, ExitRequest.wait);
};

const wakeIfDue = (core: CoreState): void => {
  const state = core.word(waiting);
  if (state === Wait.none) return;
  if (state === Wait.wfi ? endsWfi(core) : deliverable(core) !== 0) wake(core);
};

/**
 * An event reaches the core (D1.16.1): SEV, SEVL, the event stream, a cleared monitor. It ends WFE or is remembered.
 */
export const sendEvent = (core: CoreState): void => {
  if (core.word(waiting) === Wait.wfe) wake(core);
  else core.setWord(eventRegister, 1);
};

/**
 * The core's turn ends. Its exclusive monitor opens, because others may now write the marked location. Clearing the
 * global monitor is an event, so a later WFE does not wait. Store-exclusives then need no comparison within a quantum.
 */
export const yieldMonitor = (core: CoreState): void => {
  if (core.word(Core.exclusiveAddress) === 0) return;
  core.setWord(Core.exclusiveAddress, 0);
  if (!isWaiting(core)) core.setWord(eventRegister, 1);
};
