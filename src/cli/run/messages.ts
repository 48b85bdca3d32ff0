import type { Session } from '../../session/session.ts';

/** A line of ours on standard error, beside the machine's output. */
export const message = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Says what the machine's log has from an index on; returns the next index. */
export function sayLog(session: Session, from: number): number {
  const { entries, end } = session.log(from, Number.POSITIVE_INFINITY);
  for (const { virtualNs, source, text } of entries) message(`[${(virtualNs / 1e9).toFixed(6)}] ${source}: ${text}`);
  return end;
}
