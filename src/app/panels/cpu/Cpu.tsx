import { type PointerEvent, useEffect, useRef, useState } from 'react';
import type { Utilisation } from '../../../session/api/hypervisor.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/browserFiles.ts';
import { useSettings, useXen, useXenLab } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/format.ts';
import { domainCss } from '../../xen/palette.ts';
import { axisHeight, drawPlot, type Frame, type Plot, plotColours } from './draw.ts';
import { type Grouping, groupings, type Lane, laneShare, lanesOf, share } from './lanes.ts';
import './cpu.css';

/** Windows of virtual time, in seconds. */
const windows = [1, 2, 5, 10, 30, 60, 120, 300, 600] as const;
/** Nanoseconds for which samples are kept. */
const keptNs = 600e9;
/** Nanoseconds between two of the finest samples. */
const sampleNs = 10e6;
/** Wall time between two changes of the figures: nobody reads faster. */
const figuresMs = 250;

const groupingWords: Readonly<Record<Grouping, PlainKey>> = {
  pcpu: 'cpu.byPcpu',
  domain: 'cpu.byDomain',
  vcpu: 'cpu.byVcpu',
};

/** What was drawn last, for the figures beside it. */
interface Shown {
  readonly lanes: readonly Lane[];
  readonly covered: Float64Array;
  readonly from: number;
  readonly to: number;
  /** The bucket under the pointer. */
  readonly bucket: number | null;
}

/** Who uses the pCPUs, now and up to ten minutes ago. */
export default function Cpu() {
  const t = useTranslate();
  const { machine } = useXenLab();
  const theme = useSettings((settings) => settings.theme);
  const [grouping, setGrouping] = useState<Grouping>('pcpu');
  const [seconds, setSeconds] = useState(10);
  /** The virtual time at the right edge of a plot on hold. */
  const [held, setHeld] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<number | null>(null);
  const redraw = useRef(() => {});
  const epoch = useXen((view) => view.epoch);

  // The past of another machine cannot be held.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new machine
  useEffect(() => setHeld(null), [epoch]);
  const last = useRef<Plot | null>(null);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const colours = plotColours(theme);
    let answer: Utilisation | null = null;
    let end = 0;
    let asked = '';
    let asking = false;
    let frame = 0;
    let said = 0;
    // The width of the panel, as the table may be in place of the canvas.
    const width = () => element.closest('.cpu')?.clientWidth ?? 0;
    const pcpus = () => machine.status?.machine.cpus ?? 4;
    const draw = () => {
      frame = 0;
      if (!answer) return;
      const lanes = lanesOf(answer, grouping, pcpus());
      // In the first seconds the plot fills from the left; then it scrolls.
      const from = Math.max(0, end - seconds * 1e9);
      const to = from + seconds * 1e9;
      const { covered, step } = answer;
      const at = cursor.current === null ? null : from + cursor.current * (to - from);
      const plot = { lanes, covered, bucketsFrom: answer.from, step, from, to, cursor: at };
      if (element.clientWidth > 0) drawPlot(context, plot, { ...sizeOf(element), labels: 0, colours });
      last.current = plot;
      if (at === null && performance.now() < said + figuresMs && machine.status?.state === 'running') return;
      said = performance.now();
      const bucket = at === null ? null : Math.floor((at - answer.from) / step);
      setShown({ lanes, covered, from, to: end, bucket });
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(draw);
    };
    const look = async () => {
      const sampled = machine.status?.hypervisor?.sampled;
      if (sampled === undefined || asking || width() === 0) return;
      const to = held ?? sampled;
      const buckets = Math.max(10, Math.min(Math.floor(width() / 2), (seconds * 1e9) / sampleNs));
      const request = { from: Math.max(0, to - seconds * 1e9), to, buckets };
      const key = `${to} ${buckets} ${machine.view.epoch}`;
      if (to <= 0 || key === asked) return;
      asked = key;
      asking = true;
      const utilisation = await machine.look('utilisation', request);
      asking = false;
      if (!utilisation) return;
      answer = utilisation;
      end = to;
      schedule();
    };
    redraw.current = schedule;
    const observer = new ResizeObserver(() => {
      schedule();
      void look();
    });
    observer.observe(element);
    const unsubscribe = machine.onChange(() => void look());
    void look();
    return () => {
      unsubscribe();
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [machine, theme, grouping, seconds, held]);

  const point = (event: PointerEvent | null) => {
    const box = canvas.current?.getBoundingClientRect();
    cursor.current = event && box ? (event.clientX - box.left) / box.width : null;
    redraw.current();
  };
  const savePng = () => {
    if (!last.current) return;
    const picture = document.createElement('canvas');
    const size = { width: 1200, height: axisHeight + last.current.lanes.length * 72, scale: 2 };
    Object.assign(picture, { width: size.width * size.scale, height: size.height * size.scale });
    const context = picture.getContext('2d');
    if (!context) return;
    drawPlot(context, { ...last.current, cursor: null }, { ...size, labels: 128, colours: plotColours(theme) });
    picture.toBlob((blob) => blob && download('cpu.png', blob));
  };
  const saveCsv = async () => {
    const plot = last.current;
    if (!plot) return;
    const from = Math.max(0, plot.from);
    const to = Math.min(plot.to, held ?? machine.status?.hypervisor?.sampled ?? plot.to);
    const buckets = Math.min(10_000, Math.max(1, Math.round((to - from) / sampleNs)));
    const table = await machine.look('utilisationCsv', { from, to, buckets });
    if (table !== null) download('cpu.csv', table);
  };

  return (
    <div className="cpu">
      <div className="bar" role="toolbar" aria-label={t('panel.cpu')}>
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
          onClick={() => setHeld(held === null ? (machine.status?.hypervisor?.sampled ?? null) : null)}
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
        <ul className="lane-labels">
          {shown?.lanes.map((lane) => (
            <li key={lane.key}>
              <span className="name">{lane.label}</span>
              <span className="figure">{laneFigure(lane, shown)} %</span>
            </li>
          ))}
        </ul>
        <canvas
          ref={canvas}
          role="img"
          aria-label={describe(shown, t('cpu.plot', { seconds }))}
          onPointerMove={point}
          onPointerLeave={() => point(null)}
        />
      </div>
      <Scrub held={held} seconds={seconds} hold={setHeld} />
      <Legend lanes={shown?.lanes ?? []} />
    </div>
  );
}

