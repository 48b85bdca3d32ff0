/**
 * Encodings of system instructions (Arm ARM C5.1.2, C5.2): the only place that knows where their fields lie. Whoever
 * decodes a word (the core, the translator, the assembler, rigs) asks here, and operations are looked up by name.
 */
import { defined } from '../base/assert.ts';

/** What names a system register, or an operation of SYS (op0 = 1). */
export type SystemFields = readonly [op0: number, op1: number, crn: number, crm: number, op2: number];

/** The fields as one number: bits 20-5 of MRS, MSR and SYS. */
export const systemEncoding = ([op0, op1, crn, crm, op2]: SystemFields): number =>
  (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;

/** The fields of a word as `systemEncoding` gives them. */
export const encodingOf = (word: number): number => (word >>> 5) & 0xffff;

export const op0Of = (encoding: number): number => encoding >>> 14;
export const op1Of = (encoding: number): number => (encoding >>> 11) & 7;
export const crnOf = (encoding: number): number => (encoding >>> 7) & 15;
export const crmOf = (encoding: number): number => (encoding >>> 3) & 15;
export const op2Of = (encoding: number): number => encoding & 7;

/** Rt of MRS, MSR and SYS. */
export const rtOf = (word: number): number => word & 31;

/** Whether MRS or SYSL, which write Rt, rather than MSR or SYS, which read it. */
export const writesRt = (word: number): boolean => (word & (1 << 21)) !== 0;

/** The Arm ARM's generic name of an encoding, such as S3_1_C15_C2_0. */
export const genericName = (encoding: number): string =>
  `S${op0Of(encoding)}_${op1Of(encoding)}_C${crnOf(encoding)}_C${crmOf(encoding)}_${op2Of(encoding)}`;

const word = (base: number, fields: SystemFields, rt: number): number =>
  (base | (systemEncoding(fields) << 5) | rt) >>> 0;

/** MRS Xt and MSR Xt by the fields of the register, SYS by those of the operation. */
export const mrs = (fields: SystemFields, rt = 0): number => word(0xd520_0000, fields, rt);
export const msr = (fields: SystemFields, rt = 0): number => word(0xd500_0000, fields, rt);
export const sys = (operation: SystemOperation, rt = 31): number => msr(operation.fields, rt);

/** Top bytes of the words of system instructions, and of those that generate exceptions. */
export const WordGroup = { system: 0xd5, exception: 0xd4 } as const;

/** Bits of a word of WordGroup.exception that say which instruction it is, and their values. */
export const exceptionMask = 0x00e0_001f;
export const ExceptionCall = { SVC: 0x01, HVC: 0x02, SMC: 0x03, BRK: 0x0020_0000 } as const;

/** Whether control comes back behind an instruction of the system: true but for ERET, BRK, HLT and the like. */
export const returnsBehind = (word: number): boolean => word >>> 24 === WordGroup.system || isExceptionCall(word);

/** SVC, HVC or SMC. */
export const isExceptionCall = (word: number): boolean =>
  (word & 0xffe0_001c) >>> 0 === 0xd400_0000 && (word & 3) !== 0;

export const eret = 0xd69f_03e0;
export const wfi = 0xd503_207f;

/** MRS or MSR (register). */
export const isRegisterAccess = (word: number): boolean => word >>> 22 === 0b1101010100 && op0Of(encodingOf(word)) >= 2;

/** MSR (immediate). */
export const isProcessStateWrite = (word: number): boolean => (word & 0xfff8_f01f) >>> 0 === 0xd500_401f;

/** Fields of PSTATE that MSR (immediate) sets, by op1 and op2. */
export const PstateField = { SPSel: 0o05, DAIFSet: 0o36, DAIFClr: 0o37 } as const;

/** Op1 and op2 of an MSR (immediate), and its immediate. */
export const pstateFieldOf = (word: number): number => ((word >>> 13) & 0o70) | ((word >>> 5) & 7);
export const pstateImmediate = (word: number): number => (word >>> 8) & 15;

/** Hints that do something, by CRm and op2. */
export const Hint = { WFE: 2, WFI: 3, SEV: 4, SEVL: 5 } as const;
export const hintOf = (word: number): number => (word >>> 5) & 0x7f;

/** An operation of SYS with a name. */
export interface SystemOperation {
  readonly fields: SystemFields;
  readonly encoding: number;
  /** Whether it takes a register. */
  readonly register: boolean;
}

type Place = readonly [op1: number, crn: number, crm: number, op2: number];
const operation = ([op1, crn, crm, op2]: Place, register: boolean): SystemOperation => {
  const fields = [1, op1, crn, crm, op2] as const;
  return { fields, encoding: systemEncoding(fields), register };
};
const takes = (...place: Place): SystemOperation => operation(place, true);
const alone = (...place: Place): SystemOperation => operation(place, false);

/** The operations that have names, by mnemonic. */
export const systemOperations: Readonly<Record<string, Readonly<Record<string, SystemOperation>>>> = {
  IC: { IALLUIS: alone(0, 7, 1, 0), IALLU: alone(0, 7, 5, 0), IVAU: takes(3, 7, 5, 1) },
  DC: {
    IVAC: takes(0, 7, 6, 1),
    ISW: takes(0, 7, 6, 2),
    CSW: takes(0, 7, 10, 2),
    CISW: takes(0, 7, 14, 2),
    ZVA: takes(3, 7, 4, 1),
    CVAC: takes(3, 7, 10, 1),
    CVAU: takes(3, 7, 11, 1),
    CIVAC: takes(3, 7, 14, 1),
  },
  AT: {
    S1E1R: takes(0, 7, 8, 0),
    S1E1W: takes(0, 7, 8, 1),
    S1E0R: takes(0, 7, 8, 2),
    S1E0W: takes(0, 7, 8, 3),
    S1E2R: takes(4, 7, 8, 0),
    S1E2W: takes(4, 7, 8, 1),
    S12E1R: takes(4, 7, 8, 4),
    S12E1W: takes(4, 7, 8, 5),
    S12E0R: takes(4, 7, 8, 6),
    S12E0W: takes(4, 7, 8, 7),
    S1E3R: takes(6, 7, 8, 0),
    S1E3W: takes(6, 7, 8, 1),
  },
  TLBI: {
    VMALLE1IS: alone(0, 8, 3, 0),
    VAE1IS: takes(0, 8, 3, 1),
    ASIDE1IS: takes(0, 8, 3, 2),
    VAAE1IS: takes(0, 8, 3, 3),
    VALE1IS: takes(0, 8, 3, 5),
    VAALE1IS: takes(0, 8, 3, 7),
    VMALLE1: alone(0, 8, 7, 0),
    VAE1: takes(0, 8, 7, 1),
    ASIDE1: takes(0, 8, 7, 2),
    VAAE1: takes(0, 8, 7, 3),
    VALE1: takes(0, 8, 7, 5),
    VAALE1: takes(0, 8, 7, 7),
    IPAS2E1IS: takes(4, 8, 0, 1),
    IPAS2LE1IS: takes(4, 8, 0, 5),
    ALLE2IS: alone(4, 8, 3, 0),
    VAE2IS: takes(4, 8, 3, 1),
    ALLE1IS: alone(4, 8, 3, 4),
    VALE2IS: takes(4, 8, 3, 5),
    VMALLS12E1IS: alone(4, 8, 3, 6),
    IPAS2E1: takes(4, 8, 4, 1),
    IPAS2LE1: takes(4, 8, 4, 5),
    ALLE2: alone(4, 8, 7, 0),
    VAE2: takes(4, 8, 7, 1),
    ALLE1: alone(4, 8, 7, 4),
    VALE2: takes(4, 8, 7, 5),
    VMALLS12E1: alone(4, 8, 7, 6),
    ALLE3IS: alone(6, 8, 3, 0),
    VAE3IS: takes(6, 8, 3, 1),
    VALE3IS: takes(6, 8, 3, 5),
    ALLE3: alone(6, 8, 7, 0),
    VAE3: takes(6, 8, 7, 1),
    VALE3: takes(6, 8, 7, 5),
  },
};

/** An operation by mnemonic and name, as in `DC ZVA`. */
export function systemOperation(text: string): SystemOperation {
  const [mnemonic = '', name = ''] = text.split(' ');
  return defined(systemOperations[mnemonic]?.[name], text);
}
