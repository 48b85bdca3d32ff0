import type { Instruction } from '../instruction.ts';
import { branches } from './branches.ts';
import { dataImmediate } from './data-immediate.ts';
import { dataRegister } from './data-register.ts';
import { loadsStores } from './loads-stores.ts';

/** Every A64 encoding that the core knows; all others are unallocated. */
export const table: readonly Instruction[] = [...dataImmediate, ...branches, ...loadsStores, ...dataRegister];
