/** Directives: data, alignment, symbols and sections (GNU as manual, chapter 7). */
import type { OperandReader } from '../syntax/reader.ts';
import type { Token } from '../syntax/tokens.ts';
import { largestImage } from './section.ts';
import type { StatementTarget } from './statement-target.ts';

type Directive = (pass: StatementTarget, input: OperandReader, token: Token) => void;

/** Directives without effect on the bytes of a flat image. */
export const ignored =
  /^\.(globa?l|local|weak|hidden|protected|internal|type|size|file|loc|ident|arch|cpu|arch_extension|cfi_\w+|func|endfunc|warning|print|variant_pcs|build_attributes|addrsig)$/;

/** Fails unless the operands end here. */
function finish(pass: StatementTarget, input: OperandReader): void {
  if (input.atEnd()) return;
  input.fail('the end of the line');
  pass.fail(input.error);
}

/** Reads any number of operands, separated by commas. `one` reads one and returns whether to go on. */
function each(pass: StatementTarget, input: OperandReader, one: () => boolean): void {
  if (input.atEnd()) return;
  do {
    if (!one()) return;
  } while (input.accept(','));
  finish(pass, input);
}

/** Data directives: numbers of a size in bytes. */
const data =
  (size: number): Directive =>
  (pass, input) => {
    const reader = pass.reader(input, false);
    each(pass, reader, () => {
      const token = reader.peek();
      const value = reader.expression();
      if (!value) {
        pass.fail(reader.error);
        return false;
      }
      const bits = BigInt(8 * size);
      if (size < 8 && (value.value < -(1n << (bits - 1n)) || value.value >= 1n << bits))
        pass.fail({ column: token.column, message: `${value.value} does not fit into ${bits} bits.` });
      pass.number(value.value, size);
      return true;
    });
    if (pass.layout && reader.unknownName) pass.fail(reader.unknownName);
  };

const floating =
  (size: 4 | 8): Directive =>
  (pass, input) =>
    each(pass, input, () => {
      const negative = input.accept('-');
      const token = input.next();
      if (token.kind !== 'real' && token.kind !== 'number') {
        pass.fail({ column: token.column, message: 'Expected a number.' });
        return false;
      }
      const value = (negative ? -1 : 1) * Number(token.kind === 'real' ? token.text : token.value);
      const bytes = pass.room(size);
      const view = new DataView(bytes.buffer, bytes.byteOffset, size);
      if (size === 4) view.setFloat32(0, value, true);
      else view.setFloat64(0, value, true);
      return true;
    });

const text =
  (end: string): Directive =>
  (pass, input) =>
    each(pass, input, () => {
      const token = input.next();
      if (token.kind !== 'string') {
        pass.fail({ column: token.column, message: 'Expected a text in double quotes.' });
        return false;
      }
      const bytes = token.text + end;
      const room = pass.room(bytes.length);
      for (let i = 0; i < bytes.length; i++) room[i] = bytes.charCodeAt(i);
      return true;
    });

/** The lowest and the highest value. */
type Range = readonly [low: number, high: number];

/** An operand after a comma, which may be missing or empty. */
function optional(pass: StatementTarget, input: OperandReader, [low, high]: Range, what: string): number | undefined {
  if (!input.accept(',')) return undefined;
  if (input.atEnd() || input.peek().text === ',') return undefined;
  return pass.known(input, low, high, what);
}

const skip: Directive = (pass, input) => {
  const count = pass.known(input, 0, largestImage, 'The number of bytes');
  const fill = optional(pass, input, [-128, 255], 'The fill value') ?? 0;
  if (count === undefined) return;
  pass.room(count).fill(fill);
  finish(pass, input);
};

const fill: Directive = (pass, input) => {
  const count = pass.known(input, 0, largestImage, 'The number of repetitions');
  const size = optional(pass, input, [0, 8], 'The size') ?? 1;
  let value = 0n;
  if (input.accept(',')) {
    const written = input.expression();
    if (!written) {
      pass.fail(input.error);
      return;
    }
    value = written.value;
  }
  if (count === undefined) return;
  // GNU as takes four bytes of the value; the others are zero.
  for (let n = 0; n < count; n++) pass.number(BigInt.asUintN(32, value), size);
  finish(pass, input);
};

/** Alignment to `2^n` or `n` bytes. */
const align =
  (power: boolean): Directive =>
  (pass, input) => {
    const token = input.peek();
    const number = input.atEnd() ? 0 : pass.known(input, 0, power ? 16 : 65536, 'The alignment');
    const value = optional(pass, input, [-128, 255], 'The fill value');
    const most = optional(pass, input, [0, 65536], 'The largest number of bytes');
    if (number === undefined) return;
    const bytes = power ? 2 ** number : Math.max(1, number);
    if ((bytes & (bytes - 1)) !== 0) {
      pass.fail({ column: token.column, message: `The alignment must be a power of two, not ${bytes}.` });
      return;
    }
    pass.align(bytes, value === undefined ? undefined : value & 0xff, most || undefined);
    finish(pass, input);
  };

