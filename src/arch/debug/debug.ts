import { Core } from '../../a64/layout.ts';
import { Hcr, Mdcr, Mdscr, Pstate } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { ExitRequest, requestExit, withdrawExit } from '../state/exit-request.ts';
import { type SystemSlot, systemOffset } from '../state/slots.ts';

/**
 * Self-hosted debug: which debug exceptions are on, and what breakpoints and watchpoints match (Arm ARM DDI 0487, D2).
 */

/** The Cortex-A53's (ID_AA64DFR0_EL1): breakpoints, of which the last two compare contexts, and watchpoints. */
export const breakpointCount = 6;
export const watchpointCount = 4;
const firstContextBreakpoint = 4;

const numbered = (count: number, name: (n: number) => SystemSlot): readonly number[] =>
  Array.from({ length: count }, (_, n) => systemOffset(name(n)));
const bvr = numbered(breakpointCount, (n) => `DBGBVR${n}_EL1` as SystemSlot);
const bcr = numbered(breakpointCount, (n) => `DBGBCR${n}_EL1` as SystemSlot);
const wvr = numbered(watchpointCount, (n) => `DBGWVR${n}_EL1` as SystemSlot);
const wcr = numbered(watchpointCount, (n) => `DBGWCR${n}_EL1` as SystemSlot);
const mdscr = systemOffset('MDSCR_EL1');
const mdcr = systemOffset('MDCR_EL2');
const hcr = systemOffset('HCR_EL2');
const oslsr = systemOffset('OSLSR_EL1');
const osdlr = systemOffset('OSDLR_EL1');
const contextidr = systemOffset('CONTEXTIDR_EL1');
const vttbr = systemOffset('VTTBR_EL2');

/** OSLSR_EL1.OSLK. */
export const osLocked = 1 << 1;

/** AArch64.GenerateDebugExceptionsFrom: whether debug exceptions are on at level `from` with PSTATE.D = `masked`. */
const generatedFrom = (core: CoreState, from: number, masked: boolean): boolean => {
  if ((core.word(oslsr) & osLocked) !== 0 || core.word(osdlr) !== 0) return false;
  const target = (core.word(hcr) & Hcr.TGE) !== 0 || (core.word(mdcr) & Mdcr.TDE) !== 0 ? 2 : 1;
  return from === target ? (core.word(mdscr) & Mdscr.KDE) !== 0 && !masked : target > from;
};

/** AArch64.GenerateDebugExceptions. */
const generated = (core: CoreState): boolean =>
  generatedFrom(core, core.word(Core.el), (core.word(Core.pstate) & Pstate.D) !== 0);

/**
 * DebugExceptionReturnSS: PSTATE.SS after a return with `spsr`, while MDSCR_EL1.SS is set. Call it before PSTATE
 * changes.
 */
export const debugExceptionReturnSS = (core: CoreState, spsr: number, legal: boolean): number => {
  const destination = legal ? (spsr & Pstate.mode) >>> Pstate.elShift : core.word(Core.el);
  const enabledThere = generatedFrom(core, destination, (spsr & Pstate.D) !== 0);
  return !generated(core) && enabledThere ? spsr & Pstate.SS : 0;
};

/**
 * Whether software step is active: each instruction is stepped, or, with PSTATE.SS = 0, a step exception is pending.
 */
export const stepActive = (core: CoreState): boolean => (core.word(mdscr) & Mdscr.SS) !== 0 && generated(core);

/** Tells the run loop whether to check before each instruction. Call it when level, masks or debug registers change. */
export const updateDebug = (core: CoreState): void => {
  if (stepActive(core) || breakpointsActive(core)) requestExit(core, ExitRequest.debug);
  else withdrawExit(core, ExitRequest.debug);
};

/** Whether an enabled breakpoint could match at the current level. */
const breakpointsActive = (core: CoreState): boolean => {
  if ((core.word(mdscr) & Mdscr.MDE) === 0 || !generated(core)) return false;
  const el = core.word(Core.el);
  return bcr.some((offset) => (core.word(offset) & 1) !== 0 && stateMatches(core.word(offset), el));
};

