import { Record, type RecordView, Signal } from './record.ts';
import { fpcrBits, fpsrBits } from './state.ts';
import { faultAddressBits, isUnlikeQemu, unknownsOf } from './unknowns.ts';

/** Compares two results of a test: one line for each difference. */
export function compare(test: RecordView, expected: RecordView, actual: RecordView): string[] {
  if (isUnlikeQemu(test, expected, actual)) return [];
  const lines: string[] = [];
  const different = (name: string, from: string, expects: string, has: string): void => {
    if (expects !== has) lines.push(`${name}: from ${from} expected ${expects} actual ${has}`);
  };
  const first = test.word(Record.pc);
  const end = first + 4 * test.word(Record.count);
  different('next pc', test.text(Record.pc), expected.text(Record.pc), actual.text(Record.pc));
  const pc = expected.long(Record.pc);
  // After a branch away from the words only the target is compared, not what is there.
  const isInside = pc >= BigInt(first) && pc < BigInt(end);
  const unknown = unknownsOf(test, expected);
  if (isInside) {
    different('ends in', '', signalName(expected), signalName(actual));
    const fault = (of: RecordView): string => (of.long(Record.fault) & faultAddressBits).toString(16);
    if (!unknown.fault) different('fault', '', fault(expected), fault(actual));
  }
  if (hasEqualState(expected, actual)) return lines;

  for (let n = 0; n < 32; n++) {
    if (unknown.x & (1 << n)) continue;
    const field = Record.x + 8 * n;
    if (expected.word(field) !== actual.word(field) || expected.word(field + 4) !== actual.word(field + 4))
      different(n === 31 ? 'SP' : `X${n}`, test.text(field), expected.text(field), actual.text(field));
  }
  const flags = (name: string, field: number, bits: number): void => {
    const text = (of: RecordView): string => ((of.word(field) & bits) >>> 0).toString(16).padStart(8, '0');
    different(name, text(test), text(expected), text(actual));
  };
  flags('NZCV', Record.nzcv, 0xf0000000);
  flags('FPCR', Record.fpcr, fpcrBits);
  flags('FPSR', Record.fpsr, fpsrBits);
  for (let n = 0; n < 32; n++) {
    if (unknown.v & (1 << n)) continue;
    const text = (of: RecordView): string => of.text(Record.v + 16 * n + 8) + of.text(Record.v + 16 * n).slice(2);
    different(`V${n}`, text(test), text(expected), text(actual));
  }
  if (!unknown.memory) {
    for (let at = Record.memory; at < Record.size; at += 8)
      different(`memory+0x${(at - Record.memory).toString(16)}`, test.text(at), expected.text(at), actual.text(at));
  }
  return lines;
}

/** The same registers and memory, known or not. */
function hasEqualState(a: RecordView, b: RecordView): boolean {
  const from = a.offset(Record.x) >>> 2;
  const to = b.offset(Record.x) >>> 2;
  for (let i = 0; i < (Record.size - Record.x) >>> 2; i++) if (a.u32[from + i] !== b.u32[to + i]) return false;
  return true;
}

const signalNames: { readonly [signal: number]: string } = {
  [Signal.none]: 'nothing',
  [Signal.illegal]: 'SIGILL',
  [Signal.trap]: 'SIGTRAP',
  [Signal.bus]: 'SIGBUS',
  [Signal.segmentation]: 'SIGSEGV',
};
const signalName = (of: RecordView): string =>
  signalNames[of.word(Record.signal)] ?? `signal ${of.word(Record.signal)}`;
