import { Core } from '../../a64/layout.ts';
import { breakpointCount, osLocked, watchpointCount } from '../debug/debug.ts';
import { Hcr, Mdcr, Mdscr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { systemOffset } from '../state/slots.ts';
import { eventCounters } from '../timers/pmu.ts';
import {
  AccessCheck,
  computed,
  constant,
  type Guard,
  guards,
  low32,
  type SystemRegister,
  stored,
} from './system-register.ts';

/**
 * Registers of self-hosted debug and their traps (Arm ARM DDI 0487, D13.3). There is no external debugger: the debug
 * communications channel is empty, halting debug is off, authentication says that only non-invasive debug is allowed.
 */

const mdcr = systemOffset('MDCR_EL2');
const mdscr = systemOffset('MDSCR_EL1');
const hcr = systemOffset('HCR_EL2');
const oslsr = systemOffset('OSLSR_EL1');

/** The bits of MDCR_EL2 by which EL1 is trapped, by guard. */
export const debugTraps = new Map<Guard, number>();

/** A bit of MDCR_EL2 traps EL0 and EL1; TDE and TGE count as all of them set. */
const trappedBy = (bit: number): Guard => {
  const guard: Guard = (core) =>
    core.word(Core.el) < 2 && ((core.word(mdcr) & (bit | Mdcr.TDE)) !== 0 || (core.word(hcr) & Hcr.TGE) !== 0)
      ? AccessCheck.trapEl2
      : AccessCheck.allowed;
  debugTraps.set(guard, bit | Mdcr.TDE);
  return guard;
};
const tda = trappedBy(Mdcr.TDA);
const tdosa = trappedBy(Mdcr.TDOSA);
const tdra = trappedBy(Mdcr.TDRA);

/** MDSCR_EL1.TDCC keeps EL0 from the communications channel. */
const tdcc: Guard = (core) =>
  core.word(Core.el) === 0 && (core.word(mdscr) & Mdscr.TDCC) !== 0 ? AccessCheck.trapEl1 : AccessCheck.allowed;

/**
 * `changed` is called when debug registers change; the last two around a write to MDCR_EL2, which divides the counters.
 */
export interface DebugEffects {
  readonly changed: (core: CoreState) => void;
  readonly watchpointsChanged: (core: CoreState) => void;
  readonly beforeMonitors: (core: CoreState) => void;
  readonly afterMonitors: (core: CoreState) => void;
}

export const debugRegisters = ({
  changed,
  watchpointsChanged,
  beforeMonitors,
  afterMonitors,
}: DebugEffects): SystemRegister[] => {
  const breakpoints = Array.from({ length: breakpointCount }, (_, n) => [
    stored(`DBGBVR${n}_EL1`, [2, 0, 0, n, 4], {
      read: 1,
      guard: tda,
      changed,
      // Context-aware breakpoints also hold a VMID and a context number.
      writable: n < breakpointCount - 2 ? 0xffff_ffff_ffff_fffcn : 0xffff_ffff_ffff_ffffn,
    }),
    stored(`DBGBCR${n}_EL1`, [2, 0, 0, n, 5], { read: 1, writable: 0x00ff_e007n, fixed: 0x1e0n, guard: tda, changed }),
  ]).flat();
  const watchpoints = Array.from({ length: watchpointCount }, (_, n) => [
    stored(`DBGWVR${n}_EL1`, [2, 0, 0, n, 6], {
      read: 1,
      writable: 0xffff_ffff_ffff_fffcn,
      guard: tda,
      changed: watchpointsChanged,
    }),
    stored(`DBGWCR${n}_EL1`, [2, 0, 0, n, 7], {
      read: 1,
      writable: 0x1f1f_ffffn,
      guard: tda,
      changed: watchpointsChanged,
    }),
  ]).flat();
  return [
    constant('MDCCSR_EL0', [2, 3, 0, 1, 0], { read: 0, value: 0n, guard: guards(tdcc, tda) }),
    stored('MDCCINT_EL1', [2, 0, 0, 2, 0], { read: 1, writable: 0x6000_0000n, guard: tda }),
    computed('DBGDTR_EL0', [2, 3, 0, 4, 0], { read: 0, write: 0, guard: guards(tdcc, tda) }),
    computed('DBGDTRRX_EL0', [2, 3, 0, 5, 0], { read: 0, write: 0, guard: guards(tdcc, tda) }),
    stored('OSDTRRX_EL1', [2, 0, 0, 0, 2], { read: 1, writable: low32, guard: tda, storage: 'DBGDTRRX_EL0' }),
    stored('OSDTRTX_EL1', [2, 0, 0, 3, 2], { read: 1, writable: low32, guard: tda, storage: 'DBGDTRTX_EL0' }),
    stored('MDSCR_EL1', [2, 0, 0, 2, 2], {
      read: 1,
      writable: 0x6ce8_f041n,
      guard: tda,
      changed: (core) => {
        changed(core);
        watchpointsChanged(core);
      },
    }),
    // Vector catch of AArch32 below EL2. It has no effect on AArch64.
    stored('DBGVCR32_EL2', [2, 4, 0, 7, 0], { read: 2, writable: 0xde00_00den }),
    stored('OSECCR_EL1', [2, 0, 0, 6, 2], { read: 1, writable: low32, guard: tda }),
    constant('MDRAR_EL1', [2, 0, 1, 0, 0], { read: 1, value: 0n, guard: tdra }),
    computed('OSLAR_EL1', [2, 0, 1, 0, 4], {
      write: 1,
      guard: tdosa,
      set: (core, value) => {
        core.setWord(oslsr, (core.word(oslsr) & ~osLocked) | ((value & 1n) !== 0n ? osLocked : 0));
        changed(core);
      },
    }),
    // OSLM = 0b10: the lock exists. It is locked after reset.
    stored('OSLSR_EL1', [2, 0, 1, 1, 4], { read: 1, write: 3, reset: 0xan, guard: tdosa }),
    stored('OSDLR_EL1', [2, 0, 1, 3, 4], { read: 1, writable: 1n, guard: tdosa, changed }),
    stored('DBGPRCR_EL1', [2, 0, 1, 4, 4], { read: 1, writable: 1n, guard: tdosa }),
    // Writes set bits. Reads report that all eight claim bits exist.
    computed('DBGCLAIMSET_EL1', [2, 0, 7, 8, 6], {
      read: 1,
      write: 1,
      guard: tda,
      value: () => 0xffn,
      set: (core, value) => core.setSystem('DBGCLAIMSET_EL1', core.system('DBGCLAIMSET_EL1') | (value & 0xffn)),
    }),
    computed('DBGCLAIMCLR_EL1', [2, 0, 7, 9, 6], {
      read: 1,
      write: 1,
      guard: tda,
      value: (core) => core.system('DBGCLAIMSET_EL1'),
      set: (core, value) => core.setSystem('DBGCLAIMSET_EL1', core.system('DBGCLAIMSET_EL1') & ~value),
    }),
    constant('DBGAUTHSTATUS_EL1', [2, 0, 7, 14, 6], { read: 1, value: 0xaan, guard: tda }),
    {
      ...stored('MDCR_EL2', [3, 4, 1, 1, 1], { read: 2, reset: BigInt(eventCounters) }),
      write: (core, source) => {
        beforeMonitors(core);
        core.setWord(mdcr, core.word(source) & 0xfff);
        afterMonitors(core);
        changed(core);
      },
    },
    ...breakpoints,
    ...watchpoints,
  ];
};
