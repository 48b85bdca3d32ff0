import type { Nanoseconds } from '../../xen/time/time.ts';
import type { FileSystem } from './files.ts';
import type { Task } from './task.ts';
import type { Tty } from './tty.ts';

/** What a program can see and reach. */
export interface ProgramContext {
  /** The arguments after the program's name. */
  readonly args: readonly string[];
  readonly name: string;
  readonly files: FileSystem;
  /** The working directory, absolute. */
  readonly directory: string;
  /** Standard input: a file's contents or what the program before it in a pipe has printed. Null: the terminal. */
  readonly input: string | null;
  /** The terminal, or null in a script without one. */
  readonly tty: Tty | null;
  out(text: string): void;
  err(text: string): void;
  /** Dom0's clock: time since the machine was powered on. */
  now(): Nanoseconds;
}

/** A program that the shell can start. */
export interface Program {
  readonly name: string;
  /** A line for `help`. */
  readonly summary: string;
  /** Lines at the end of `help`. */
  readonly notes?: readonly string[];
  /** Works and returns its exit code. */
  run(context: ProgramContext): Task<number>;
  /**
   * Candidates for the word being written, besides file names; `words` are those before it, without the program's
   * name.
   */
  complete?(words: readonly string[], written: string): readonly string[];
}
