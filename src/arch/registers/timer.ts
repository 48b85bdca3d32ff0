import { Core } from '../../a64/layout.ts';
import type { SystemFields } from '../../a64/system-encoding.ts';
import { Cnthctl, Cntkctl } from '../state/control-bits.ts';
import { systemOffset } from '../state/slots.ts';
import type { GenericTimer, Timer } from '../timers/timer.ts';
import { AccessCheck, computed, type Guard, low32, type SystemRegister, stored } from './system-register.ts';

/** Registers of the generic timer and their traps (Arm ARM DDI 0487, D11.2 and D13.8). */

const cntkctl = systemOffset('CNTKCTL_EL1');
const cnthctl = systemOffset('CNTHCTL_EL2');

/** The bits of CNTKCTL_EL1 of which EL0 needs one, by guard. */
export const timerEnables = new Map<Guard, number>();

/** EL0 needs a bit of CNTKCTL_EL1; below EL2, bits of CNTHCTL_EL2 must have values. */
const enabledBy = (el0: number, bits: number, value: number): Guard => {
  const guard: Guard = (core) => {
    const el = core.word(Core.el);
    if (el === 0 && (core.word(cntkctl) & el0) === 0) return AccessCheck.trapEl1;
    return el < 2 && (core.word(cnthctl) & bits) !== value ? AccessCheck.trapEl2 : AccessCheck.allowed;
  };
  timerEnables.set(guard, el0);
  return guard;
};

const physicalCount = enabledBy(Cntkctl.EL0PCTEN, Cnthctl.EL1PCTEN, Cnthctl.EL1PCTEN);
const virtualCount = enabledBy(Cntkctl.EL0VCTEN, Cnthctl.EL1TVCT, 0);
const eitherCount = enabledBy(Cntkctl.EL0PCTEN | Cntkctl.EL0VCTEN, 0, 0);
const physicalTimer = enabledBy(Cntkctl.EL0PTEN, Cnthctl.EL1PCEN, Cnthctl.EL1PCEN);
const virtualTimer = enabledBy(Cntkctl.EL0VTEN, Cnthctl.EL1TVT, 0);

/** Where the registers of a timer are, and who may access them. */
interface TimerEncoding {
  readonly op1: number;
  readonly crm: number;
  readonly level: 0 | 2;
  readonly guard: Guard;
}

/** TVAL, CTL and CVAL of one timer: op2 0, 1 and 2. */
const timerRegisters = (
  unit: GenericTimer,
  timer: Timer,
  { op1, crm, level, guard }: TimerEncoding,
): SystemRegister[] => {
  const name = (register: string): string => `${timer.toUpperCase()}_${register}_EL${level}`;
  const fields = (op2: number): SystemFields => [3, op1, 14, crm, op2];
  const access = { read: level, write: level, guard };
  const ctl = stored(name('CTL'), fields(1), { ...access, writable: 3n, changed: (core) => unit.update(core, timer) });
  return [
    computed(name('TVAL'), fields(0), {
      ...access,
      readTo: (core, destination) => {
        core.setWord(destination, unit.timerValue(core, timer));
        core.setWord(destination + 4, 0);
      },
      writeFrom: (core, source) => {
        unit.setTimerValue(core, timer, core.word(source));
        unit.update(core, timer);
      },
    }),
    {
      ...ctl,
      read: (core, destination) => {
        core.setWord(destination, unit.control(core, timer));
        core.setWord(destination + 4, 0);
      },
    },
    stored(name('CVAL'), fields(2), { ...access, changed: (core) => unit.update(core, timer) }),
  ];
};

export const genericTimerRegisters = (unit: GenericTimer): SystemRegister[] => [
  // Only the highest level, the firmware's, may write CNTFRQ_EL0.
  stored('CNTFRQ_EL0', [3, 3, 14, 0, 0], {
    read: 0,
    write: 3,
    writable: low32,
    reset: BigInt(unit.frequency),
    guard: eitherCount,
  }),
  computed('CNTPCT_EL0', [3, 3, 14, 0, 1], {
    read: 0,
    guard: physicalCount,
    readTo: (core, destination) => unit.readCount(core, false, destination),
  }),
  computed('CNTVCT_EL0', [3, 3, 14, 0, 2], {
    read: 0,
    guard: virtualCount,
    readTo: (core, destination) => unit.readCount(core, true, destination),
  }),
  ...timerRegisters(unit, 'cntp', { op1: 3, crm: 2, level: 0, guard: physicalTimer }),
  ...timerRegisters(unit, 'cntv', { op1: 3, crm: 3, level: 0, guard: virtualTimer }),
  ...timerRegisters(unit, 'cnthp', { op1: 4, crm: 2, level: 2, guard: () => AccessCheck.allowed }),
  stored('CNTKCTL_EL1', [3, 0, 14, 1, 0], { read: 1, writable: 0x3ffn }),
  stored('CNTHCTL_EL2', [3, 4, 14, 1, 0], { read: 2, writable: 0xffn, reset: 3n }),
  stored('CNTVOFF_EL2', [3, 4, 14, 0, 3], { read: 2, changed: (core) => unit.update(core, 'cntv') }),
];
