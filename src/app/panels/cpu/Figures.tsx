import { Term } from '../../guide/Term.tsx';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { formatSeconds, formatShare } from '../../machine/text/format.ts';
import { domainCss } from '../../xen/palette.ts';
import { domainsOf, type Lane, laneShare, type Part, share } from './lanes.ts';
import type { Shown } from './livePlot.ts';

/**
 * The share of a lane: at the time under the pointer, or else over the last second, or over all of a shorter window.
 */
function laneFigure(lane: Lane, { covered, bucket, from, to }: Shown): string {
  if (bucket !== null) return formatShare(laneShare(lane, covered, bucket, bucket + 1));
  const recent = Math.ceil((covered.length * Math.min(1e9, to - from)) / (to - from));
  return formatShare(laneShare(lane, covered, covered.length - recent));
}

/** The figures of a plot in words, for screen readers. */
export const describe = (shown: Shown | null, title: string): string =>
  shown ? `${title}: ${shown.lanes.map((lane) => `${lane.label} ${laneFigure(lane, shown)}`).join(', ')}` : title;

/** The names of the lanes, with their shares. */
export function LaneLabels({ shown }: { readonly shown: Shown | null }) {
  return (
    <ul className="lane-labels">
      {shown?.lanes.map((lane) => (
        <li key={lane.key}>
          <span className="name" title={lane.label}>
            {lane.label}
          </span>
          <span className="figure">{laneFigure(lane, shown)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The colours of the domains. */
export function Legend({ lanes }: { readonly lanes: readonly Lane[] }) {
  const t = useTranslate();
  return (
    <ul className="legend" aria-label={t('cpu.legend')}>
      {domainsOf(lanes).map((part) => (
        <li key={part.domain}>
          <Swatch part={part} />
          {part.domain < 0 ? <Term word="el2">{part.name}</Term> : part.name}
        </li>
      ))}
    </ul>
  );
}

/** The colour of a domain, or of Xen. */
const Swatch = ({ part: { domain, colour } }: { readonly part: Part }) => (
  <span
    className="swatch"
    aria-hidden="true"
    style={{ background: domain < 0 ? 'var(--text)' : domainCss(colour), borderColor: 'transparent' }}
  />
);

/** What is at the place that is pointed at: the time, and who used the lane. */
export function Tip({ shown, seconds }: { readonly shown: Shown; readonly seconds: number }) {
  const { lanes, covered, from, place, bucket } = shown;
  const t = useTranslate();
  const lane = lanes[place?.lane ?? 0];
  if (!place || bucket === null || !lane || !((covered[bucket] ?? 0) > 0)) return null;
  const at = (place.time - from) / (seconds * 1e9);
  const used = lane.parts.filter(({ busy }) => (busy[bucket] ?? 0) > 0);
  return (
    <div
      className="tip"
      style={{
        [at < 0.5 ? 'left' : 'right']: `calc(${(at < 0.5 ? at : 1 - at) * 100}% + 8px)`,
        top: `calc((100% - var(--axis)) * ${place.lane / lanes.length} + 4px)`,
      }}
    >
      <strong>
        {lane.label} · {formatSeconds(place.time)}
      </strong>
      <ul>
        {used.toReversed().map((part) => (
          <li key={part.domain}>
            <Swatch part={part} />
            <span className="name">{part.name}</span>
            <span className="figure">{formatShare(share(part, covered, bucket, bucket + 1))}</span>
          </li>
        ))}
        {used.length === 0 && <li>{t('cpu.idle')}</li>}
      </ul>
    </div>
  );
}

/** What is at the place that is pointed at, in words for screen readers. */
export function describePlace({ lanes, covered, place, bucket }: Shown): string {
  const lane = lanes[place?.lane ?? 0];
  if (!place || bucket === null || !lane) return '';
  const parts = lane.parts.map((part) => `${part.name} ${formatShare(share(part, covered, bucket, bucket + 1))}`);
  return [formatSeconds(place.time), lane.label, ...parts].join(', ');
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
