/** Numbers as operands. */
import { signExtend } from '../../base/bits.ts';
import { decodeBitMasks, encodeBitMask } from '../bitmask.ts';
import type { Kind } from './kind.ts';
import type { OperandReader } from './reader.ts';

const hexadecimal = (value: number | bigint): string => `#0x${value.toString(16)}`;

/** An unsigned number, in hexadecimal or decimal as GNU objdump has it. */
export const unsigned = (width: number, base: 16 | 10): Kind => ({
  print: (value) => (base === 16 ? hexadecimal(value) : `#${value}`),
  parse: (input) => input.within(0, 2 ** width - 1, 'This number'),
});

/** A number that must be written as it is: `#12` in `lsl #12`, or `#0.0`. */
export const constant = (text: string): Kind => {
  const expected = Number(text.slice(1));
  return {
    print: () => text,
    parse: (input) => {
      const token = input.peek();
      const value = readNumber(input);
      if (value === undefined) return undefined;
      return value === expected ? 0 : input.fail(text, token);
    },
  };
};

/** A number that may be fractional. */
function readNumber(input: OperandReader): number | undefined {
  input.accept('#');
  const sign = input.peek().text === '-' && input.peek(1).kind === 'real' ? -1 : 1;
  if (sign < 0) input.next();
  if (input.peek().kind === 'real') return sign * Number(input.next().text);
  const value = input.expression();
  return value && Number(value.value);
}

/** A number counted in units, as the offsets of pairs. */
const scaled = (input: OperandReader, low: number, high: number, unit: number): number | undefined => {
  const token = input.peek();
  const value = input.within(low * unit, high * unit, 'This offset');
  if (value === undefined) return undefined;
  return value % unit === 0 ? value / unit : input.reject(`This offset must be a multiple of ${unit}.`, token);
};

/** A signed number in units. */
export const signed = (width: number, unit: number): Kind => ({
  print: (value) => `#${signExtend(value, width) * unit}`,
  parse: (input) => {
    const value = scaled(input, -(2 ** (width - 1)), 2 ** (width - 1) - 1, unit);
    return value === undefined ? undefined : value & (2 ** width - 1);
  },
});

/** `, #8` after a base register; nothing if it is zero. */
export const offset = (width: number, unit: number, isSigned: boolean): Kind => {
  const low = isSigned ? -(2 ** (width - 1)) : 0;
  return {
    print: (value) => (value === 0 ? '' : `, #${(isSigned ? signExtend(value, width) : value) * unit}`),
    parse: (input) => {
      if (!input.accept(',')) return 0;
      const value = scaled(input, low, low + 2 ** width - 1, unit);
      return value === undefined ? undefined : value & (2 ** width - 1);
    },
  };
};

/** ` #0x3` where it is not the usual value, which need not be written. */
export const optional = (width: number, usual: number): Kind => ({
  print: (value) => (value === usual ? '' : ` ${hexadecimal(value)}`),
  parse: (input) => (input.atEnd() ? usual : unsigned(width, 16).parse(input)),
});

/** Shifts to the right and fraction bits: encoded as `from` minus the number. */
export const right = (width: number, from: number): Kind => ({
  print: (value) => `#${from - value}`,
  parse: (input) => {
    const value = input.within(from - 2 ** width + 1, from, 'This number');
    return value === undefined ? undefined : from - value;
  },
});

/** Field values that have a name of their own: written as nothing, and only right if the field has the value. */
export const is = (expected: number): Kind => ({
  print: (value) => (value === expected ? '' : undefined),
  parse: () => expected,
});

/** A number of 32 or 64 bits, as the processor's register would hold it. */
const registerWide = (input: OperandReader, width: 32 | 64): bigint | undefined => {
  const token = input.peek();
  const value = input.expression()?.value;
  if (value === undefined) return undefined;
  if (width === 32 && (value < -(1n << 31n) || value >= 1n << 32n))
    return input.reject('This number does not fit into 32 bits.', token);
  return BigInt.asUintN(width, value);
};

