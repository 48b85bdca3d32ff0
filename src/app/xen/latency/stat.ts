/** A time as a person would say it: 4.1 µs, 38 µs, 30.2 ms, 1.2 s. */
export function formatMicroseconds(us: number): string {
  const [value, unit] = us < 1000 ? [us, 'µs'] : us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${value >= 100 || (value >= 10 && unit === 'µs') ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}
