/** What an RTOS (guests/xen/rtos) answers on its console to `stat`: how late its control task is released. */
export interface Stat {
  readonly releases: number;
  readonly missed: number;
  /** Latencies in microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const answer =
  /control: (\d+) releases, (\d+) missed; latency p50 ([\d.]+) us, p99 ([\d.]+) us, p99\.9 ([\d.]+) us, max ([\d.]+) us/;

/** Finds the answer to `stat` in the output of a console; null if it is not there. */
export function readStat(text: string): Stat | null {
  const found = text.match(answer);
  if (!found) return null;
  const [releases = 0, missed = 0, p50 = 0, p99 = 0, p999 = 0, max = 0] = found.slice(1).map(Number);
  return { releases, missed, p50, p99, p999, max };
}
