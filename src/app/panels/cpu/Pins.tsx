import type { Utilisation } from '../../../session/api/hypervisor.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { formatSeconds } from '../../machine/text/format.ts';
import type { Mark } from './draw.ts';
import { type Grouping, lanesOf, share } from './lanes.ts';

/** The figures of a moment: those of the second before it. */
export interface Pin extends Mark {
  readonly utilisation: Utilisation;
}

/** Adds a pin; there are at most two, and the later one is given up for a third. */
export function pinned(pins: readonly Pin[], time: number, utilisation: Utilisation): Pin[] {
  const [first] = pins;
  return first ? [first, { letter: 'B', time, utilisation }] : [{ letter: 'A', time, utilisation }];
}

/** A row of the comparison: what a domain used of a lane at each pin, in per cent of a pCPU. */
export interface Compared {
  readonly lane: string;
  readonly domain: string;
  readonly shares: readonly number[];
}

/** Who used what at the pins, in the order of the lanes; who used nothing is left out. */
export function compare(pins: readonly Pin[], grouping: Grouping, pcpus: number): Compared[] {
  const rows = new Map<string, { lane: string; domain: string; shares: number[] }>();
  pins.forEach(({ utilisation }, index) => {
    for (const lane of lanesOf(utilisation, grouping, pcpus))
      for (const part of lane.parts) {
        const key = `${lane.label} ${part.name}`;
        const row = rows.get(key) ?? { lane: lane.label, domain: part.name, shares: pins.map(() => 0) };
        row.shares[index] = share(part, utilisation.covered);
        rows.set(key, row);
      }
  });
  const used = [...rows.values()].filter(({ shares }) => shares.some((each) => each >= 0.05));
  return used.sort((a, b) => a.lane.localeCompare(b.lane, 'en', { numeric: true }));
}

const signed = (value: number): string => {
  const figure = Math.abs(value).toFixed(1);
  return `${figure === '0.0' ? '' : value > 0 ? '+' : '−'}${figure}`;
};

interface PinsProps {
  readonly pins: readonly Pin[];
  readonly grouping: Grouping;
  readonly pcpus: number;
  readonly clear: () => void;
}

/** The figures of two moments side by side. */
export function Pins({ pins, grouping, pcpus, clear }: PinsProps) {
  const t = useTranslate();
  const [a, b] = pins;
  if (!a) return null;
  return (
    <div className="pins figures">
      <table>
        <caption>
          {b ? t('cpu.pinsCompared') : t('cpu.pinsFirst')}
          <button type="button" className="quiet" onClick={clear}>
            {t('cpu.unpin')}
          </button>
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('cpu.lane')}</th>
            <th scope="col">{t('domains.name')}</th>
            {pins.map(({ letter, time }) => (
              <th key={letter} scope="col" className="figure">
                {letter}: {formatSeconds(time)}
              </th>
            ))}
            {b && (
              <th scope="col" className="figure">
                B − A
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {compare(pins, grouping, pcpus).map(({ lane, domain, shares }) => (
            <tr key={`${lane} ${domain}`}>
              <th scope="row">{lane}</th>
              <td>{domain}</td>
              {pins.map(({ letter }, index) => (
                <td key={letter} className="figure">
                  {(shares[index] ?? 0).toFixed(1)} %
                </td>
              ))}
              {b && <td className="figure">{signed((shares[1] ?? 0) - (shares[0] ?? 0))} %</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