/** `.org` goes forward to an address, or to an offset from the section's beginning. */
const org: Directive = (pass, input) => {
  const token = input.peek();
  const target = pass.knownValue(input);
  if (!target) return;
  const value = optional(pass, input, [-128, 255], 'The fill value') ?? 0;
  const { section } = pass;
  const offset = target.relative === 0 ? target.value : target.value - section.base;
  const count = offset - BigInt(section.length);
  if (count < 0n) {
    const message = `This would go back by ${-count} bytes; the section is ${section.length} bytes long here.`;
    pass.fail({ column: token.column, message });
    return;
  }
  pass.room(count > largestImage ? largestImage + 1 : Number(count)).fill(value);
  finish(pass, input);
};

/** `.equ name, value`. */
const equate: Directive = (pass, input) => {
  const token = input.next();
  if (token.kind !== 'name' || input.register(token) || !input.accept(',')) {
    pass.fail({ column: token.column, message: 'Expected a name, a comma and a value.' });
    return;
  }
  pass.assign(token, input);
};

const enter = (pass: StatementTarget, name: string, isCode: boolean): void => {
  pass.previous = pass.section;
  pass.section = pass.openSection(name, isCode);
};

const enterNamed =
  (name: string, isCode = false): Directive =>
  (pass) =>
    enter(pass, name, isCode);

/** `.section name, "flags", …`; the flag x says that it holds code. */
const section: Directive = (pass, input) => {
  const token = input.next();
  if (token.kind !== 'name' && token.kind !== 'string') {
    pass.fail({ column: token.column, message: 'Expected the name of a section.' });
    return;
  }
  const flags = input.accept(',') && input.peek().kind === 'string' ? input.peek().text : '';
  enter(pass, token.text, flags.includes('x') || /^\.text($|\.)/.test(token.text));
};

/** `.comm name, size, alignment`: reserves bytes in .bss. */
const common: Directive = (pass, input) => {
  const token = input.next();
  input.accept(',');
  const size = pass.known(input, 0, largestImage, 'The number of bytes');
  const alignment = optional(pass, input, [1, 65536], 'The alignment') ?? 16;
  if (size === undefined) return;
  const { section: before } = pass;
  pass.section = pass.openSection('.bss', false);
  pass.align(alignment, 0);
  pass.define(token.text, { value: pass.section.here, relative: 1 }, token, pass.line.number);
  pass.room(size);
  pass.section = before;
};

const instruction: Directive = (pass, input, token) => {
  pass.align(4, 0);
  data(4)(pass, input, token);
};

export const directives: Readonly<Record<string, Directive>> = {
  '.byte': data(1),
  '.hword': data(2),
  '.short': data(2),
  '.half': data(2),
  '.2byte': data(2),
  '.word': data(4),
  '.long': data(4),
  '.int': data(4),
  '.4byte': data(4),
  '.quad': data(8),
  '.xword': data(8),
  '.dword': data(8),
  '.8byte': data(8),
  '.inst': instruction,
  '.float': floating(4),
  '.single': floating(4),
  '.double': floating(8),
  '.ascii': text(''),
  '.asciz': text('\0'),
  '.string': text('\0'),
  '.skip': skip,
  '.space': skip,
  '.zero': skip,
  '.fill': fill,
  '.align': align(true),
  '.p2align': align(true),
  '.balign': align(false),
  '.org': org,
  '.equ': equate,
  '.set': equate,
  '.equiv': equate,
  '.text': enterNamed('.text', true),
  '.data': enterNamed('.data'),
  '.rodata': enterNamed('.rodata'),
  '.bss': enterNamed('.bss'),
  '.section': section,
  '.pushsection': (pass, input, token) => {
    pass.stack.push(pass.section);
    section(pass, input, token);
  },
  '.popsection': (pass) => {
    const before = pass.stack.pop();
    if (before) pass.section = before;
    else pass.failHere("'.popsection' has no '.pushsection' before it.");
  },
  '.previous': (pass) => {
    const { previous } = pass;
    pass.previous = pass.section;
    pass.section = previous;
  },
  '.comm': common,
  '.lcomm': common,
  '.ltorg': (pass) => pass.dumpLiterals(),
  '.pool': (pass) => pass.dumpLiterals(),
  '.unreq': (pass, input) => void pass.registers.delete(input.next().text.toLowerCase()),
  '.purgem': (pass, input) => pass.forget(input.next().text),
  '.end': (pass) => pass.end(),
  '.err': (pass) => pass.failHere("The source says '.err' here."),
  '.error': (pass, input) =>
    pass.failHere(input.peek().kind === 'string' ? input.peek().text : 'The source says .error here.'),
  '.include': (pass) => pass.failHere('There is no other file to include; put its text here.'),
  '.incbin': (pass) => pass.failHere('There is no other file to include; put its bytes here.'),
  '.endm': (pass) => pass.failHere("This '.endm' belongs to no '.macro'."),
  '.endr': (pass) => pass.failHere("This '.endr' belongs to no '.rept' or '.irp'."),
};
