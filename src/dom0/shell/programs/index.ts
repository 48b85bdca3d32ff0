/** The small programs of Dom0. */
import type { Program } from '../../os/program.ts';
import { cpProgram, lsProgram, mkdirProgram, mvProgram, rmProgram, touchProgram } from './files.ts';
import { falseProgram, sleepProgram, trueProgram } from './flow.ts';
import { catProgram, echoProgram, grepProgram, headProgram, tailProgram, wcProgram } from './text.ts';

export const programs: readonly Program[] = [
  catProgram,
  cpProgram,
  echoProgram,
  falseProgram,
  grepProgram,
  headProgram,
  lsProgram,
  mkdirProgram,
  mvProgram,
  rmProgram,
  sleepProgram,
  tailProgram,
  touchProgram,
  trueProgram,
  wcProgram,
];