/** Gives a canvas as many pixels as it covers on the screen. */
function sizeOf(canvas: HTMLCanvasElement): Pick<Frame, 'width' | 'height' | 'scale'> {
  const scale = devicePixelRatio;
  const size = { width: canvas.clientWidth, height: canvas.clientHeight, scale };
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return size;
}

/**
 * The share of a lane: at the time under the pointer, or else over the last second, or over all of a shorter window.
 */
function laneFigure(lane: Lane, { covered, bucket, from, to }: Shown): string {
  if (bucket !== null) return laneShare(lane, covered, bucket, bucket + 1).toFixed(0);
  const recent = Math.ceil((covered.length * Math.min(1e9, to - from)) / (to - from));
  return laneShare(lane, covered, covered.length - recent).toFixed(0);
}

const describe = (shown: Shown | null, title: string): string =>
  shown ? `${title}: ${shown.lanes.map((lane) => `${lane.label} ${laneFigure(lane, shown)} %`).join(', ')}` : title;

interface ScrubProps {
  readonly held: number | null;
  readonly seconds: number;
  readonly hold: (to: number | null) => void;
}

/** Moves the plot back in virtual time. At the right end, the plot follows the machine again. */
function Scrub({ held, seconds, hold }: ScrubProps) {
  const t = useTranslate();
  // In tenths of a second, so that it is not drawn at each frame.
  const now = useXen((view) => Math.floor((view.status?.hypervisor?.sampled ?? 0) / 1e8) * 1e8);
  const oldest = Math.max(Math.min(seconds * 1e9, now), now - keptNs);
  const text = held === null ? t('cpu.live') : formatSeconds(held);
  return (
    <label className="scrub">
      <span>{t('cpu.until')}</span>
      <input
        type="range"
        // Before the window is full there is nothing to go back to, and the thumb stays at the right.
        disabled={oldest >= now}
        min={oldest >= now ? now - 1e9 : oldest}
        max={now}
        step={1e8}
        value={held ?? now}
        aria-valuetext={text}
        onChange={(event) => {
          const to = Number(event.target.value);
          hold(to >= now ? null : to);
        }}
      />
      <span className="figure">{text}</span>
    </label>
  );
}

function Legend({ lanes }: { readonly lanes: readonly Lane[] }) {
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
            {name}
          </li>
        ))}
    </ul>
  );
}

/** The figures of the plot as a table. */
function ShareTable({ shown: { lanes, covered, from, to } }: { readonly shown: Shown }) {
  const t = useTranslate();
  return (
    <div className="share-table figures">
      <table>
        <caption>{t('cpu.tableTitle', { from: formatSeconds(Math.max(0, from)), to: formatSeconds(to) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('cpu.lane')}</th>
            <th scope="col">{t('domains.name')}</th>
            <th scope="col">{t('domains.cpu')}</th>
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
