import { type PointerEvent, useEffect, useRef, useState } from 'react';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/browserFiles.ts';
import { useLab, useMachine, useSettings } from '../../lab/lab.ts';
import { axisHeight, drawPlot, plotColours } from './draw.ts';
import { describe, LaneLabels, Legend, ShareTable } from './Figures.tsx';
import { type Grouping, groupings } from './lanes.ts';
import { LivePlot, type Shown, sampleNs } from './livePlot.ts';
import { Scrub } from './Scrub.tsx';
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
  const [seconds, setSeconds] = useState(10);
  /** The virtual time at the right edge of a plot on hold. */
  const [held, setHeld] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useRef<LivePlot | null>(null);
  const epoch = useMachine((view) => view.epoch);

  // The past of another machine cannot be held.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new machine
  useEffect(() => setHeld(null), [epoch]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot reads the size of its type from the page's style
  useEffect(() => {
    if (!canvas.current) return;
    const plot = new LivePlot(machine, canvas.current, { grouping, seconds, held, theme }, setShown);
    live.current = plot;
    return () => plot.close();
  }, [machine, theme, type, grouping, seconds, held]);

  const point = (event: PointerEvent | null) => {
    const box = canvas.current?.getBoundingClientRect();
    live.current?.point(event && box ? (event.clientX - box.left) / box.width : null);
  };
  const savePng = () => {
    const plot = live.current?.plot;
    if (!plot) return;
    const picture = document.createElement('canvas');
    const size = { width: 1200, height: axisHeight + plot.lanes.length * 72, scale: 2 };
    Object.assign(picture, { width: size.width * size.scale, height: size.height * size.scale });
    const context = picture.getContext('2d');
    if (!context) return;
    drawPlot(context, { ...plot, cursor: null }, { ...size, labels: 128, colours: plotColours(theme) });
    picture.toBlob((blob) => blob && download('cpu.png', blob));
  };
  const saveCsv = async () => {
    const plot = live.current?.plot;
    if (!plot) return;
    const from = Math.max(0, plot.from);
    const to = Math.min(plot.to, held ?? machine.status?.sampled ?? plot.to);
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
          onChange={(event) => setSeconds(Number(event.target.value))}
        >
          {windows.map((each) => (
            <option key={each} value={each}>
              {each < 60 ? `${each} s` : `${each / 60} min`}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="quiet"
          aria-pressed={held !== null}
          onClick={() => setHeld(held === null ? (machine.status?.sampled ?? null) : null)}
        >
          {t('cpu.hold')}
        </button>
        <button type="button" className="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t('cpu.table')}
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
      <div className="plot" hidden={asTable}>
        <LaneLabels shown={shown} />
        <canvas
          ref={canvas}
          role="img"
          aria-label={describe(shown, t('cpu.plot', { seconds }))}
          onPointerMove={point}
          onPointerLeave={() => point(null)}
        />
      </div>
      <Scrub held={held} seconds={seconds} hold={setHeld} />
      {mode === 'xen' && <Legend lanes={shown?.lanes ?? []} />}
    </div>
  );
}
