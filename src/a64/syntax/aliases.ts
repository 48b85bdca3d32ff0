/**
 * Other ways of writing instructions: the Arm ARM's aliases (C6.2, C7.2). A template has the placeholders of the
 * table's; an operand field that it does not mention must be 31 (registers) or 0 (immediates), so `mov {X:Rd}, {X:Rm}`
 * is an ORR with XZR and no shift. If several can express a word, GNU objdump prints the first one here; the table's
 * own syntax is the last.
 */
import type { Fields } from '../pattern.ts';
import { PstateField, systemOperations } from '../system-encoding.ts';
import { reg } from '../table/common.ts';
import { conditions, hints } from './names.ts';

export interface Alias {
  /** The row of the table. */
  readonly row: string;
  /** The template for a choice of operation, if it has one. `own` is the table's. */
  readonly asm: (f: Fields, own: string) => string | undefined;
  /** The operands that it applies to, if the template does not tell. */
  readonly when?: (f: Fields) => boolean;
  /** For the assembler only; the disassembler prints another syntax. */
  readonly input?: true;
}

const alias = (row: string, asm: Alias['asm'] | string, when?: Alias['when']): Alias => ({
  row,
  asm: typeof asm === 'string' ? () => asm : asm,
  ...(when && { when }),
});
const input = (row: string, asm: Alias['asm'] | string): Alias => ({ ...alias(row, asm), input: true });

const size = (f: Fields): number => (f.sf ? 64 : 32);
const r = (f: Fields): string => reg(f.sf ?? 0);
const shiftNames = ['lsl', 'lsr', 'asr', 'ror'];
const shiftOf = (f: Fields): string => `{shift ${shiftNames[f.shift ?? 0]} ${f.sf ? 6 : 5}:imm6}`;
const addSub = (f: Fields): string => `${f.op ? 'sub' : 'add'}${f.S ? 's' : ''}`;

const addImmediate = 'ADD/SUB (immediate)';
const addShifted = 'ADD/SUB (shifted register)';
const addExtended = 'ADD/SUB (extended register)';
const logicalImmediate = 'AND/ORR/EOR/ANDS (immediate)';
const logicalShifted = 'AND/BIC/ORR/ORN/EOR/EON/ANDS/BICS (shifted register)';
const bitfield = 'SBFM/BFM/UBFM';
const select = 'CSEL/CSINC/CSINV/CSNEG';

const arithmetic: readonly Alias[] = [
  alias(addImmediate, (f) => (f.op || f.S || f.sh ? undefined : `mov {${r(f)}SP:Rd}, {${r(f)}SP:Rn}`), usesStack),
  alias(addImmediate, (f) =>
    f.S ? `${f.op ? 'cmp' : 'cmn'} {${r(f)}SP:Rn}, {hex:imm12}${f.sh ? ', lsl #12' : ''}` : undefined,
  ),
  alias(addShifted, (f) => (f.S ? `${f.op ? 'cmp' : 'cmn'} {${r(f)}:Rn}, {${r(f)}:Rm}${shiftOf(f)}` : undefined)),
  alias(addShifted, (f) => (f.op ? `${f.S ? 'negs' : 'neg'} {${r(f)}:Rd}, {${r(f)}:Rm}${shiftOf(f)}` : undefined)),
  // With the stack pointer the extension is written as the shift that it is (Arm ARM C6.2, ADD (extended register)).
  alias(
    addExtended,
    (f) =>
      f.S && plainExtension(f) ? `${f.op ? 'cmp' : 'cmn'} {${r(f)}SP:Rn}, {${r(f)}:Rm}{shift lsl:imm3}` : undefined,
    usesStack,
  ),
  alias(addExtended, (f) => (f.S ? `${f.op ? 'cmp' : 'cmn'} {${r(f)}SP:Rn}, ${extended(f)}` : undefined)),
  alias(
    addExtended,
    (f) =>
      plainExtension(f)
        ? `${addSub(f)} {${r(f)}${f.S ? '' : 'SP'}:Rd}, {${r(f)}SP:Rn}, {${r(f)}:Rm}{shift lsl:imm3}`
        : undefined,
    usesStack,
  ),
  alias('ADC/SBC', (f) => (f.op ? `ngc${f.S ? 's' : ''} {${r(f)}:Rd}, {${r(f)}:Rm}` : undefined)),
  ...[/^add|^sub/, /^cm[np]/].flatMap((mnemonics) => [
    // A number above 4095 may stand for its upper part, a negative one for the opposite operation.
    input(addImmediate, (f) => (f.sh ? immediateSyntax(f, mnemonics, '{shifted12:imm12}') : undefined)),
    input(addImmediate, (f) =>
      immediateSyntax({ ...f, op: 1 - (f.op ?? 0) }, mnemonics, f.sh ? '{negative 4096:imm12}' : '{negative 1:imm12}'),
    ),
  ]),
  alias('MADD/MSUB', (f) => `${f.o0 ? 'mneg' : 'mul'} {${r(f)}:Rd}, {${r(f)}:Rn}, {${r(f)}:Rm}`),
  alias('SMADDL/SMSUBL/UMADDL/UMSUBL', (f) => `${f.U ? 'u' : 's'}${f.o0 ? 'mnegl' : 'mull'} {X:Rd}, {W:Rn}, {W:Rm}`),
];

