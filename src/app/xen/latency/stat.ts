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

/** A time as a person would say it: 4.1 µs, 38 µs, 30.2 ms, 1.2 s. */
export function formatMicroseconds(us: number): string {
  const [value, unit] = us < 1000 ? [us, 'µs'] : us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${value >= 100 || (value >= 10 && unit === 'µs') ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}
