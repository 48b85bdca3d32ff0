import { Core } from '../../a64/layout.ts';
import type { SystemFields } from '../../a64/system-encoding.ts';
import { Mdcr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { type SystemSlot, systemOffset } from '../state/slots.ts';
import { commonEvents, eventCounters, guestCounters, Pmcr, type Pmu } from '../timers/pmu.ts';
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

/** Registers of the performance monitors and their traps (Arm ARM DDI 0487, D13.4). */

const userenr = systemOffset('PMUSERENR_EL0');
const mdcr = systemOffset('MDCR_EL2');
const pmselr = systemOffset('PMSELR_EL0');

/** PMUSERENR_EL0. */
const User = { EN: 1, SW: 2, CR: 4, ER: 8 } as const;

/** EL0 needs a bit of PMUSERENR_EL0: one of `reads` for reads, one of `writes` for writes. */
const user =
  (reads: number, writes: number): Guard =>
  (core, write) =>
    core.word(Core.el) === 0 && (core.word(userenr) & (write ? writes : reads)) === 0
      ? AccessCheck.trapEl1
      : AccessCheck.allowed;

/** The bits of MDCR_EL2 by which EL1 is trapped, by guard. */
export const monitorTraps = new Map<Guard, number>();

/** MDCR_EL2.TPM, or another bit besides, traps EL0 and EL1 to EL2, after what `first` checks for EL0. */
const trappedBy = (bits: number, first?: Guard): Guard => {
  const trapped: Guard = (core) =>
    core.word(Core.el) < 2 && (core.word(mdcr) & bits) !== 0 ? AccessCheck.trapEl2 : AccessCheck.allowed;
  const guard = first ? guards(first, trapped) : trapped;
  monitorTraps.set(guard, bits);
  return guard;
};
const tpm = trappedBy(Mdcr.TPM);

const enabled = trappedBy(Mdcr.TPM, user(User.EN, User.EN));
const counter = trappedBy(Mdcr.TPM, user(User.EN | User.ER, User.EN));
const control = trappedBy(Mdcr.TPM | Mdcr.TPMCR, user(User.EN, User.EN));
const increment = trappedBy(Mdcr.TPM, user(0, User.EN | User.SW));
const select = trappedBy(Mdcr.TPM, user(User.EN | User.ER, User.EN | User.ER));
const cycleCount = trappedBy(Mdcr.TPM, user(User.EN | User.CR, User.EN));

/** Bits of PMCNTENSET and similar registers that the current level can access. */
const visible = (core: CoreState): number => {
  const count = core.word(Core.el) === 2 ? eventCounters : guestCounters(core);
  return (1 << 31) | ((1 << count) - 1);
};

/** One register of a pair that sets or clears bits. */
interface BitsRegister<Name extends string = string> {
  readonly name: Name;
  readonly fields: SystemFields;
}

export const pmuRegisters = (pmu: Pmu): SystemRegister[] => {
  /** A pair of registers that set and clear the bits of one. */
  const bitsOf = (set: BitsRegister<SystemSlot>, clear: BitsRegister, level: 0 | 1, guard: Guard) => {
    const offset = systemOffset(set.name);
    const register = ({ name, fields }: BitsRegister, sets: boolean): SystemRegister =>
      computed(name, fields, {
        read: level,
        write: level,
        guard,
        value: (core) => {
          pmu.sync(core);
          return BigInt((core.word(offset) & visible(core)) >>> 0);
        },
        set: (core, value) => {
          pmu.sync(core);
          const mask = Number(value & low32) & visible(core);
          core.setWord(offset, sets ? core.word(offset) | mask : core.word(offset) & ~mask);
          pmu.changed(core);
        },
      });
    return [register(set, true), register(clear, false)];
  };

  /**
   * A register of event counter n, or of the one that PMSELR_EL0 selects; counters that the level cannot access are
   * RAZ/WI.
   */
  const ofCounter = (
    name: string,
    fields: SystemFields,
    { guard, writable }: { readonly guard: Guard; readonly writable: number },
    choose: (core: CoreState) => SystemSlot | undefined,
  ): SystemRegister =>
    computed(name, fields, {
      read: 0,
      write: 0,
      guard,
      value: (core) => {
        pmu.sync(core);
        const slot = choose(core);
        return slot === undefined ? 0n : core.system(slot);
      },
      set: (core, value) => {
        const slot = choose(core);
        if (slot === undefined) return;
        pmu.sync(core);
        core.setSystem(slot, value & BigInt(writable));
        pmu.changed(core);
      },
    });
  const has = (core: CoreState, n: number): boolean => (visible(core) & (1 << n)) !== 0 && n < eventCounters;
  const selected = (core: CoreState): number => core.word(pmselr) & 31;
  /** Filter bits P, U, NSK, NSU, NSH and, for event counters, the event's number. */
  const typeBits = 0xf800_03ff;
  const filterBits = 0xf800_0000;

  const numbered = Array.from({ length: eventCounters }, (_, n) => [
    ofCounter(`PMEVCNTR${n}_EL0`, [3, 3, 14, 8, n], { guard: counter, writable: 0xffff_ffff }, (core) =>
      has(core, n) ? (`PMEVCNTR${n}_EL0` as SystemSlot) : undefined,
    ),
    ofCounter(`PMEVTYPER${n}_EL0`, [3, 3, 14, 12, n], { guard: enabled, writable: typeBits }, (core) =>
      has(core, n) ? (`PMEVTYPER${n}_EL0` as SystemSlot) : undefined,
    ),
  ]).flat();

  return [
    computed('PMCR_EL0', [3, 3, 9, 12, 0], {
      read: 0,
      write: 0,
      guard: control,
      value: (core) => {
        const count = core.word(Core.el) === 2 ? eventCounters : guestCounters(core);
        return 0x4103_0000n | BigInt(count << 11) | (core.system('PMCR_EL0') & BigInt(Pmcr.writable));
      },
      set: (core, value) => pmu.writeControl(core, Number(value & low32)),
    }),
    ...bitsOf(
      { name: 'PMCNTENSET_EL0', fields: [3, 3, 9, 12, 1] },
      { name: 'PMCNTENCLR_EL0', fields: [3, 3, 9, 12, 2] },
      0,
      enabled,
    ),
    ...bitsOf(
      { name: 'PMOVSSET_EL0', fields: [3, 3, 9, 14, 3] },
      { name: 'PMOVSCLR_EL0', fields: [3, 3, 9, 12, 3] },
      0,
      enabled,
    ),
    ...bitsOf(
      { name: 'PMINTENSET_EL1', fields: [3, 0, 9, 14, 1] },
      { name: 'PMINTENCLR_EL1', fields: [3, 0, 9, 14, 2] },
      1,
      tpm,
    ),
    computed('PMSWINC_EL0', [3, 3, 9, 12, 4], {
      write: 0,
      guard: increment,
      set: (core, value) => pmu.softwareIncrement(core, Number(value & low32) & visible(core)),
    }),
    stored('PMSELR_EL0', [3, 3, 9, 12, 5], {
      read: 0,
      writable: 0x1fn,
      guard: select,
    }),
    constant('PMCEID0_EL0', [3, 3, 9, 12, 6], { read: 0, value: BigInt(commonEvents), guard: enabled }),
    constant('PMCEID1_EL0', [3, 3, 9, 12, 7], { read: 0, value: 0n, guard: enabled }),
    computed('PMCCNTR_EL0', [3, 3, 9, 13, 0], {
      read: 0,
      write: 0,
      guard: cycleCount,
      value: (core) => {
        pmu.sync(core);
        return core.system('PMCCNTR_EL0');
      },
      set: (core, value) => {
        pmu.sync(core);
        core.setSystem('PMCCNTR_EL0', value);
        pmu.changed(core);
      },
    }),
    // PMSELR_EL0 = 31 selects PMCCFILTR_EL0 as a type, and no counter.
    ofCounter('PMXEVTYPER_EL0', [3, 3, 9, 13, 1], { guard: enabled, writable: typeBits }, (core) =>
      selected(core) === 31
        ? 'PMCCFILTR_EL0'
        : has(core, selected(core))
          ? (`PMEVTYPER${selected(core)}_EL0` as SystemSlot)
          : undefined,
    ),
    ofCounter('PMXEVCNTR_EL0', [3, 3, 9, 13, 2], { guard: counter, writable: 0xffff_ffff }, (core) =>
      has(core, selected(core)) ? (`PMEVCNTR${selected(core)}_EL0` as SystemSlot) : undefined,
    ),
    ofCounter('PMCCFILTR_EL0', [3, 3, 14, 15, 7], { guard: enabled, writable: filterBits }, () => 'PMCCFILTR_EL0'),
    stored('PMUSERENR_EL0', [3, 3, 9, 14, 0], { read: 0, write: 1, writable: 0xfn, guard: tpm }),
    ...numbered,
  ];
};
