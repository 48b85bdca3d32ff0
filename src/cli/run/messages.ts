import type { Session } from '../../session/session.ts';

/** Writes a line of the program's own to standard error. */
export const message = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Prints the machine's log from an index on. Returns the next index. */
export function sayLog(session: Session, from: number): number {
  const { entries, end } = session.log(from, Number.POSITIVE_INFINITY);
  for (const { virtualNs, source, text } of entries) message(`[${(virtualNs / 1e9).toFixed(6)}] ${source}: ${text}`);
  return end;
}
