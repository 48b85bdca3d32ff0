import { Term } from '../../guide/Term.tsx';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { formatSeconds } from '../../machine/format.ts';
import { domainCss } from '../../xen/palette.ts';
import { type Lane, laneShare, share } from './lanes.ts';
import type { Shown } from './livePlot.ts';

/**
 * The share of a lane: at the time under the pointer, or else over the last second, or over all of a shorter window.
 */
function laneFigure(lane: Lane, { covered, bucket, from, to }: Shown): string {
  if (bucket !== null) return laneShare(lane, covered, bucket, bucket + 1).toFixed(0);
  const recent = Math.ceil((covered.length * Math.min(1e9, to - from)) / (to - from));
  return laneShare(lane, covered, covered.length - recent).toFixed(0);
}

/** The figures of a plot in words, for screen readers. */
export const describe = (shown: Shown | null, title: string): string =>
  shown ? `${title}: ${shown.lanes.map((lane) => `${lane.label} ${laneFigure(lane, shown)} %`).join(', ')}` : title;

/** The names of the lanes, with their shares. */
export function LaneLabels({ shown }: { readonly shown: Shown | null }) {
  return (
    <ul className="lane-labels">
      {shown?.lanes.map((lane) => (
        <li key={lane.key}>
          <span className="name" title={lane.label}>
            {lane.label}
          </span>
          <span className="figure">{laneFigure(lane, shown)} %</span>
        </li>
      ))}
    </ul>
  );
}

/** The colours of the domains. */
export function Legend({ lanes }: { readonly lanes: readonly Lane[] }) {
  const t = useTranslate();
  const parts = new Map(lanes.flatMap((lane) => lane.parts.map((part) => [part.domain, part] as const)));
  return (
    <ul className="legend" aria-label={t('cpu.legend')}>
      {[...parts.values()]
        .sort((a, b) => (a.domain < 0 ? 1 : b.domain < 0 ? -1 : a.domain - b.domain))
        .map(({ domain, name, colour }) => (
          <li key={domain}>
            <span
              className="swatch"
              aria-hidden="true"
              style={{ background: domain < 0 ? 'var(--text)' : domainCss(colour), borderColor: 'transparent' }}
            />
            {domain < 0 ? <Term word="el2">{name}</Term> : name}
          </li>
        ))}
    </ul>
  );
}

/** The figures of the plot as a table. */
export function ShareTable({ shown: { lanes, covered, from, to } }: { readonly shown: Shown }) {
  const t = useTranslate();
  return (
    <div className="share-table figures">
      <table>
        <caption>{t('cpu.tableTitle', { from: formatSeconds(Math.max(0, from)), to: formatSeconds(to) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('cpu.lane')}</th>
            <th scope="col">{t('domains.name')}</th>
            <th scope="col" className="figure">
              {t('domains.cpu')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lanes.flatMap((lane) =>
            (lane.parts.length > 0 ? lane.parts : [null]).map((part) => (
              <tr key={`${lane.key} ${part?.domain}`}>
                <th scope="row">{lane.label}</th>
                <td>{part?.name ?? t('cpu.idle')}</td>
                <td className="figure">{part ? share(part, covered).toFixed(1) : '0.0'} %</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
