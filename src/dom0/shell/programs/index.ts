/** The small programs of Dom0. */
import type { Program } from '../../os/program.ts';
import { ddProgram, hexdumpProgram, syncProgram, truncateProgram } from './disks.ts';
import { cpProgram, lsProgram, mkdirProgram, mvProgram, rmProgram, touchProgram } from './files.ts';
import { falseProgram, sleepProgram, trueProgram } from './flow.ts';
import { catProgram, echoProgram, grepProgram, headProgram, tailProgram, trProgram, wcProgram } from './text.ts';
import { lvcreateProgram, lvsProgram } from './volumes.ts';

export const programs: readonly Program[] = [
  catProgram,
  cpProgram,
  ddProgram,
  echoProgram,
  falseProgram,
  grepProgram,
  headProgram,
  hexdumpProgram,
  lsProgram,
  lvcreateProgram,
  lvsProgram,
  mkdirProgram,
  mvProgram,
  rmProgram,
  sleepProgram,
  syncProgram,
  tailProgram,
  touchProgram,
  trProgram,
  trueProgram,
  truncateProgram,
  wcProgram,
];