/** A logical immediate's thirteen bits N, immr and imms as the number that they stand for, and the other way. */
const decodeMask = (width: 32 | 64, code: number): bigint | undefined =>
  decodeBitMasks(width === 64 ? 1 : 0, code >> 12, (code >> 6) & 63, code & 63);
function encodeMask(width: 32 | 64, value: bigint): number | undefined {
  const code = encodeBitMask(width === 64 ? 1 : 0, value);
  return code && (code.N << 12) | (code.immr << 6) | code.imms;
}

/** Immediates of logical instructions; with `not`, the number is the inverse of what is encoded. */
export const bitmask = (width: 32 | 64, not: boolean): Kind => ({
  print: (code) => {
    const mask = decodeMask(width, code);
    return mask === undefined ? undefined : hexadecimal(not ? BigInt.asUintN(width, ~mask) : mask);
  },
  parse: (input) => {
    const token = input.peek();
    const value = registerWide(input, width);
    if (value === undefined) return undefined;
    const hex = value.toString(16);
    return (
      encodeMask(width, not ? ~value : value) ??
      input.reject(`0x${hex} is not a rotated run of ones, as a logical immediate must be.`, token)
    );
  },
});

const shifts = [0n, 16n, 32n, 48n];
/** Whether MOVZ makes a value. */
const isShifted = (value: bigint): boolean => shifts.some((at) => (value & ~(0xffffn << at)) === 0n);
/** Whether MOVZ or MOVN makes it, so that these stand for MOV rather than ORR (Arm ARM J1.3, MoveWidePreferred). */
const isWide = (value: bigint, width: 32 | 64): boolean => isShifted(value) || isShifted(BigInt.asUintN(width, ~value));

const notMovable = 'No single instruction moves this number; use ldr with =, or movz and movk.';

/**
 * The immediate of ORR where the instruction is a MOV: to the stack pointer always, else where MOVZ and MOVN cannot.
 */
export const bitmaskMove = (width: 32 | 64, toStack: boolean): Kind => ({
  print: (code) => {
    const mask = decodeMask(width, code);
    return mask === undefined || (!toStack && isWide(mask, width)) ? undefined : hexadecimal(mask);
  },
  parse: (input) => {
    const token = input.peek();
    const value = registerWide(input, width);
    if (value === undefined || (!toStack && isWide(value, width))) return undefined;
    return encodeMask(width, value) ?? input.reject(notMovable, token);
  },
});

/** The immediate of MOVZ or MOVN (`inverted`) where the instruction is a MOV. */
export const wideMove = (width: 32 | 64, shift: number, inverted: boolean): Kind => ({
  print: (value) => {
    if (value === 0 && shift !== 0) return undefined;
    if (inverted && width === 32 && value === 0xffff) return undefined;
    const wide = BigInt(value) << BigInt(shift);
    return hexadecimal(inverted ? BigInt.asUintN(width, ~wide) : wide);
  },
  parse: (input) => {
    const token = input.peek();
    const value = registerWide(input, width);
    if (value === undefined || (inverted && isShifted(value))) return undefined;
    const wide = inverted ? BigInt.asUintN(width, ~value) : value;
    const part = wide >> BigInt(shift);
    if (part <= 0xffffn && part << BigInt(shift) === wide) return Number(part);
    return input.reject(notMovable, token);
  },
});

/** A number whose negative is encoded, in units: `add x0, x0, #-8` is a SUB. */
export const negative = (width: number, unit: number): Kind => ({
  print: (value) => `#-${value * unit}`,
  parse: (input) => {
    const value = scaled(input, 1 - 2 ** width, -1, unit);
    return value === undefined ? undefined : -value;
  },
});

/** A multiple of 4096, encoded without its low 12 bits. */
export const shifted12 = (width: number): Kind => ({
  print: (value) => hexadecimal(value * 4096),
  parse: (input) => scaled(input, 0, 2 ** width - 1, 4096),
});

