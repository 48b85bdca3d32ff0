/** Registers as operands: one by one, as vectors and their elements, in lists. */
import { assert } from '../../base/assert.ts';
import type { Kind } from './kind.ts';
import type { OperandReader } from './reader.ts';

const articles: Readonly<Record<string, string>> = { X: 'an', W: 'a', B: 'a', H: 'an', S: 'an', D: 'a', Q: 'a' };

/** X or W, where 31 is the zero register. */
export const general = (letter: 'X' | 'W'): Kind => plain(letter, `${letter.toLowerCase()}zr`);

/** B, H, S, D or Q. */
export const scalar = (letter: 'B' | 'H' | 'S' | 'D' | 'Q'): Kind => plain(letter, `${letter.toLowerCase()}31`);

function plain(letter: 'X' | 'W' | 'B' | 'H' | 'S' | 'D' | 'Q', last: string): Kind {
  return {
    print: (value) => (value === 31 ? last : `${letter.toLowerCase()}${value}`),
    parse: (input) => {
      const found = input.register(input.peek());
      if (found?.class !== letter) return input.fail(`${articles[letter]} ${letter} register`);
      input.next();
      return found.number;
    },
  };
}

/** X or W, where 31 is the stack pointer. */
export function generalOrStack(letter: 'X' | 'W'): Kind {
  const stack = letter === 'X' ? 'sp' : 'wsp';
  return {
    print: (value) => (value === 31 ? stack : `${letter.toLowerCase()}${value}`),
    parse: (input) => {
      const found = input.register(input.peek());
      const fits = found?.class === `${letter}SP` || (found?.class === letter && found.number < 31);
      if (found && fits) {
        input.next();
        return found.number;
      }
      input.fail(`${articles[letter]} ${letter} register`);
      return input.fail(stack.toUpperCase());
    },
  };
}

/** What TBZ tests: W for a bit below 32, else X. The value is the register and the bit number's top bit. */
export const testedRegister: Kind = {
  print: (value) => general(value & 1 ? 'X' : 'W').print(value >> 1, 0n),
  parse: (input) => {
    // For low bits either letter is possible: the number of the bit, after the register, decides.
    const number = general('X').parse(input) ?? general('W').parse(input);
    if (number === undefined) return undefined;
    const letter = input.register(input.peek(-1))?.class;
    const mark = input.index;
    const bit = input.accept(',') ? input.within(0, letter === 'W' ? 31 : 63, 'The number of the bit') : undefined;
    input.rewind(mark);
    return bit === undefined ? undefined : number * 2 + (bit >> 5);
  },
};

const vectorRegister = (input: OperandReader, arrangement: string): number | undefined => {
  const found = input.register(input.peek());
  if (found?.arrangement !== arrangement) return input.fail(`a vector register with .${arrangement}`);
  input.next();
  return found.number;
};

export const vector = (arrangement: string): Kind => ({
  print: (value) => `v${value}.${arrangement}`,
  parse: (input) => vectorRegister(input, arrangement),
});

/**
 * An element of a vector. The value is the index above the register's number, which has only four bits (V0 to V15)
 * where 16-bit elements are multiplied with.
 */
export function element(size: string, indexBits: number, registerBits: number): Kind {
  const registers = 2 ** registerBits;
  return {
    print: (value) => `v${value % registers}.${size}[${value >> registerBits}]`,
    parse: (input) => {
      const token = input.peek();
      const number = vectorRegister(input, size);
      if (number === undefined) return undefined;
      if (number >= registers) return input.reject(`The register must be V0 to V${registers - 1} here.`, token);
      const index = readIndex(input, 0, 2 ** indexBits - 1);
      return index === undefined ? undefined : index * registers + number;
    },
  };
}

/** The element of a vector with a fixed index. */
export const elementAt = (size: string, index: number): Kind => ({
  print: (value) => `v${value}.${size}[${index}]`,
  parse: (input) => {
    const number = vectorRegister(input, size);
    return number === undefined || readIndex(input, index, index) === undefined ? undefined : number;
  },
});

function readIndex(input: OperandReader, low: number, high: number): number | undefined {
  if (!input.accept('[')) return input.fail("'['");
  const index = input.within(low, high, 'The index');
  if (index === undefined) return undefined;
  return input.accept(']') ? index : input.fail("']'");
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => (first + i) & 31);

/** Registers that follow one another, in braces; GNU prints three and more as a range unless it goes from V31 to V0. */
function printList(first: number, count: number, suffix: string): string {
  const all = numbers(first, count).map((number) => `v${number}.${suffix}`);
  return count > 2 && first + count <= 32 ? `{${all[0]}-${all[count - 1]}}` : `{${all.join(', ')}}`;
}

function readList(input: OperandReader, count: number, suffix: string): number | undefined {
  if (!input.accept('{')) return input.fail("'{'");
  const start = input.peek();
  const first = vectorRegister(input, suffix);
  if (first === undefined) return undefined;
  let read = 1;
  if (input.accept('-')) {
    const last = vectorRegister(input, suffix);
    if (last === undefined) return undefined;
    read = ((last - first) & 31) + 1;
  } else {
    while (input.accept(',')) {
      const token = input.peek();
      const number = vectorRegister(input, suffix);
      if (number === undefined) return undefined;
      if (number !== ((first + read) & 31))
        return input.reject('The registers of a list must follow one another.', token);
      read++;
    }
  }
  if (read !== count)
    return input.reject(`The list must have ${count} register${count > 1 ? 's' : ''}, not ${read}.`, start);
  return input.accept('}') ? first : input.fail("'}'");
}

export const list = (arrangement: string, count: number): Kind => {
  assert(count >= 1 && count <= 4, 'lists have one to four registers');
  return {
    print: (value) => printList(value, count, arrangement),
    parse: (input) => readList(input, count, arrangement),
  };
};

/** One element of each register of a list. */
export const listElement = (size: string, count: number, indexBits: number): Kind => ({
  print: (value) => `${printList(value & 31, count, size)}[${value >> 5}]`,
  parse: (input) => {
    const first = readList(input, count, size);
    const index = first === undefined ? undefined : readIndex(input, 0, 2 ** indexBits - 1);
    return first === undefined || index === undefined ? undefined : index * 32 + first;
  },
});
