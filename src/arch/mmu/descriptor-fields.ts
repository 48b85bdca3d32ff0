/**
 * The bits of translation table descriptors by their names, each with the section of the Arm ARM (DDI 0487G) that
 * defines it: D5.3.1 for levels 0 to 2, D5.3.2 for level 3, D5.3.3 for attributes.
 */
import type { WalkStep } from './descriptors.ts';
import type { Regime } from './walk.ts';

/** `software`: bits 58:55, which are left to software. `RES0` and `ignored` bits mean nothing to the hardware. */
export type DescriptorFieldName =
  | 'valid'
  | 'type'
  | 'AttrIndx'
  | 'MemAttr'
  | 'NS'
  | 'AP'
  | 'S2AP'
  | 'SH'
  | 'AF'
  | 'nG'
  | 'address'
  | 'Contiguous'
  | 'PXN'
  | 'UXN'
  | 'XN'
  | 'software'
  | 'PXNTable'
  | 'UXNTable'
  | 'XNTable'
  | 'APTable'
  | 'NSTable'
  | 'RES0'
  | 'ignored';

/** Some bits of a descriptor. */
export interface DescriptorField {
  readonly name: DescriptorFieldName;
  /** The lowest bit. */
  readonly low: number;
  readonly width: number;
  readonly value: bigint;
  /** Of DDI 0487G. */
  readonly section: string;
}

type Layout = readonly (readonly [name: DescriptorFieldName, low: number])[];

/** The rows that follow the address field, and those before it: each field ends where the next begins. */
const begin: Layout = [
  ['valid', 0],
  ['type', 1],
];
const stage1Low: Layout = [...begin, ['AttrIndx', 2], ['NS', 5], ['AP', 6], ['SH', 8], ['AF', 10]];
const stage2Low: Layout = [...begin, ['MemAttr', 2], ['S2AP', 6], ['SH', 8], ['AF', 10], ['RES0', 11]];
const leafHigh: Layout = [
  ['RES0', 48],
  ['Contiguous', 52],
];
const software: Layout = [
  ['software', 55],
  ['ignored', 59],
];
const tableHigh: Layout = [
  ['RES0', 48],
  ['ignored', 52],
];

/** Attributes are explained where access and memory types are; all other fields where the format is. */
const sections: Partial<Record<DescriptorFieldName, string>> = {
  AttrIndx: 'D5.5',
  MemAttr: 'D5.5',
  SH: 'D5.5',
  AP: 'D5.4',
  S2AP: 'D5.4',
  AF: 'D5.4',
  PXN: 'D5.4',
  UXN: 'D5.4',
  XN: 'D5.4',
  PXNTable: 'D5.4',
  UXNTable: 'D5.4',
  XNTable: 'D5.4',
  APTable: 'D5.4',
  NS: 'D5.3.4',
  NSTable: 'D5.3.4',
  nG: 'D5.3.3',
  Contiguous: 'D5.3.3',
  software: 'D5.3.3',
};

/** The layout of a descriptor, lowest field first. `from`: the lowest bit of its address. */
function layoutOf(stage: 1 | 2, regime: Regime, isLeaf: boolean, from: number): Layout {
  const address: Layout =
    from > 12
      ? [
          ['RES0', 12],
          ['address', from],
        ]
      : [['address', 12]];
  // EL2 has one execute-never bit, in the place of EL1&0's UXN.
  const never = regime === 2 ? 'XN' : 'UXN';
  if (!isLeaf) {
    const begins: Layout = [...begin, ['ignored', 2], ...address, ...tableHigh];
    if (stage === 2) return [...begins, ['RES0', 59]];
    return [
      ...begins,
      [regime === 2 ? 'RES0' : 'PXNTable', 59],
      [`${never}Table`, 60],
      ['APTable', 61],
      ['NSTable', 63],
    ];
  }
  if (stage === 2) return [...stage2Low, ...address, ...leafHigh, ['RES0', 53], ['XN', 54], ...software];
  const [global, privileged]: Layout =
    regime === 2
      ? [
          ['RES0', 11],
          ['RES0', 53],
        ]
      : [
          ['nG', 11],
          ['PXN', 53],
        ];
  return [
    ...stage1Low,
    ...(global ? [global] : []),
    ...address,
    ...leafHigh,
    ...(privileged ? [privileged] : []),
    [never, 54],
    ...software,
  ];
}

/** All 64 bits of a descriptor by fields, the lowest first. None of one that could not be read. */
export function fieldsOf(
  { stage, level, kind, sizeLog2 }: Pick<WalkStep, 'stage' | 'level' | 'kind' | 'sizeLog2'>,
  regime: Regime,
  descriptor: bigint,
): DescriptorField[] {
  if (kind === 'external abort') return [];
  const isLeaf = kind !== 'table';
  // A table of the 64 KiB granule is as large; its levels map 2^16, 2^29 and 2^42 bytes.
  const from = isLeaf ? sizeLog2 : (sizeLog2 - 16) % 13 === 0 ? 16 : 12;
  const isBlank = kind === 'invalid' && (descriptor & 1n) === 0n;
  const layout: Layout = isBlank
    ? [
        ['valid', 0],
        ['ignored', 1],
      ]
    : layoutOf(stage, regime, isLeaf, from);
  const format = level === 3 ? 'D5.3.2' : 'D5.3.1';
  return layout.map(([name, low], i) => {
    const width = (layout[i + 1]?.[1] ?? 64) - low;
    const value = (descriptor >> BigInt(low)) & ((1n << BigInt(width)) - 1n);
    return { name, low, width, value, section: sections[name] ?? format };
  });
}
