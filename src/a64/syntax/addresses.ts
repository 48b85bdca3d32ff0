/** Operands that make addresses, and the shifts and extensions of a second operand. */
import { signExtend } from '../../base/bits.ts';
import type { Kind } from './kind.ts';
import type { OperandReader } from './reader.ts';
import { general } from './registers.ts';

const address = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

/** An address relative to PC, or to its page. `unit` is the unit of the field. */
function place(width: number, unit: bigint, base: (pc: bigint) => bigint): Kind {
  const reach = unit << BigInt(width - 1);
  return {
    print: (value, pc) => address(base(pc) + BigInt(signExtend(value, width)) * unit),
    parse: (input) => {
      const token = input.peek();
      const target = input.expression()?.value;
      if (target === undefined) return undefined;
      const distance = BigInt.asIntN(64, target - base(input.scope.here.value));
      // A page address ignores the low bits.
      const units = unit > 4n ? distance >> 12n : distance / unit;
      if (unit === 4n && distance % 4n !== 0n)
        return input.reject(`${address(target)} is not a multiple of 4 bytes away.`, token);
      if (distance >= -reach && distance < reach) return Number(BigInt.asUintN(width, units));
      return input.reject(`${address(target)} is ${distance} bytes away; at most ${reach} can be reached.`, token);
    },
  };
}

export const label = (width: number): Kind => place(width, 4n, (pc) => pc);
export const byteAddress = (width: number): Kind => place(width, 1n, (pc) => pc);
export const pageAddress = (width: number): Kind => place(width, 4096n, (pc) => pc & ~0xfffn);

/** The third operand of a structure's post-index: a register, or the number of bytes moved (encoded as register 31). */
export function postIndex(bytes: number): Kind {
  const register = general('X');
  return {
    print: (value, pc) => (value === 31 ? `#${bytes}` : register.print(value, pc)),
    parse: (input) => {
      if (input.register(input.peek())) {
        const token = input.peek();
        const number = register.parse(input);
        return number === 31 ? input.reject('XZR cannot stand here.', token) : number;
      }
      return input.within(bytes, bytes, 'The step') === undefined ? undefined : 31;
    },
  };
}

/** After a register `, lsl #3`: nothing if it is LSL by zero. */
export const shift = (name: string, bits: number): Kind => ({
  print: (value) => (name === 'lsl' && value === 0 ? '' : `, ${name} #${value}`),
  parse: (input) => {
    if (!startsWith(input, name)) return name === 'lsl' ? 0 : undefined;
    return input.within(0, 2 ** bits - 1, 'The amount');
  },
});

/** After a register `, uxtw #2`: the amount is left out if zero. */
export const extend = (name: string): Kind => ({
  print: (value) => `, ${name}${value ? ` #${value}` : ''}`,
  parse: (input) => {
    if (!startsWith(input, name)) return undefined;
    return input.peek().text === '#' || input.peek().kind === 'number' ? input.within(0, 4, 'The amount') : 0;
  },
});

const extensions = ['uxtb', 'uxth', 'uxtw', 'lsl', 'sxtb', 'sxth', 'sxtw', 'sxtx'];

/**
 * How an index register is extended and whether it is shifted by the access's size: all of it belongs to the operation,
 * so there is no field. A byte's index may be shifted by zero, which is written.
 */
export function indexExtend(option: number, shifted: boolean, scale: number): Kind {
  const name = extensions[option] ?? '';
  return {
    print: () => (shifted ? `, ${name} #${scale}` : option === 3 ? '' : `, ${name}`),
    parse: (input) => {
      if (!startsWith(input, name)) return option === 3 && !shifted ? 0 : undefined;
      const amount = input.peek();
      const written = amount.text === '#' || amount.kind === 'number';
      if (!written) return shifted ? input.fail("'#'") : 0;
      // An amount of zero means an unshifted index, except for bytes, where both are the same address.
      if (shifted) return input.within(scale, scale, 'The amount') === undefined ? undefined : 0;
      return scale === 0 || input.within(0, 0, 'The amount') === undefined ? input.fail("']'") : 0;
    },
  };
}

/** Passes a comma and a name, or reports that they are missing. */
function startsWith(input: OperandReader, name: string): boolean {
  if (input.peek().text !== ',') input.fail(`', ${name}'`);
  else if (input.peek(1).text.toLowerCase() !== name) input.fail(`'${name}'`, input.peek(1));
  else {
    input.next();
    input.next();
    return true;
  }
  return false;
}
