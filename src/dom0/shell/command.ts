import type { Nanoseconds } from '../../xen/time/time.ts';
import type { FileSystem } from '../os/files.ts';
import type { Task } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';

/** What a command sees of its surroundings. */
export interface CommandContext {
  /** The arguments behind the command's name. */
  readonly args: readonly string[];
  readonly name: string;
  readonly files: FileSystem;
  /** The working directory, absolute. */
  readonly directory: string;
  /** Standard input, if it is a file or what another command has printed; null for the terminal. */
  readonly input: string | null;
  /** The terminal, or null in a script without one. */
  readonly tty: Tty | null;
  out(text: string): void;
  err(text: string): void;
  /** Dom0's clock: time since the machine was powered on. */
  now(): Nanoseconds;
}

/** A program: works and returns its exit code. */
export type Command = (context: CommandContext) => Task<number>;

/** What a command could be completed with; `words` are those before the one that is written. */
export type Completer = (words: readonly string[], written: string) => readonly string[];

export interface CommandEntry {
  readonly run: Command;
  /** A line for `help`. */
  readonly summary: string;
  /** Beyond file names. */
  readonly complete?: Completer;
}
