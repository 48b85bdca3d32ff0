/**
 * The target description (GDB manual, G): which registers there are, and in which order. Features that GDB knows have to
 * have its names (G.5.1, AArch64 Features); system registers are a feature of our own.
 */

export interface Register {
  readonly name: string;
  readonly bits: number;
}

const core: readonly Register[] = [
  ...Array.from({ length: 31 }, (_, n) => ({ name: `x${n}`, bits: 64 })),
  { name: 'sp', bits: 64 },
  { name: 'pc', bits: 64 },
  { name: 'cpsr', bits: 32 },
];
const fpu: readonly Register[] = [
  ...Array.from({ length: 32 }, (_, n) => ({ name: `v${n}`, bits: 128 })),
  { name: 'fpsr', bits: 32 },
  { name: 'fpcr', bits: 32 },
];

/** The registers that a `g` packet has; GDB asks for each of the others. */
export const generalRegisters: readonly Register[] = [...core, ...fpu];

/** All registers by their numbers. */
export const registersWith = (system: readonly string[]): readonly Register[] => [
  ...generalRegisters,
  ...system.map((name) => ({ name, bits: 64 })),
];

/** PSTATE as SPSR_ELx holds it (Arm ARM DDI 0487, C5.2.18). */
const flags = [
  ['SP', 0, 0],
  ['EL', 2, 3],
  ['nRW', 4, 4],
  ['F', 6, 6],
  ['I', 7, 7],
  ['A', 8, 8],
  ['D', 9, 9],
  ['IL', 20, 20],
  ['SS', 21, 21],
  ['V', 28, 28],
  ['C', 29, 29],
  ['Z', 30, 30],
  ['N', 31, 31],
] as const;

/** The views of a vector register: element type, elements, and the names of GDB. */
const vectors = [
  ['v2d', 'ieee_double', 2, 'd', 'f'],
  ['v2u', 'uint64', 2, 'd', 'u'],
  ['v2i', 'int64', 2, 'd', 's'],
  ['v4f', 'ieee_single', 4, 's', 'f'],
  ['v4u', 'uint32', 4, 's', 'u'],
  ['v4i', 'int32', 4, 's', 's'],
  ['v8u', 'uint16', 8, 'h', 'u'],
  ['v8i', 'int16', 8, 'h', 's'],
  ['v16u', 'uint8', 16, 'b', 'u'],
  ['v16i', 'int8', 16, 'b', 's'],
] as const;

const elements = ['d', 's', 'h', 'b'] as const;

const typeOf = ({ name }: Register): string => {
  if (name === 'pc') return 'code_ptr';
  if (name === 'sp') return 'data_ptr';
  if (name === 'cpsr') return 'cpsr_flags';
  if (/^v\d/.test(name)) return 'aarch64v';
  return 'int';
};

/** @param system names of the system registers */
export function targetXml(system: readonly string[]): string {
  const lines = (registers: readonly Register[], group = ''): string[] =>
    registers.map((register) => {
      const type = group === '' ? typeOf(register) : 'uint64';
      return `<reg name="${register.name}" bitsize="${register.bits}" type="${type}"${group}/>`;
    });
  return [
    '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target><architecture>aarch64</architecture>',
    '<feature name="org.gnu.gdb.aarch64.core"><flags id="cpsr_flags" size="4">',
    ...flags.map(([name, start, end]) => `<field name="${name}" start="${start}" end="${end}"/>`),
    '</flags>',
    ...lines(core),
    '</feature><feature name="org.gnu.gdb.aarch64.fpu">',
    ...vectors.map(([id, type, count]) => `<vector id="${id}" type="${type}" count="${count}"/>`),
    ...elements.flatMap((size) => [
      `<union id="vn${size}">`,
      ...vectors.flatMap(([id, , , of, field]) => (of === size ? [`<field name="${field}" type="${id}"/>`] : [])),
      '</union>',
    ]),
    '<union id="aarch64v">',
    ...elements.map((size) => `<field name="${size}" type="vn${size}"/>`),
    '</union>',
    ...lines(fpu),
    '</feature><feature name="org.el2lab.aarch64.system">',
    ...lines(
      system.map((name) => ({ name, bits: 64 })),
      ' group="system"',
    ),
    '</feature></target>',
  ].join('\n');
}

/** A document, or what is asked of it: `m` where more follows, `l` for the last piece. */
export function pieceOf(document: string, offset: number, length: number): string {
  const piece = document.slice(offset, offset + length);
  return `${offset + piece.length < document.length ? 'm' : 'l'}${piece}`;
}

/** The registers that are no system registers; those of floating point where they are known. */
export interface GeneralRegisters {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly x: readonly bigint[];
  readonly pstate: number;
  readonly v?: readonly bigint[];
  readonly fpcr?: number;
  readonly fpsr?: number;
}

/** One of them by its name; null for a system register, or if it is not known. */
export function generalRegister(registers: GeneralRegisters, name: string): bigint | null {
  const { pc, sp, pstate, fpcr, fpsr } = registers;
  const numbers: Readonly<Record<string, number | undefined>> = { cpsr: pstate, fpcr, fpsr };
  if (name === 'pc') return pc;
  if (name === 'sp') return sp;
  const number = numbers[name];
  if (number !== undefined) return BigInt(number);
  const [, file, index] = /^([xv])(\d+)$/.exec(name) ?? [];
  return (file === 'x' ? registers.x : registers.v)?.[Number(index)] ?? null;
}
