import type { Instruction } from '../instruction.ts';
import { branches } from './branches.ts';
import { crypto } from './crypto.ts';
import { dataImmediate } from './data-immediate.ts';
import { dataRegister } from './data-register.ts';
import { fpConvert } from './fp/convert.ts';
import { fpScalar } from './fp/scalar.ts';
import { fpVectorBinary } from './fp/vector.ts';
import { fpVectorConvert } from './fp/vector-convert.ts';
import { fpVectorUnary } from './fp/vector-unary.ts';
import { loadsStores } from './loads-stores.ts';
import { simdByElement } from './simd/element.ts';
import { simdPermute } from './simd/permute.ts';
import { simdShift } from './simd/shift.ts';
import { simdStructures } from './simd/structures.ts';
import { simdThreeDifferent } from './simd/three-different.ts';
import { simdThreeSame } from './simd/three-same.ts';
import { simdTwoRegister } from './simd/two-register.ts';

/** Every A64 encoding that the core knows; all others are unallocated. */
export const table: readonly Instruction[] = [
  ...dataImmediate,
  ...branches,
  ...loadsStores,
  ...dataRegister,
  ...simdThreeSame,
  ...simdThreeDifferent,
  ...simdByElement,
  ...simdShift,
  ...simdTwoRegister,
  ...simdPermute,
  ...simdStructures,
  ...crypto,
  ...fpScalar,
  ...fpConvert,
  ...fpVectorBinary,
  ...fpVectorUnary,
  ...fpVectorConvert,
];
