import { useContext, useEffect, useState } from 'react';
import {
  type ExperimentStatus,
  formatValue,
  isWithin,
  type MeasuredFigure,
} from '../../../session/stories/experiment.ts';
import type { StoryName } from '../../../session/stories/stories.ts';
import { figureText } from '../../i18n/figures.ts';
import { useGuide } from '../../i18n/guide.ts';
import { LanguageContext } from '../../i18n/useTranslate.ts';
import { useXen, useXenLab } from '../../lab/lab.ts';
import { Plots } from './Plots.tsx';

/** What is measured in a story: each figure with its bounds, and its value once the machine has shown it. */
export function Figures({ name }: { readonly name: StoryName }) {
  const g = useGuide();
  const status = useExperiment(name);
  if (!status) return null;
  const { state, typed, error, figures, plots } = status;
  const hasPublished = figures.some(({ published }) => published);
  return (
    <>
      <h2>{g('stories.figures')}</h2>
      <p role="status">
        {state === 'running' && typed !== '' && (
          <>
            {g('stories.measures')} <code>{typed}</code>
          </>
        )}
        {state === 'done' && g(figures.every(isWithin) ? 'stories.holds' : 'stories.fails')}
        {error}
      </p>
      <div className="figures">
        <table aria-label={g('stories.figures')}>
          <thead>
            <tr>
              <th scope="col">{g('stories.figure')}</th>
              <th scope="col" className="figure">
                {g('stories.measured')}
              </th>
              <th scope="col" className="figure">
                {g('stories.bounds')}
              </th>
              {hasPublished && (
                <th scope="col" className="figure">
                  {g('stories.published')}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {figures.map((figure) => (
              <Row key={figure.id} name={name} figure={figure} hasPublished={hasPublished} />
            ))}
          </tbody>
        </table>
      </div>
      <Plots name={name} plots={plots} />
    </>
  );
}

interface RowProps {
  readonly name: StoryName;
  readonly figure: MeasuredFigure;
  /** Whether any figure of the story has been published by others. */
  readonly hasPublished: boolean;
}

function Row({ name, figure, hasPublished }: RowProps) {
  const g = useGuide();
  const { label, how } = figureText(useContext(LanguageContext), name, figure);
  const { value, unit, bounds, published } = figure;
  const [least, most] = bounds;
  return (
    <tr>
      <th scope="row" title={how}>
        {label}
      </th>
      <td className={value !== null && !isWithin(figure) ? 'figure fault' : 'figure'}>
        {value === null ? '–' : `${formatValue(value)} ${unit}`}
      </td>
      <td className="figure">
        {least === most
          ? `${formatValue(least)} ${unit}`
          : g('stories.range', { least: formatValue(least), most: formatValue(most), unit })}
      </td>
      {hasPublished && (
        <td className="figure" title={published?.source}>
          {published?.value}
        </td>
      )}
    </tr>
  );
}

/** Wall time between two looks while the machine runs, in milliseconds. */
const intervalMs = 300;

/** How far the experiment of a story is, followed while it is shown. Null if the story has none. */
function useExperiment(name: StoryName): ExperimentStatus | null {
  const { machine } = useXenLab();
  const epoch = useXen((view) => view.epoch);
  const [status, setStatus] = useState<ExperimentStatus | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hasLeft = false;
    const look = async () => {
      const found = await machine.look('experiment', { story: name });
      // Another epoch is another machine, with an experiment of its own.
      if (hasLeft || machine.view.epoch !== epoch) return;
      setStatus(found);
      if (found?.state === 'running') timer = setTimeout(() => void look(), intervalMs);
    };
    void look();
    return () => {
      hasLeft = true;
      clearTimeout(timer);
    };
  }, [machine, name, epoch]);
  return status;
}
