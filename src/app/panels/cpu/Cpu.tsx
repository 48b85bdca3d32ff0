import { useEffect, useRef, useState } from 'react';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/files/browserFiles.ts';
import { useLab, useMachine, useSettings } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/text/format.ts';
import { Legend, ShareTable } from './Figures.tsx';
import { type Grouping, groupings } from './lanes.ts';
import { LivePlot, type Place, type PlotOptions, type Shown, sampleNs } from './livePlot.ts';
import { type Pin, Pins, pinned } from './Pins.tsx';
import { Plot } from './Plot.tsx';
import { pictureOf } from './picture.ts';
import { Scrub } from './Scrub.tsx';
import { TimeBar } from './TimeBar.tsx';
import { usual } from './window.ts';
import './cpu.css';

/** Windows of virtual time, in seconds. */
const windows = [1, 2, 5, 10, 30, 60, 120, 300, 600] as const;
const groupingWords: Readonly<Record<Grouping, PlainKey>> = {
  pcpu: 'cpu.byPcpu',
  domain: 'cpu.byDomain',
  vcpu: 'cpu.byVcpu',
};

/** Who uses the pCPUs, now and up to ten minutes ago. */
export default function Cpu() {
  const t = useTranslate();
  const { machine, mode } = useLab();
  const theme = useSettings((settings) => settings.theme);
  const type = useSettings((settings) => settings.type);
  const [grouping, setGrouping] = useState<Grouping>('pcpu');
  const [window, setWindow] = useState(usual);
  const [chosen, setChosen] = useState<Place | null>(null);
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const [asTable, setAsTable] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useRef<LivePlot | null>(null);
  const epoch = useMachine((view) => view.epoch);
  const pcpus = useMachine((view) => view.status?.machine.cpus ?? 4);
  const { seconds, held } = window;

  // The past of another machine cannot be held.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new machine
  useEffect(() => {
    setWindow((last) => ({ ...last, held: null }));
    setChosen(null);
    setPins([]);
  }, [epoch]);

  const options: PlotOptions = { grouping, window, theme, marks: pins };
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (!canvas.current) return;
    const plot = new LivePlot(machine, canvas.current, latest.current, setShown);
    live.current = plot;
    return () => plot.close();
  }, [machine]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot reads the size of its type from the page's style
  useEffect(
    () => live.current?.change({ grouping, window, theme, marks: pins }),
    [grouping, window, theme, type, pins],
  );

  /** Where the plot ends: at the machine's time, or where it is held. */
  const end = (): number => held ?? machine.status?.sampled ?? 0;
  const pin = async () => {
    const time = chosen?.time ?? end();
    const from = Math.max(0, time - 1e9);
    const utilisation = time > from ? await machine.look('utilisation', { from, to: time, buckets: 10 }) : null;
    if (utilisation) setPins((last) => pinned(last, time, utilisation));
  };
  const savePng = () => {
    const plot = live.current?.plot;
    if (!plot) return;
    const title = t('cpu.tableTitle', { from: formatSeconds(plot.from), to: formatSeconds(Math.min(plot.to, end())) });
    pictureOf(plot, title, theme)?.toBlob((blob) => blob && download('cpu.png', blob));
  };
  const saveCsv = async () => {
    const plot = live.current?.plot;
    if (!plot) return;
    const from = Math.max(0, plot.from);
    const to = Math.min(plot.to, end());
    const buckets = Math.min(10_000, Math.max(1, Math.round((to - from) / sampleNs)));
    const table = await machine.look('utilisationCsv', { from, to, buckets });
    if (table !== null) download('cpu.csv', table);
  };

  return (
    <div className="cpu">
      <div className="bar" role="toolbar" aria-label={t('panel.cpu')}>
        {mode === 'xen' && (
          <select
            aria-label={t('cpu.grouping')}
            value={grouping}
            onChange={(event) => setGrouping(groupings.find((each) => each === event.target.value) ?? 'pcpu')}
          >
            {groupings.map((each) => (
              <option key={each} value={each}>
                {t(groupingWords[each])}
              </option>
            ))}
          </select>
        )}
        <select
          aria-label={t('cpu.window')}
          value={seconds}
          onChange={(event) => setWindow({ seconds: Number(event.target.value), held })}
        >
          {[...new Set([...windows, seconds])]
            .sort((a, b) => a - b)
            .map((each) => (
              <option key={each} value={each}>
                {each < 60 || each % 60 !== 0 ? `${each} s` : `${each / 60} min`}
              </option>
            ))}
        </select>
        <button
          type="button"
          className="quiet"
          aria-pressed={held !== null}
          onClick={() => setWindow({ seconds, held: held === null ? end() : null })}
        >
          {t('cpu.hold')}
        </button>
        <button type="button" className="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t('cpu.table')}
        </button>
        <button type="button" className="quiet" title={t('cpu.pinHint')} onClick={() => void pin()}>
          {t('cpu.pin')}
        </button>
        <span className="space" />
        <button type="button" className="quiet" onClick={() => void saveCsv()}>
          CSV
        </button>
        <button type="button" className="quiet" onClick={savePng}>
          PNG
        </button>
      </div>
      {asTable && shown && <ShareTable shown={shown} />}
      <TimeBar />
      <Plot
        canvas={canvas}
        live={live}
        shown={shown}
        window={window}
        change={setWindow}
        chosen={chosen}
        choose={setChosen}
        pin={() => void pin()}
        hidden={asTable}
      />
      <Scrub held={held} seconds={seconds} hold={(to) => setWindow({ seconds, held: to })} />
      <Pins pins={pins} grouping={grouping} pcpus={pcpus} clear={() => setPins([])} />
      {mode === 'xen' && <Legend lanes={shown?.lanes ?? []} />}
    </div>
  );
}
