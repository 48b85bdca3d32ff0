import type { PlainKey, Translate } from '../../i18n/translate.ts';

/** Exception classes, ESR_ELx.EC (Arm ARM DDI 0487, D17.2.37). Two of an abort differ in whether the level changed. */
const classes: Readonly<Record<number, PlainKey>> = {
  0: 'syndrome.unknown',
  1: 'syndrome.wfx',
  7: 'syndrome.fp',
  14: 'syndrome.illegalState',
  21: 'syndrome.svc',
  22: 'syndrome.hvc',
  23: 'syndrome.smc',
  24: 'syndrome.system',
  32: 'syndrome.instructionAbort',
  33: 'syndrome.instructionAbort',
  34: 'syndrome.pcAlignment',
  36: 'syndrome.dataAbort',
  37: 'syndrome.dataAbort',
  38: 'syndrome.spAlignment',
  47: 'syndrome.serror',
  48: 'syndrome.breakpoint',
  49: 'syndrome.breakpoint',
  50: 'syndrome.step',
  51: 'syndrome.step',
  52: 'syndrome.watchpoint',
  53: 'syndrome.watchpoint',
  60: 'syndrome.brk',
};

const classOf = (esr: number): number => esr >>> 26;

/** Whether FAR_ELx has the address of this exception. */
export const hasAddress = (esr: number): boolean => [0x20, 0x21, 0x22, 0x24, 0x25, 0x34, 0x35].includes(classOf(esr));

const isData = (esr: number): boolean => [0x24, 0x25].includes(classOf(esr));
const isAbort = (esr: number): boolean => [0x20, 0x21].includes(classOf(esr)) || isData(esr);

/** Faults of address translation, by DFSC[5:2]; DFSC[1:0] is the level of the table. */
const faults = ['syndrome.addressSize', 'syndrome.translation', 'syndrome.accessFlag', 'syndrome.permission'] as const;

/** What an exception was, by ESR_ELx. */
export function describeSyndrome(esr: number, t: Translate): string {
  const number = classOf(esr);
  const known = classes[number];
  const name = known ? t(known) : t('syndrome.class', { number: `0x${number.toString(16)}` });
  if (isAbort(esr)) return `${name}: ${describeFault(esr, t)}`;
  // The immediate of SVC, HVC, SMC and BRK.
  if ([0x15, 0x16, 0x17, 0x3c].includes(number)) return `${name} #0x${(esr & 0xffff).toString(16)}`;
  return name;
}

function describeFault(esr: number, t: Translate): string {
  const status = esr & 0x3f;
  const walk = faults[status >>> 2];
  const fault = walk
    ? t(walk, { level: status & 3 })
    : status === 0x21
      ? t('syndrome.alignment')
      : status === 0x10
        ? t('syndrome.external')
        : t('syndrome.fault', { number: `0x${status.toString(16)}` });
  // ISS.WnR of a data abort.
  return isData(esr) ? `${fault}, ${t((esr & 0x40) !== 0 ? 'syndrome.write' : 'syndrome.read')}` : fault;
}