/** 64 bits of which each byte is zero or ones, one bit for a byte. */
export const byteMask: Kind = {
  print: (value) => {
    let mask = 0n;
    for (let i = 0; i < 8; i++) if ((value >> i) & 1) mask |= 0xffn << BigInt(8 * i);
    return hexadecimal(mask);
  },
  parse: (input) => {
    const token = input.peek();
    const mask = registerWide(input, 64);
    if (mask === undefined) return undefined;
    let value = 0;
    for (let i = 0; i < 8; i++) {
      const byte = (mask >> BigInt(8 * i)) & 0xffn;
      if (byte !== 0n && byte !== 0xffn) return input.reject('Each byte of this number must be 0 or 0xff.', token);
      if (byte !== 0n) value |= 1 << i;
    }
    return value;
  },
};

/** The numbers that eight bits stand for (Arm ARM J1.3, VFPExpandImm): ±(16 to 31) / 16 * 2^(-3 to 4). */
export const floating: Kind = {
  print: (value) => {
    const [mantissa, exponent = ''] = floatingValue(value).toExponential(18).split('e');
    return `#${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  },
  parse: (input) => {
    const token = input.peek();
    const value = readNumber(input);
    if (value === undefined) return undefined;
    for (let code = 0; code < 256; code++) if (floatingValue(code) === value) return code;
    return input.reject(`${value} is not a number of eight bits: ±16 to 31 sixteenths, times 2^-3 to 2^4.`, token);
  },
};

const floatingValue = (code: number): number => {
  const exponent = (((code >> 4) & 7) ^ 4) - 3;
  return (code & 0x80 ? -1 : 1) * (1 + (code & 15) / 16) * 2 ** exponent;
};

/** What bitfield instructions do, by name; the value is immr and imms, six bits each. */
export const bitfields: Readonly<Record<string, (width: 32 | 64) => Kind>> = {
  /** LSL: `#n`. */
  left: (width) => ({
    print: (value) => {
      const immr = value >> 6;
      const imms = value & 63;
      return imms !== width - 1 && imms + 1 === immr ? `#${width - 1 - imms}` : undefined;
    },
    parse: (input) => {
      const amount = input.within(0, width - 1, 'The amount');
      return amount === undefined ? undefined : (((width - amount) % width) << 6) | (width - 1 - amount);
    },
  }),
  /** LSR and ASR: `#n`. */
  right: (width) => ({
    print: (value) => ((value & 63) === width - 1 ? `#${value >> 6}` : undefined),
    parse: (input) => {
      const amount = input.within(0, width - 1, 'The amount');
      return amount === undefined ? undefined : (amount << 6) | (width - 1);
    },
  }),
  /** BFI, SBFIZ and UBFIZ: `#lsb, #width` in the result. */
  insert: (width) => ({
    print: (value) => {
      const immr = value >> 6;
      const imms = value & 63;
      return imms < immr ? `#${width - immr}, #${imms + 1}` : undefined;
    },
    parse: (input) => {
      const field = readField(input, width);
      return field ? (((width - field.low) % width) << 6) | (field.size - 1) : undefined;
    },
  }),
  /** BFXIL, SBFX and UBFX: `#lsb, #width` in the source. */
  extract: (width) => ({
    print: (value) => {
      const immr = value >> 6;
      const imms = value & 63;
      return imms >= immr ? `#${immr}, #${imms - immr + 1}` : undefined;
    },
    parse: (input) => {
      const field = readField(input, width);
      return field ? (field.low << 6) | (field.low + field.size - 1) : undefined;
    },
  }),
};

function readField(input: OperandReader, width: 32 | 64): { low: number; size: number } | undefined {
  const low = input.within(0, width - 1, 'The lowest bit');
  if (low === undefined) return undefined;
  if (!input.accept(',')) return input.fail("','");
  const size = input.within(1, width - low, 'The number of bits');
  return size === undefined ? undefined : { low, size };
}
