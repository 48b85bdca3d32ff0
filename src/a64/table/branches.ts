/** Branches, exceptions and system instructions (Arm ARM C4.1.89-94). */
import { signExtend } from '../../base/bits.ts';
import { i32, i64 } from '../../wasm/expr.ts';
import { define } from '../instruction.ts';
import { reg } from './common.ts';

const offset = (immediate: number, width: number): [number] => [signExtend(immediate, width) * 4];

export const branches = [
  define('B', '0 00101 imm26:26', {
    asm: 'b {label:imm26}',
    aux: (f) => offset(f.imm26, 26),
    flow: 'branch',
    run: (m) => m.branch(),
  }),
  define('BL', '1 00101 imm26:26', {
    asm: 'bl {label:imm26}',
    aux: (f) => offset(f.imm26, 26),
    flow: 'call',
    run: (m) => {
      m.setLink();
      m.branch();
    },
  }),
  define('B.cond', '0101010 0 imm19:19 0 cond:4', {
    asm: (f) => `b.{cond ${f.cond}} {label:imm19}`,
    aux: (f) => offset(f.imm19, 19),
    flow: 'conditional',
    run: (m, f) => m.branchIf(m.condition(f.cond)),
  }),
  define('CBZ/CBNZ', 'sf 011010 op imm19:19 Rt', {
    asm: (f) => `${f.op ? 'cbnz' : 'cbz'} {${reg(f.sf)}:Rt}, {label:imm19}`,
    aux: (f) => offset(f.imm19, 19),
    flow: 'conditional',
    run: (m, f) => {
      const isZero = f.sf ? i64.eqz(m.x('Rt')) : i32.eqz(m.w('Rt'));
      m.branchIf(f.op ? i32.eqz(isZero) : isZero);
    },
  }),
  define('TBZ/TBNZ', 'imm_b5 011011 op imm_b40:5 imm14:14 Rt', {
    asm: (f) => `${f.op ? 'tbnz' : 'tbz'} {bitreg:Rt:imm_b5}, {dec:imm_b5:imm_b40}, {label:imm14}`,
    aux: (f) => [signExtend(f.imm14, 14) * 4, f.imm_b5 * 32 + f.imm_b40],
    flow: 'conditional',
    run: (m, f) => {
      const bit = i32.and(i32.wrap(i64.shr_u(m.x('Rt'), m.aux(1))), i32.const(1));
      m.branchIf(f.op ? bit : i32.eqz(bit));
    },
  }),
  define('BR/BLR/RET', '1101011 0 0 opc:2 11111 000000 Rn 00000', {
    asm: (f) => ['br {X:Rn}', 'blr {X:Rn}', 'ret{ret:Rn}'][f.opc] ?? '',
    where: (f) => f.opc !== 3,
    flow: 'indirect',
    run: (m, f) => {
      const target = m.let(m.x('Rn'));
      if (f.opc === 1) m.setLink();
      m.branchTo(target);
    },
  }),

  define('SVC/HVC/SMC', '11010100 000 imm16:16 000 LL:2', {
    asm: (f) => `${['', 'svc', 'hvc', 'smc'][f.LL]} {hex:imm16}`,
    where: (f) => f.LL !== 0,
    flow: 'system',
    run: (m, f) => (f.LL === 1 ? m.supervisorCall() : f.LL === 2 ? m.hypervisorCall() : m.system()),
  }),
  define('BRK', '11010100 001 imm16:16 000 00', {
    asm: 'brk {hex:imm16}',
    flow: 'system',
    run: (m) => m.softwareBreakpoint(),
  }),
  define('HLT', '11010100 010 imm16:16 000 00', { asm: 'hlt {hex:imm16}', flow: 'system', run: (m) => m.system() }),
  define('DCPS', '11010100 101 imm16:16 000 LL:2', {
    asm: (f) => `dcps${f.LL}{optional 0:imm16}`,
    where: (f) => f.LL !== 0,
    flow: 'system',
    run: (m) => m.system(),
  }),
  define('ERET', '1101011 0100 11111 000000 11111 00000', {
    asm: 'eret',
    flow: 'system',
    run: (m) => m.exceptionReturn(),
  }),
  define('DRPS', '1101011 0101 11111 000000 11111 00000', { asm: 'drps', flow: 'system', run: (m) => m.system() }),

  // Hints that do nothing here; those that wait or wake go to TypeScript.
  define('HINT', '1101010100 0 00 011 0010 imm7:7 11111', { asm: 'hint {hex:imm7}', run: () => {} }),
  define('WFE', '1101010100 0 00 011 0010 0000 010 11111', { asm: 'wfe', flow: 'system', run: (m) => m.system() }),
  define('WFI', '1101010100 0 00 011 0010 0000 011 11111', { asm: 'wfi', flow: 'system', run: (m) => m.system() }),
  define('SEV', '1101010100 0 00 011 0010 0000 100 11111', { asm: 'sev', flow: 'system', run: (m) => m.system() }),
  define('SEVL', '1101010100 0 00 011 0010 0000 101 11111', { asm: 'sevl', flow: 'system', run: (m) => m.system() }),
  define('CLREX', '1101010100 0 00 011 0011 imm4:4 010 11111', {
    asm: 'clrex{optional 15:imm4}',
    run: (m) => m.clearExclusive(),
  }),
  define('DSB/DMB', '1101010100 0 00 011 0011 imm4:4 10 op 11111', {
    asm: (f) => `${f.op ? 'dmb' : 'dsb'} {barrier:imm4}`,
    run: () => {},
  }),
  // Translations follow every change of code at once, so ISB only ends a run of instructions for pending events.
  define('ISB', '1101010100 0 00 011 0011 imm4:4 110 11111', { asm: 'isb{optional 15:imm4}', run: () => {} }),
  define('MSR (immediate)', '1101010100 0 00 imm_op1:3 0100 imm4:4 imm_op2:3 11111', {
    asm: 'msr {pstate:imm_op1:imm4:imm_op2}, xzr',
    flow: 'system',
    run: (m) => m.writeProcessState(),
  }),
  define('SYS/SYSL', '1101010100 L 01 imm_op1:3 imm_crn:4 imm_crm:4 imm_op2:3 Rt', {
    asm: (f) =>
      f.L
        ? 'sysl {X:Rt}, {dec:imm_op1}, {creg:imm_crn}, {creg:imm_crm}, {dec:imm_op2}'
        : 'sys {dec:imm_op1}, {creg:imm_crn}, {creg:imm_crm}, {dec:imm_op2}{sysxt:Rt}',
    flow: 'system',
    run: (m) => m.systemOperation(),
  }),
  define('MSR (register)', '1101010100 0 1 imm_sysreg:15 Rt', {
    asm: 'msr {sysreg write:imm_sysreg}, {X:Rt}',
    flow: 'system',
    run: (m) => m.writeSystemRegister(),
  }),
  define('MRS', '1101010100 1 1 imm_sysreg:15 Rt', {
    asm: 'mrs {X:Rt}, {sysreg read:imm_sysreg}',
    flow: 'system',
    run: (m) => m.readSystemRegister(),
  }),
];