/** The two ways to write an addition of an immediate: with a result, and as a comparison. */
function immediateSyntax(f: Fields, mnemonics: RegExp, immediate: string): string | undefined {
  const mnemonic = mnemonics.test('add') ? addSub(f) : f.op ? 'cmp' : 'cmn';
  if (mnemonic.startsWith('cm')) return f.S ? `${mnemonic} {${r(f)}SP:Rn}, ${immediate}` : undefined;
  return `${mnemonic} {${r(f)}${f.S ? '' : 'SP'}:Rd}, {${r(f)}SP:Rn}, ${immediate}`;
}

/** An extension that changes nothing but the place: UXTX of X registers, UXTW of W registers. */
const plainExtension = (f: Fields): boolean => f.option === (f.sf ? 3 : 2);
const extensionNames = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'];
const extended = (f: Fields): string =>
  `{${f.sf && ((f.option ?? 0) & 3) === 3 ? 'X' : 'W'}:Rm}{extend ${extensionNames[f.option ?? 0]}:imm3}`;

function usesStack(f: Fields): boolean {
  return f.Rn === 31 || (f.Rd === 31 && !f.S);
}

const logical: readonly Alias[] = [
  // Only ORR moves an immediate to the stack pointer, so MOV stands for it whatever the number is.
  alias(
    logicalImmediate,
    (f) => (f.opc === 1 ? `mov {${r(f)}SP:Rd}, {bitmaskmove ${size(f)} stack:N:immr:imms}` : undefined),
    (f) => f.Rd === 31,
  ),
  alias(logicalImmediate, (f) =>
    f.opc === 1 ? `mov {${r(f)}SP:Rd}, {bitmaskmove ${size(f)}:N:immr:imms}` : undefined,
  ),
  alias(logicalImmediate, (f) => (f.opc === 3 ? `tst {${r(f)}:Rn}, {bitmask${size(f)}:N:immr:imms}` : undefined)),
  alias(logicalShifted, (f) => (f.opc === 1 && !f.N && !f.shift ? `mov {${r(f)}:Rd}, {${r(f)}:Rm}` : undefined)),
  alias(logicalShifted, (f) => (f.opc === 1 && f.N ? `mvn {${r(f)}:Rd}, {${r(f)}:Rm}${shiftOf(f)}` : undefined)),
  alias(logicalShifted, (f) => (f.opc === 3 && !f.N ? `tst {${r(f)}:Rn}, {${r(f)}:Rm}${shiftOf(f)}` : undefined)),
  alias('MOVN/MOVZ/MOVK', (f) => {
    if (f.opc === 3 || f.opc === 1) return undefined;
    return `mov {${r(f)}:Rd}, {${f.opc ? 'movz' : 'movn'} ${size(f)} ${16 * (f.hw ?? 0)}:imm16}`;
  }),
  input(logicalShifted, (f) => (f.opc === 1 && !f.N && !f.shift && !f.sf ? 'uxtw {X:Rd}, {W:Rm}' : undefined)),
  input(logicalImmediate, (f, own) =>
    f.opc === 0 ? own.replace(/^and(.*)\{bitmask\d+/, `bic$1{notbitmask ${size(f)}`) : undefined,
  ),
];

/** A shift by zero may be written. */
const unshifted: readonly Alias[] = [
  input(addImmediate, (f, own) => (f.sh ? undefined : `${own}, lsl #0`)),
  input('MOVN/MOVZ/MOVK', (f, own) => (f.hw ? undefined : `${own}, lsl #0`)),
  input('MOVI/MVNI/ORR/BIC (vector, immediate)', (_, own) =>
    /\.\d+[hs]:Rd\}, \{hex:imma:immb\}$/.test(own) ? `${own}, lsl #0` : undefined,
  ),
];

const bitfields: readonly Alias[] = [
  ...['b', 'h', 'w'].map((letter, i) =>
    alias(bitfield, (f) =>
      f.opc === 0 && (i < 2 || f.sf) ? `sxt${letter} {${r(f)}:Rd}, {W:Rn}{is ${(8 << i) - 1}:imms}` : undefined,
    ),
  ),
  ...['b', 'h'].map((letter, i) =>
    alias(bitfield, (f) => (f.opc === 2 && !f.sf ? `uxt${letter} {W:Rd}, {W:Rn}{is ${(8 << i) - 1}:imms}` : undefined)),
  ),
  alias(bitfield, (f) => (f.opc === 2 ? `lsl ${bitfieldOperands(f, 'left')}` : undefined)),
  alias(bitfield, (f) => (f.opc === 1 ? undefined : `${f.opc ? 'lsr' : 'asr'} ${bitfieldOperands(f, 'right')}`)),
  alias(bitfield, (f) => (f.opc === 1 ? `bfc {${r(f)}:Rd}, {bitfield insert ${size(f)}:immr:imms}` : undefined)),
  alias(bitfield, (f) => `${['sbfiz', 'bfi', 'ubfiz'][f.opc ?? 0]} ${bitfieldOperands(f, 'insert')}`),
  alias(bitfield, (f) => `${['sbfx', 'bfxil', 'ubfx'][f.opc ?? 0]} ${bitfieldOperands(f, 'extract')}`),
  alias('EXTR', (f) => `ror {${r(f)}:Rd}, {${r(f)}:Rn=Rm}, {dec:imms}`),
  input('LSLV/LSRV/ASRV/RORV', (_, own) => own.replace(' ', 'v ')),
];

