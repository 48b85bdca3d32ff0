/** The program's exit codes. */
export const ExitCode = {
  /** The guest powered off, or the awaited text came. */
  done: 0,
  /** The guest failed, or the awaited text never came. */
  failed: 1,
  /** Wrong usage, or a file that cannot be used. */
  usage: 2,
  /** A limit of time was reached. */
  limit: 3,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A mistake of the user; the message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
