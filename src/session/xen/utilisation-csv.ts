import type { Utilisation, UtilisationSeries } from '../api/hypervisor.ts';

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const titleOf = ({ pcpu, kind, name, domain, vcpu }: UtilisationSeries): string =>
  quoted(`${kind === 'vcpu' ? `CPU${pcpu} ${name} (d${domain}v${vcpu})` : `CPU${pcpu} ${kind}`} [ns]`);

/**
 * A table with a line for each bucket: when the bucket begins and how much of it was sampled, in seconds; then the time
 * of each series, in nanoseconds. Each title ends in its unit.
 */
export function utilisationCsv({ from, step, buckets, covered, series }: Utilisation): string {
  const lines = [['begin [s]', 'sampled [s]', ...series.map(titleOf)].join(',')];
  for (let i = 0; i < buckets; i++) {
    const begin = (from + i * step) / 1e9;
    const sampled = (covered[i] as number) / 1e9;
    lines.push(
      [begin.toFixed(2), sampled.toFixed(2), ...series.map(({ busy }) => Math.round(busy[i] as number))].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}