function bitfieldOperands(f: Fields, what: string): string {
  return `{${r(f)}:Rd}, {${r(f)}:Rn}, {bitfield ${what} ${size(f)}:immr:imms}`;
}

/** Conditional selects of one register, on the opposite condition; AL and NV have none. */
const selects: readonly Alias[] = [
  alias(select, (f) =>
    f.op !== f.o2 && opposite(f) ? `${f.op ? 'csetm' : 'cset'} {${r(f)}:Rd}, ${opposite(f)}` : undefined,
  ),
  alias(select, (f) =>
    f.op !== f.o2 && opposite(f)
      ? `${f.op ? 'cinv' : 'cinc'} {${r(f)}:Rd}, {${r(f)}:Rn=Rm}, ${opposite(f)}`
      : undefined,
  ),
  alias(select, (f) =>
    f.op && f.o2 && opposite(f) ? `cneg {${r(f)}:Rd}, {${r(f)}:Rn=Rm}, ${opposite(f)}` : undefined,
  ),
];

function opposite(f: Fields): string | undefined {
  const cond = f.cond ?? 0;
  return cond < 14 ? `{cond ${cond ^ 1}}` : undefined;
}

const system: readonly Alias[] = [
  ...Object.entries(hints).map(([text, value]) => alias('HINT', `${text}{is ${value}:imm7}`)),
  alias('DSB/DMB', (f) => (f.op ? undefined : 'ssbb')),
  alias('DSB/DMB', (f) => (f.op ? undefined : 'pssbb{is 4:imm4}')),
  // SPSel is one bit.
  alias(
    'MSR (immediate)',
    'msr {pstatefield:imm_op1:imm_op2}, {hex:imm4}',
    (f) => f.imm_op1 !== 0 || f.imm_op2 !== PstateField.SPSel || (f.imm4 ?? 0) < 2,
  ),
  ...Object.keys(systemOperations)
    .map((name) => name.toLowerCase())
    .flatMap((name) => [
      alias('SYS/SYSL', (f) =>
        f.L ? undefined : `${name} {sysop ${name} register:imm_op1:imm_crn:imm_crm:imm_op2}, {X:Rt}`,
      ),
      alias('SYS/SYSL', (f) => (f.L ? undefined : `${name} {sysop ${name} alone:imm_op1:imm_crn:imm_crm:imm_op2}`)),
    ]),
  input('ISB', 'isb sy{is 15:imm4}'),
  ...conditions.flatMap((names, cond) =>
    names.flatMap((name, i) =>
      (i === 0 ? [`b${name}`] : [`b${name}`, `b.${name}`]).map((mnemonic) =>
        input('B.cond', (f) => (f.cond === cond ? `${mnemonic} {label:imm19}` : undefined)),
      ),
    ),
  ),
];

/** LDR and STR whose offset does not suit the scaled form are assembled as LDUR and STUR. */
const loads: readonly Alias[] = [
  input('LDUR/STUR/LDR/STR/LDTR/STTR (unscaled, post, unprivileged, pre)', (f, own) =>
    f.mode === 0 ? own.replace(/^(ld|st|prf)u/, '$1') : undefined,
  ),
];

const vectors: readonly Alias[] = [
  alias('AND/BIC/ORR/ORN/EOR/BSL/BIT/BIF (vector)', (f) =>
    f.U === 0 && f.size === 2 ? `mov {V.${f.Q ? '16b' : '8b'}:Rd}, {V.${f.Q ? '16b' : '8b'}:Rn=Rm}` : undefined,
  ),
  ...['SSHLL', 'USHLL'].map((name) =>
    alias(`${name} (vector, immediate)`, (_, own) => own.replace(/^(.)shll/, '$1xtl').replace(/, \{dec:imm\}$/, '')),
  ),
  input('NOT/RBIT (vector)', (f, own) => (f.rbit ? undefined : own.replace('mvn', 'not'))),
  input('DUP (element, scalar)', (_, own) => own.replace('mov', 'dup')),
  input('INS (general)', (_, own) => own.replace('mov', 'ins')),
  input('INS (element)', (_, own) => own.replace('mov', 'ins')),
  input('UMOV', (_, own) => own.replace(/^mov/, 'umov')),
];

export const aliases: readonly Alias[] = [
  ...arithmetic,
  ...logical,
  ...unshifted,
  ...bitfields,
  ...selects,
  ...system,
  ...loads,
  ...vectors,
];
