/** Operands of system instructions: registers, operations, barriers and conditions by name. */
import { defined } from '../../base/assert.ts';
import { systemOperations } from '../system-encoding.ts';
import type { Kind } from './kind.ts';
import {
  barriers,
  conditions,
  prefetches,
  pstateFields,
  registerCode,
  systemRegisterCode,
  systemRegisterName,
} from './names.ts';
import { general } from './registers.ts';

/** One of several names. A value without a name is written by `otherwise`, if that is given. */
function named(names: Readonly<Record<string, number>>, what: string, otherwise?: (value: number) => string): Kind {
  const byValue = new Map(Object.entries(names).map(([name, value]) => [value, name]));
  return {
    print: (value) => byValue.get(value) ?? otherwise?.(value),
    parse: (input) => {
      const token = input.peek();
      if (token.kind !== 'name') {
        if (otherwise && !input.register(token)) return input.within(0, byValue.size > 16 ? 31 : 15, 'This number');
        return input.fail(what);
      }
      const value = names[token.text.toLowerCase()];
      if (value === undefined) return input.fail(what);
      input.next();
      return value;
    },
  };
}

const twoDigits = (value: number): string => `#0x${value.toString(16).padStart(2, '0')}`;

export const barrier = named(barriers, 'a barrier such as SY or ISH', twoDigits);
export const prefetch = named(prefetches, 'a prefetch such as PLDL1KEEP', twoDigits);
export const pstateField = named(pstateFields, 'SPSel, DAIFSet or DAIFClr');

/** An operation of SYS that has a name, with the mnemonic and with or without a register. */
export function systemOperation(mnemonic: string, register: boolean): Kind {
  const operations = Object.entries(defined(systemOperations[mnemonic.toUpperCase()], `operations of ${mnemonic}`));
  const names = operations.filter(([, operation]) => operation.register === register);
  // op0 is part of the instruction: only op1, CRn, CRm and op2 are its operand.
  return named(
    Object.fromEntries(names.map(([name, { encoding }]) => [name.toLowerCase(), encoding & 0x3fff])),
    `an operation of ${mnemonic.toUpperCase()}`,
  );
}

/** A condition, which belongs to the operation. */
export function condition(number: number): Kind {
  const names = conditions[number] ?? [];
  return {
    print: () => names[0],
    parse: (input) => {
      const token = input.peek();
      if (token.kind !== 'name' || !names.includes(token.text.toLowerCase())) return input.fail('a condition');
      input.next();
      return 0;
    },
  };
}

/** CRn and CRm of SYS: `C7`. */
export const controlRegister: Kind = {
  print: (value) => `C${value}`,
  parse: (input) => {
    const match = /^c(\d+)$/i.exec(input.peek().text);
    if (!match || Number(match[1]) > 15) return input.fail('C0 to C15');
    input.next();
    return Number(match[1]);
  },
};

/** A register after `before`, which can be left out if it is number `usual`. */
const optionalRegister = (usual: number, before: string): Kind => {
  const register = general('X');
  return {
    print: (value, pc) => (value === usual ? '' : `${before}${register.print(value, pc)}`),
    parse: (input) => {
      if (input.atEnd()) return usual;
      if (before.startsWith(',') && !input.accept(',')) return input.fail("','");
      return register.parse(input);
    },
  };
};

export const returnRegister = optionalRegister(30, ' ');
export const systemRegisterOperand = optionalRegister(31, ', ');

const generic = /^s([0-3])_([0-7])_c(\d+)_c(\d+)_([0-7])$/;

/** A system register: its name, or `s3_0_c1_c0_0` as GNU writes one without a name. */
export const systemRegister = (write: boolean): Kind => ({
  print: (value) =>
    systemRegisterName(value, write) ??
    `s${2 + (value >> 14)}_${(value >> 11) & 7}_c${(value >> 7) & 15}_c${(value >> 3) & 15}_${value & 7}`,
  parse: (input) => {
    const token = input.peek();
    const name = token.kind === 'name' ? token.text.toLowerCase() : '';
    const [op0 = 0, op1 = 0, crn = 0, crm = 0, op2 = 0] = generic.exec(name)?.slice(1).map(Number) ?? [];
    const code = op0 >= 2 && crn < 16 && crm < 16 ? registerCode([op0, op1, crn, crm, op2]) : systemRegisterCode(name);
    if (code === undefined) return input.fail('a system register');
    input.next();
    return code;
  },
});

/** MSR (immediate) for a field of PSTATE without a name: op1, CRm and op2. */
export const pstate: Kind = {
  print: (value) => `s0_${value >> 7}_c4_c${(value >> 3) & 15}_${value & 7}`,
  parse: (input) => {
    const token = input.peek();
    const [op0, op1 = 0, crn, crm = 0, op2 = 0] = generic.exec(token.text.toLowerCase())?.slice(1).map(Number) ?? [];
    if (op0 !== 0 || crn !== 4 || crm > 15) return input.fail('a field of PSTATE');
    input.next();
    return (op1 << 7) | (crm << 3) | op2;
  },
};
