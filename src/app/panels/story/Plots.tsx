import { useContext } from 'react';
import { formatValue, type MeasuredPlot } from '../../../session/stories/experiment.ts';
import type { StoryName } from '../../../session/stories/stories.ts';
import { figureText, plotWord } from '../../i18n/figures.ts';
import { useGuide } from '../../i18n/guide.ts';
import type { GuideKey } from '../../i18n/guideEn.ts';
import { LanguageContext } from '../../i18n/useTranslate.ts';
import { domainColour } from '../../xen/palette.ts';

const width = 320;
const height = 96;
const axes = { hour: 'stories.hour', domains: 'stories.domains' } as const satisfies Record<
  Extract<MeasuredPlot['x'], string>,
  GuideKey
>;
/** Lines differ by more than their colour. */
const dashes = ['', '6 3', '2 2', '8 2 2 2'];

/** What an experiment has measured along something, as lines or bars; plots that have no points yet are not there. */
export function Plots({ name, plots }: { readonly name: StoryName; readonly plots: readonly MeasuredPlot[] }) {
  const language = useContext(LanguageContext);
  const shown = plots.filter(({ lines }) => lines.length > 0);
  const names = [...new Set(shown.flatMap(({ lines }) => lines.map((line) => line.name)))];
  if (shown.length === 0) return null;
  return (
    <>
      <ul className="legend">
        {names.map((line, index) => (
          <li key={line}>
            <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
              <line x1="0" y1="4" x2="24" y2="4" {...stroke(index)} />
            </svg>{' '}
            {plotWord(language, line)}
          </li>
        ))}
      </ul>
      <div className="plots">
        {shown.map((plot) => (
          <PlotFigure key={plot.id} name={name} plot={plot} names={names} />
        ))}
      </div>
    </>
  );
}

const stroke = (index: number) => ({
  stroke: domainColour(index + 1),
  strokeWidth: 2,
  strokeDasharray: dashes[index % dashes.length],
  fill: 'none',
});

interface PlotProps {
  readonly name: StoryName;
  readonly plot: MeasuredPlot;
  readonly names: readonly string[];
}

function PlotFigure({ name, plot, names }: PlotProps) {
  const g = useGuide();
  const { lines, unit, x } = plot;
  const language = useContext(LanguageContext);
  const { label } = figureText(language, name, { ...plot, how: '' });
  const top = Math.max(...lines.flatMap((line) => line.points.map(([, y]) => y)), 0) || 1;
  const most = lines
    .map((line) =>
      `${plotWord(language, line.name)} ${formatValue(Math.max(...line.points.map(([, y]) => y)))} ${unit}`.trim(),
    )
    .join(', ');
  return (
    <figure>
      <figcaption>
        {label} <span className="muted">{g('stories.upTo', { value: `${formatValue(top)} ${unit}`.trim() })}</span>
      </figcaption>
      <svg
        viewBox={`0 -2 ${width} ${height + 4}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={g('stories.most', { label, most })}
      >
        {typeof x === 'string' ? (
          <Lines plot={plot} names={names} top={top} />
        ) : (
          <Bars plot={plot} names={names} top={top} groups={x.length} />
        )}
      </svg>
      <p className={typeof x === 'string' ? 'axis' : 'axis groups'} aria-hidden="true">
        {typeof x === 'string' ? (
          <>
            <span>0</span>
            <span>{g(axes[x])}</span>
            <span>{endOf(plot)}</span>
          </>
        ) : (
          x.map((group) => <span key={group}>{plotWord(language, group)}</span>)
        )}
      </p>
    </figure>
  );
}

interface Drawn {
  readonly plot: MeasuredPlot;
  /** All lines of the story, in the order of the legend. */
  readonly names: readonly string[];
  /** The largest value. */
  readonly top: number;
}

const endOf = ({ lines }: MeasuredPlot): number =>
  Math.max(...lines.flatMap(({ points }) => points.map(([at]) => at)), 1);

function Lines({ plot, names, top }: Drawn) {
  const end = endOf(plot);
  const place = ([at, y]: readonly [number, number]): string => `${(at / end) * width},${height - (y / top) * height}`;
  return plot.lines.map((line) => (
    <polyline key={line.name} points={line.points.map(place).join(' ')} {...stroke(names.indexOf(line.name))} />
  ));
}

/** A group of bars at each place, on a logarithmic axis from 1 to the power of ten above the largest value. */
function Bars({ plot, names, top, groups }: Drawn & { readonly groups: number }) {
  const language = useContext(LanguageContext);
  const decades = Math.max(1, Math.ceil(Math.log10(top)));
  const room = width / groups;
  const bar = (room * 0.8) / plot.lines.length;
  return plot.lines.flatMap((line, index) =>
    line.points.map(([at, y]) => {
      const tall = Math.max(1, (Math.log10(Math.max(y, 1)) / decades) * height);
      const left = (at + 0.1) * room + index * bar;
      return (
        <rect
          key={`${line.name} ${at}`}
          x={left}
          y={height - tall}
          width={bar * 0.85}
          height={tall}
          fill={domainColour(names.indexOf(line.name) + 1)}
        >
          <title>{`${plotWord(language, line.name)}: ${formatValue(y)} ${plot.unit}`}</title>
        </rect>
      );
    }),
  );
}
