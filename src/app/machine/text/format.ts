/** Virtual time as hh:mm:ss.mmm µµµ. */
export function formatVirtualTime(ns: number): string {
  const microseconds = Math.floor(ns / 1000);
  const part = (divisor: number, modulus: number, digits: number) =>
    String(Math.floor(microseconds / divisor) % modulus).padStart(digits, '0');
  const hours = String(Math.floor(microseconds / 3.6e9)).padStart(2, '0');
  return `${hours}:${part(6e7, 60, 2)}:${part(1e6, 60, 2)}.${part(1e3, 1000, 3)} ${part(1, 1000, 3)}`;
}

/** A virtual time of a boot in seconds, to the millisecond. */
export const formatSeconds = (ns: number): string => `${(ns / 1e9).toFixed(3)} s`;

/** A rate with two or three significant figures: 0.0024, 0.82, 12.3, 512. */
export function formatFigure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  if (value >= 0.1 || value === 0) return value.toFixed(2);
  return value.toFixed(4);
}

/** A share of a pCPU in per cent; what is more than nothing does not read as 0. */
export const formatShare = (percent: number): string =>
  percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`;

/** An address or register, in 16 hexadecimal digits. */
export const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0');

/** A number of bytes: 433 B, 4.8 MiB, 512 MiB. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 2 ** 20 ? [bytes / 1024, 'KiB'] : [bytes / 2 ** 20, 'MiB'];
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`;
}
