import { useEffect, useId, useRef, useState } from 'react';
import { type Difference, differenceOf, differences } from '../../../session/comparison/differences.ts';
import { type ExperimentStatus, formatValue } from '../../../session/stories/experiment.ts';
import { useGuide } from '../../i18n/guide.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useDom0Files, useDomains, useXenLab } from '../../lab/lab.ts';
import { measureBeside } from '../../xen/comparison.ts';
import './comparison.css';

const durations = [1, 5, 30] as const;
const configOf = (domain: string): string => `/etc/xen/${domain}.cfg`;

interface Progress {
  /** Which one runs. */
  readonly side: 'model' | 'binary' | null;
  readonly model: ExperimentStatus | null;
  readonly binary: ExperimentStatus | null;
  readonly error: string | null;
}
const nothing: Progress = { side: null, model: null, binary: null, error: null };

/** The same domains on the model of Xen and on the real one, and what each got there. */
export default function Comparison() {
  const g = useGuide();
  const id = useId();
  const { machine } = useXenLab();
  const paths = useDom0Files((files) => files);
  const domains = useDomains((all) => all).filter(({ name }) => paths.some(({ path }) => path === configOf(name)));
  const [seconds, setSeconds] = useState<number>(5);
  const [progress, setProgress] = useState(nothing);
  const run = useRef<AbortController | null>(null);
  useEffect(() => () => run.current?.abort(), []);

  const compare = async (): Promise<void> => {
    const controller = new AbortController();
    const { signal } = controller;
    run.current = controller;
    const request = { configs: domains.map(({ name }) => configOf(name)), seconds };
    setProgress(nothing);
    try {
      for (const side of ['binary', 'model'] as const) {
        setProgress((before) => ({ ...before, side }));
        const seen = (status: ExperimentStatus) => setProgress((before) => ({ ...before, [side]: status }));
        await measureBeside(machine, side === 'binary', request, seen, signal);
      }
      setProgress((before) => ({ ...before, side: null }));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) setProgress((before) => ({ ...before, side: null, error: text }));
    }
  };
  const stop = (): void => {
    run.current?.abort();
    setProgress((before) => ({ ...before, side: null }));
  };

  const { side, model, binary, error } = progress;
  const shown = model ?? binary;
  const rows = shown ? differences(model ?? shown, binary).map((row) => (model ? row : { ...row, model: null })) : [];
  return (
    <div className="comparison">
      <p>{g('comparison.about')}</p>
      <p>
        {domains.map(({ name }) => (
          <span key={name} className="name">
            <DomainSwatch domain={name} /> {name}
          </span>
        ))}
        {domains.length === 0 && <span className="muted">{g('comparison.none')}</span>}
      </p>
      <p>
        <label htmlFor={id}>{g('comparison.seconds')}</label>{' '}
        <select id={id} value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
          {durations.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>{' '}
        <button
          type="button"
          aria-disabled={domains.length === 0 && side === null}
          data-takes-focus=""
          onClick={() => (side !== null ? stop() : domains.length > 0 && void compare())}
        >
          {g(side === null ? 'comparison.run' : 'comparison.stop')}
        </button>
      </p>
      <p role="status">
        {side !== null && g(side === 'model' ? 'comparison.onModel' : 'comparison.onBinary')}{' '}
        {side !== null && <code>{progress[side]?.typed}</code>}
        {error ?? model?.error ?? binary?.error}
      </p>
      {rows.length > 0 && <Table rows={rows} />}
    </div>
  );
}

function Table({ rows }: { readonly rows: readonly Difference[] }) {
  const g = useGuide();
  const value = (number: number | null, unit: string): string =>
    number === null ? '–' : `${formatValue(number)} ${unit}`;
  return (
    <div className="figures">
      <table aria-label={g('comparison.table')}>
        <thead>
          <tr>
            <th scope="col">{g('comparison.domain')}</th>
            <th scope="col">{g('stories.figure')}</th>
            <th scope="col" className="figure">
              {g('comparison.model')}
            </th>
            <th scope="col" className="figure">
              {g('comparison.binary')}
            </th>
            <th scope="col" className="figure">
              {g('comparison.difference')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={`${row.domain} ${row.quantity}`}>
              <th scope="row">{rows[i - 1]?.domain === row.domain ? '' : row.domain}</th>
              <td>{g(`comparison.${row.quantity}`)}</td>
              <td className="figure">{value(row.model, row.unit)}</td>
              <td className="figure">{value(row.binary, row.unit)}</td>
              <td className="figure">{differenceOf(row) ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
