import { assert } from '../../base/assert.ts';
import * as address from './addresses.ts';
import * as number from './immediates.ts';
import type { Kind } from './kind.ts';
import * as register from './registers.ts';
import * as system from './system.ts';

/** Makes a kind from the total width of its fields and the arguments after its name. */
type Make = (width: number, args: readonly string[]) => Kind;

const size = (text: string | undefined): 32 | 64 => (text === '64' ? 64 : 32);

const kinds: Readonly<Record<string, Make>> = {
  X: () => register.general('X'),
  W: () => register.general('W'),
  XSP: () => register.generalOrStack('X'),
  WSP: () => register.generalOrStack('W'),
  B: () => register.scalar('B'),
  H: () => register.scalar('H'),
  S: () => register.scalar('S'),
  D: () => register.scalar('D'),
  Q: () => register.scalar('Q'),
  V: (_, [arrangement = '']) => register.vector(arrangement),
  list: (_, [arrangement = '', count]) => register.list(arrangement, Number(count)),
  bitreg: () => register.testedRegister,
  postindex: (_, [bytes]) => address.postIndex(Number(bytes)),
  ret: () => system.returnRegister,
  sysxt: () => system.systemRegisterOperand,

  hex: (width) => number.unsigned(width, 16),
  dec: (width) => number.unsigned(width, 10),
  signed: (width, [unit]) => number.signed(width, Number(unit ?? 1)),
  offset: (width, args) =>
    args[0] === 'signed'
      ? number.offset(width, Number(args[1] ?? 1), true)
      : number.offset(width, Number(args[0] ?? 1), false),
  optional: (width, [usual]) => number.optional(width, Number(usual)),
  right: (width, [from]) => number.right(width, Number(from)),
  is: (_, [value]) => number.is(Number(value)),
  bitmask64: () => number.bitmask(64, false),
  bitmask32: () => number.bitmask(32, false),
  notbitmask: (_, [width]) => number.bitmask(size(width), true),
  bitmaskmove: (_, [width, to]) => number.bitmaskMove(size(width), to === 'stack'),
  movz: (_, [width, shift]) => number.wideMove(size(width), Number(shift), false),
  movn: (_, [width, shift]) => number.wideMove(size(width), Number(shift), true),
  negative: (width, [unit]) => number.negative(width, Number(unit)),
  shifted12: (width) => number.shifted12(width),
  bytemask: () => number.byteMask,
  fpimm: () => number.floating,
  bitfield: (_, [what = '', width]) => {
    const make = number.bitfields[what];
    assert(make, `there is no bitfield operation '${what}'`);
    return make(size(width));
  },

  label: (width) => address.label(width),
  adr: (width) => address.byteAddress(width),
  adrp: (width) => address.pageAddress(width),
  shift: (width, [name = '', bits]) => address.shift(name, bits === undefined ? width : Number(bits)),
  extend: (_, [name = '']) => address.extend(name),
  indexextend: (_, [option, shifted, scale]) => address.indexExtend(Number(option), shifted === '1', Number(scale)),

  cond: (_, [condition]) => system.condition(Number(condition)),
  barrier: () => system.barrier,
  prfop: () => system.prefetch,
  creg: () => system.controlRegister,
  sysreg: (_, [access]) => system.systemRegister(access === 'write'),
  sysop: (_, [mnemonic = '', operand]) => system.systemOperation(mnemonic, operand === 'register'),
  pstate: () => system.pstate,
  pstatefield: () => system.pstateField,
};

/** The kind that a placeholder names, for fields of the width given. */
export function kindNamed(name: string, width: number): Kind {
  const [head = '', ...args] = name.split(/[ .*]/);
  const make = kinds[head];
  assert(make, `there is no kind of operand '${head}'`);
  return make(width, args);
}