/** AArch64.CheckBreakpoint: whether an enabled breakpoint matches the instruction at PC. */
export const breakpointMatches = (core: CoreState): boolean => {
  if (!breakpointsActive(core)) return false;
  for (let n = 0; n < breakpointCount; n++) {
    const control = core.word(bcr[n] as number);
    if ((control & 1) === 0 || !stateMatches(control, core.word(Core.el))) continue;
    const type = (control >>> 20) & 15;
    // A linked context breakpoint matches only through the breakpoint that is linked to it.
    if (type === 0 || type === 1) {
      if (type === 1 && !linkedMatches(core, control)) continue;
      if (addressBits(core.pc, 2) === addressBits(core.long(bvr[n] as number), 2)) return true;
    } else if ((type & 1) === 0 && contextMatches(core, n)) return true;
  }
  return false;
};

/** An access that a watchpoint may match. */
interface WatchedAccess {
  readonly va: bigint;
  readonly size: number;
  readonly write: boolean;
  /** As from EL0, whatever the current level. */
  readonly unprivileged: boolean;
}

/** AArch64.CheckWatchpoint: whether a watchpoint matches an access from the current level. */
export const watchpointMatches = (core: CoreState, { va, size, write, unprivileged }: WatchedAccess): boolean => {
  if ((core.word(mdscr) & Mdscr.MDE) === 0 || !generated(core)) return false;
  const el = unprivileged ? 0 : core.word(Core.el);
  for (let n = 0; n < watchpointCount; n++) {
    const control = core.word(wcr[n] as number);
    if ((control & 1) === 0 || (control & (write ? 1 << 4 : 1 << 3)) === 0 || !stateMatches(control, el)) continue;
    if ((control & (1 << 20)) !== 0 && !linkedMatches(core, control)) continue;
    for (let i = 0; i < size; i++) if (watchesByte(core, n, control, va + BigInt(i))) return true;
  }
  return false;
};

/**
 * Whether an enabled watchpoint may watch a byte of the 4 KiB page of `va`: such a page must not have a fast TLB entry.
 */
export const watchesPage = (core: CoreState, va: bigint): boolean => {
  if ((core.word(mdscr) & Mdscr.MDE) === 0) return false;
  for (let n = 0; n < watchpointCount; n++) {
    const control = core.word(wcr[n] as number);
    const shift = Math.max(12, (control >>> 24) & 31);
    if ((control & 1) !== 0 && addressBits(va, shift) === addressBits(core.long(wvr[n] as number), shift)) return true;
  }
  return false;
};

/** Address bits [48:low], which the comparators see. */
const addressBits = (va: bigint, low: number): bigint => BigInt.asUintN(49, va) >> BigInt(low);

/** AArch64.WatchpointByteMatch. */
const watchesByte = (core: CoreState, n: number, control: number, va: bigint): boolean => {
  const value = core.long(wvr[n] as number);
  const bottom = (value & 4n) !== 0n ? 2 : 3;
  const mask = (control >>> 24) & 31;
  if (mask > bottom) return addressBits(va, mask) === addressBits(value, mask);
  const lane = Number(BigInt.asUintN(bottom, va));
  return (control & (1 << (5 + lane))) !== 0 && addressBits(va, bottom) === addressBits(value, bottom);
};

/** AArch64.StateMatch without the linked comparison, for Non-secure state: SSC, HMC and PMC or PAC. */
const stateMatches = (control: number, el: number): boolean => {
  if (((control >>> 14) & 3) === 2) return false;
  if (el === 2) return (control & (1 << 13)) !== 0;
  return (control & (el === 1 ? 1 << 1 : 1 << 2)) !== 0;
};

/** Whether the context breakpoint named by LBN matches. A link to one that compares no context never matches. */
const linkedMatches = (core: CoreState, control: number): boolean => {
  const n = (control >>> 16) & 15;
  const linked = n < breakpointCount ? core.word(bcr[n] as number) : 0;
  const type = (linked >>> 20) & 15;
  return (linked & 1) !== 0 && type !== 1 && (type & 1) !== 0 && contextMatches(core, n);
};

/** Context comparison of breakpoint n: CONTEXTIDR_EL1 (BT 2, 3), VMID (8, 9) or both (10, 11). None at EL2. */
const contextMatches = (core: CoreState, n: number): boolean => {
  if (n < firstContextBreakpoint || core.word(Core.el) === 2) return false;
  const type = (core.word(bcr[n] as number) >>> 20) & 14;
  const value = bvr[n] as number;
  const id = core.word(value) === core.word(contextidr);
  const vmid = (core.word(value + 4) & 0xff) === ((core.word(vttbr + 4) >>> 16) & 0xff);
  return (type === 2 && id) || (type === 8 && vmid) || (type === 10 && id && vmid);
};
