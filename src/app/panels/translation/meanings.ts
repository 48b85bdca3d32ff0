/** What the bits of descriptors mean, in the panel's words, and which of them a fault comes from. */
import type { TranslationStep, Walk } from '../../../session/api/translation.ts';
import type { Texts } from './texts.ts';

type Field = TranslationStep['fields'][number];

const deviceTypes = ['nGnRnE', 'nGnRE', 'nGRE', 'GRE'];

/** xen/arch/arm/include/asm/p2m.h, p2m_type_t. */
export const p2mTypes = [
  'invalid',
  'ram_rw',
  'ram_ro',
  'mmio_direct_dev',
  'mmio_direct_nc',
  'mmio_direct_c',
  'map_foreign_rw',
  'map_foreign_ro',
  'grant_map_rw',
  'grant_map_ro',
  'iommu_map_rw',
  'iommu_map_ro',
];

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** What a field's value means; empty for bits that mean nothing. */
export function meaningOf(
  x: Texts,
  step: TranslationStep,
  { name, value, low }: Field,
  isXen: boolean,
  el2: boolean,
): string {
  const n = Number(value & 15n);
  switch (name) {
    case 'valid':
      return n === 0 ? x('bit.valid0') : x('bit.valid1');
    case 'type':
      if (step.level === 3) return n === 1 ? x('bit.page') : x('bit.reserved');
      return n === 1 ? x('bit.table') : x('bit.block');
    case 'AttrIndx':
      return x('bit.mair', { index: n, register: el2 ? 'MAIR_EL2' : 'MAIR_EL1' });
    case 'MemAttr':
      if (n < 4) return x('bit.device', { which: deviceTypes[n] ?? '' });
      return x('bit.normal', { outer: x(cacheKey(n >> 2)), inner: x(cacheKey(n & 3)) });
    case 'NS':
    case 'NSTable':
      return n === 1 ? x('bit.ns') : '';
    case 'AP':
      if (el2) return n & 2 ? x('bit.ro') : x('bit.rw');
      return x(pick(n, ['bit.ap0', 'bit.ap1', 'bit.ap2', 'bit.ap3']));
    case 'S2AP':
      return x(pick(n, ['bit.s2ap0', 'bit.s2ap1', 'bit.s2ap2', 'bit.s2ap3']));
    case 'SH':
      return x(pick(n, ['bit.sh0', 'bit.sh1', 'bit.sh2', 'bit.sh3']));
    case 'AF':
      return n === 0 ? x('bit.af0') : x('bit.af1');
    case 'nG':
      return n === 0 ? x('bit.ng0') : x('bit.ng1');
    case 'address':
      return hex(value << BigInt(low));
    case 'Contiguous':
      return n === 1 ? x('bit.contiguous') : '';
    case 'PXN':
      return n === 1 ? x('bit.pxn') : '';
    case 'UXN':
      return n === 1 ? x('bit.uxn') : '';
    case 'XN':
      return n === 1 ? x('bit.xn') : '';
    case 'software':
      if (step.stage === 2 && isXen) return x('bit.p2m', { type: p2mTypes[n] ?? String(n) });
      return n === 0 ? '' : x('bit.software');
    case 'PXNTable':
      return n === 1 ? x('bit.below', { what: x('bit.pxn') }) : '';
    case 'UXNTable':
      return n === 1 ? x('bit.below', { what: x('bit.uxn') }) : '';
    case 'XNTable':
      return n === 1 ? x('bit.below', { what: x('bit.xn') }) : '';
    case 'APTable':
      return n === 0 ? '' : x('bit.below', { what: x(pick(n - 1, ['bit.apTable1', 'bit.apTable2', 'bit.apTable3'])) });
    case 'RES0':
    case 'ignored':
      return '';
  }
}

const pick = <Key>(n: number, keys: readonly [Key, ...Key[]]): Key => keys[n] ?? keys[0];
const cacheKey = (n: number) => pick(n, ['cache.0', 'cache.1', 'cache.2', 'cache.3'] as const);

/** FaultType by its name. */
const faultNames = {
  0: 'addressSize',
  4: 'translation',
  8: 'accessFlag',
  12: 'permission',
  16: 'external',
  20: 'externalOnWalk',
  33: 'alignment',
} as const;

/** Why a walk failed. */
export interface Cause {
  readonly name: (typeof faultNames)[keyof typeof faultNames];
  /** The descriptor that it comes from; null if none was read. */
  readonly step: TranslationStep | null;
  /** The bits of it that say so. */
  readonly field: Field | null;
}

export function causeOf({ steps, result, request }: Walk): Cause | null {
  if (!result || result.ok) return null;
  const { fault } = result;
  const name = faultNames[fault.type];
  const isOfFault = (step: TranslationStep): boolean => step.stage === fault.stage && step.level === fault.level;
  const step = steps.findLast(isOfFault) ?? null;
  const fieldOf = (...names: string[]): Field | null =>
    names.map((wanted) => step?.fields.find((field) => field.name === wanted)).find((field) => field) ?? null;
  switch (name) {
    case 'translation':
      return { name, step, field: step && (step.descriptor & 1n ? fieldOf('type') : fieldOf('valid')) };
    case 'accessFlag':
      return { name, step, field: fieldOf('AF') };
    case 'addressSize':
      return { name, step, field: fieldOf('address') };
    case 'permission': {
      const isFetch = request.access === 'execute';
      const set = step?.fields.find((field) => ['XN', 'UXN', 'PXN'].includes(field.name) && field.value === 1n);
      return { name, step, field: (isFetch && set) || fieldOf('S2AP', 'AP') };
    }
    default:
      return { name, step, field: null };
  }
}
