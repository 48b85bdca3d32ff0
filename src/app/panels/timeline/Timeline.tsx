import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { TraceFigures, TraceNames, TraceWait } from '../../../session/api/trace.ts';
import { download } from '../../lab/files/browserFiles.ts';
import { useLab, useMachine, useSettings } from '../../lab/lab.ts';
import { formatSize } from '../../machine/text/format.ts';
import { Empty } from '../../widgets/Empty.tsx';
import { Figures, Wait } from './Figures.tsx';
import { axisHeight, type Item, itemAt, neighbour } from './lanes.ts';
import { LiveTimeline, type Shown } from './live.ts';
import { SliceTable } from './SliceTable.tsx';
import { searchOf } from './search.ts';
import { around, formatMoment, moved, type Span, zoomed } from './span.ts';
import { useTexts } from './texts.ts';
import { useDomainNames } from './useDomainNames.ts';
import { describe, type Known, laneName } from './words.ts';
import './timeline.css';

/** Memory for the record. */
const limit = 192 * 2 ** 20;
const clickPx = 4;
const noNames: TraceNames = { exceptions: [], hypercalls: [] };

interface Drag {
  readonly x: number;
  readonly span: Span;
  /** The time where it began, if it selects. */
  readonly selects: number | null;
  moved: boolean;
}

/** The scheduling timeline: who ran where, who waited for what, and what happened meanwhile. */
export default function Timeline() {
  const x = useTexts();
  const { machine } = useLab();
  const state = useMachine((view) => view.status?.state ?? 'empty');
  const epoch = useMachine((view) => view.epoch);
  const hasMachine = state !== 'empty';
  const scheduler = useMachine((view) => view.status?.hypervisor?.scheduler ?? '');
  const canGo = useMachine((view) => (view.status?.time?.beginNs ?? null) !== null);
  const theme = useSettings((settings) => settings.theme);
  const type = useSettings((settings) => settings.type);
  const names = useDomainNames();
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useRef<LiveTimeline | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const drag = useRef<Drag | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [follows, setFollows] = useState(true);
  const [area, setArea] = useState<Span | null>(null);
  const [figures, setFigures] = useState<TraceFigures | null>(null);
  const [chosen, setChosen] = useState<Item | null>(null);
  const [cursor, setCursor] = useState<{ readonly lane: number; readonly time: number } | null>(null);
  const [wait, setWait] = useState<TraceWait | null>(null);
  const [of, setOf] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const [note, setNote] = useState('');
  const [traceNames, setTraceNames] = useState(noNames);

  const isBoard = shown?.window.shows === 'levels';
  const known: Known = useMemo(
    () => ({
      names: traceNames,
      isBoard,
      domainName: (domain) => names.get(domain)?.name ?? `d${domain}`,
      vcpuName: (id) =>
        id >>> 16 >= 0x7fff ? 'idle' : `${names.get(id >>> 16)?.name ?? `d${id >>> 16}`} v${id & 0xffff}`,
    }),
    [traceNames, isBoard, names],
  );
  const told = useMemo(
    () => ({
      area,
      chosen,
      cursor,
      theme,
      labelOf: (lane: Parameters<typeof laneName>[1]) => laneName(x, lane, known),
      about: (vcpu: number) => ({ name: known.vcpuName(vcpu), colour: names.get(vcpu >>> 16)?.colour ?? 7 }),
    }),
    [area, chosen, cursor, theme, x, known, names],
  );
  const latest = useRef(told);
  latest.current = told;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the size of the type is read from the page's style
  useEffect(() => live.current?.tell(told), [told, type]);

  // The record begins when the panel opens, and ends with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new machine
  useEffect(() => {
    const element = canvas.current;
    if (!hasMachine || !element) return;
    void machine.look('traceSchedule', { bytes: limit });
    void machine.look('traceNames').then((found) => found && setTraceNames(found));
    setChosen(null);
    setArea(null);
    setWait(null);
    const timeline = new LiveTimeline(machine, element, latest.current, setShown);
    live.current = timeline;
    setFollows(true);
    return () => {
      timeline.close();
      live.current = null;
      void machine.look('traceSchedule', { bytes: 0 });
    };
  }, [machine, epoch, hasMachine]);

  useEffect(() => {
    setFigures(null);
    if (!area || area.to <= area.from) return;
    let isStale = false;
    void machine.look('traceFigures', area).then((found) => {
      if (!isStale) setFigures(found);
    });
    return () => {
      isStale = true;
    };
  }, [machine, area]);

  const go = useCallback((span: Span | null) => {
    live.current?.go(span);
    setFollows(span === null);
  }, []);
  const spanNow = (): Span => live.current?.span ?? { from: 0, to: 1e8 };
  const fit = () => {
    const window = live.current?.window;
    if (area) go(around(area));
    else if (chosen && chosen.end > chosen.start) go(around({ from: chosen.start, to: chosen.end }));
    else if (window) go({ from: window.since, to: Math.max(window.since + 1000, window.now) });
  };

  const placeOf = ({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }) => {
    const box = canvas.current?.getBoundingClientRect();
    const timeline = live.current;
    if (!box || !timeline) return null;
    const y = clientY - box.top;
    const lane = timeline.lanes.findIndex(({ top, height, strip }) => y >= top && y < top + height + strip);
    return { lane, y, time: timeline.timeAt(clientX - box.left) };
  };
  const itemOf = (lane: number, time: number): Item | null => {
    const drawn = live.current?.lanes[lane];
    return drawn ? itemAt(drawn.lane, time, (live.current?.pixel ?? 0) * 4) : null;
  };
  const choose = (item: Item | null) => {
    setChosen(item);
    setWait(null);
    if (item?.kind === 'wait')
      void machine
        .look('waitAt', { vcpu: item.lane.id, time: (item.start + item.end) / 2 })
        .then((found) => setWait(found));
  };

  // React listens to the wheel passively, so that the page could scroll.
  useEffect(() => {
    const element = canvas.current;
    const turn = (event: WheelEvent) => {
      const timeline = live.current;
      const box = element?.getBoundingClientRect();
      if (!timeline || !box) return;
      event.preventDefault();
      const along = event.shiftKey ? event.deltaY : event.deltaX;
      if (along !== 0) go(moved(timeline.span, along / box.width));
      else {
        const { from, to } = timeline.span;
        go(
          zoomed(
            timeline.span,
            2 ** (event.deltaY / 240),
            (timeline.timeAt(event.clientX - box.left) - from) / (to - from),
          ),
        );
      }
    };
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [go]);

  const press = (event: PointerEvent<HTMLCanvasElement>) => {
    const place = placeOf(event);
    if (event.button !== 0 || !place) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const selects = event.shiftKey || place.y < axisHeight ? place.time : null;
    drag.current = { x: event.clientX, span: spanNow(), selects, moved: false };
  };
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const from = drag.current;
    const place = placeOf(event);
    if (!from || !place) return;
    const by = event.clientX - from.x;
    if (Math.abs(by) >= clickPx) from.moved = true;
    if (!from.moved) return;
    if (from.selects === null) go(moved(from.span, -by / event.currentTarget.clientWidth));
    else setArea({ from: Math.max(0, Math.min(from.selects, place.time)), to: Math.max(from.selects, place.time) });
  };
  const release = (event: PointerEvent<HTMLCanvasElement>) => {
    const place = placeOf(event);
    if (drag.current && !drag.current.moved && place && place.lane >= 0) {
      setCursor({ lane: place.lane, time: place.time });
      choose(itemOf(place.lane, place.time));
      // What was clicked is to stay in sight.
      if (follows) go(spanNow());
    }
    drag.current = null;
  };

  const moveCursor = (lanes: number, slices: -1 | 0 | 1) => {
    const timeline = live.current;
    if (!timeline || timeline.lanes.length === 0) return;
    if (follows) go(timeline.span);
    const { from, to } = timeline.span;
    const at = cursor ?? { lane: 0, time: (from + to) / 2 };
    const lane = Math.max(0, Math.min(timeline.lanes.length - 1, at.lane + lanes));
    let { time } = at;
    const drawn = timeline.lanes[lane];
    if (slices !== 0 && drawn) {
      const here = itemOf(lane, time);
      const next = neighbour(drawn.lane, slices < 0 ? (here?.start ?? time) : time, slices < 0);
      time = next ? next.start : Math.max(0, time + (slices * (to - from)) / 10);
      if (time < from || time > to) go(moved(timeline.span, slices / 2));
    }
    setCursor({ lane, time });
    choose(itemOf(lane, time));
  };
  const centre = (): number => {
    const { from, to } = spanNow();
    const at = cursor ? (cursor.time - from) / (to - from) : 0.5;
    return at >= 0 && at <= 1 ? at : 0.5;
  };
  const clear = () => {
    setArea(null);
    setChosen(null);
    setWait(null);
    setNote('');
  };
  const actions: Readonly<Record<string, () => void>> = {
    w: () => go(zoomed(spanNow(), 0.5, centre())),
    s: () => go(zoomed(spanNow(), 2, centre())),
    a: () => go(moved(spanNow(), -0.25)),
    d: () => go(moved(spanNow(), 0.25)),
    '+': () => go(zoomed(spanNow(), 0.5, centre())),
    '-': () => go(zoomed(spanNow(), 2, centre())),
    f: fit,
    m: () => chosen && setArea({ from: chosen.start, to: Math.max(chosen.end, chosen.start + 1) }),
    '/': () => searchField.current?.focus(),
    ArrowLeft: () => moveCursor(0, -1),
    ArrowRight: () => moveCursor(0, 1),
    ArrowUp: () => moveCursor(-1, 0),
    ArrowDown: () => moveCursor(1, 0),
    Enter: () => cursor && choose(itemOf(cursor.lane, cursor.time)),
    End: () => go(null),
    Escape: clear,
  };
  const key = (event: KeyboardEvent) => {
    const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
    const name = isFind ? '/' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = (event.ctrlKey || event.metaKey || event.altKey) && !isFind ? undefined : actions[name];
    if (!action || (name === 'Escape' && !area && !chosen && !wait)) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  const vcpus = (shown?.lanes ?? []).flatMap(({ lane }) =>
    lane.kind === 'vcpu' ? [{ id: lane.id, name: known.vcpuName(lane.id) }] : [],
  );
  const findLongest = async () => {
    const window = live.current?.window;
    if (!window) return;
    const part = area ?? { from: window.since, to: Number.MAX_SAFE_INTEGER };
    const found = await machine.look('longestWait', { ...part, vcpu: of });
    setNote(found ? '' : x('noWait'));
    if (!found) return;
    setChosen(null);
    setArea({ from: found.start, to: found.end });
    go(around({ from: found.start, to: found.end }));
    setWait(found);
  };
  const search = async (text: string, isBack: boolean) => {
    const meant = searchOf(text, vcpus, traceNames);
    const { from, to } = spanNow();
    const at = cursor && cursor.time >= from && cursor.time <= to ? cursor.time : from;
    const found = meant && (await machine.look('searchTrace', { ...meant, from: at, isBack }));
    setNote(found ? '' : x('notFound', { text }));
    if (!found) return;
    const length = to - from;
    go({ from: Math.max(0, found.start - length / 2), to: Math.max(0, found.start - length / 2) + length });
    const lane = live.current?.lanes.findIndex(({ lane: one }) => one.kind === found.kind && one.id === found.id) ?? 0;
    setCursor({ lane, time: found.start });
    const drawn = live.current?.lanes[lane];
    const { start, end, value, b } = found;
    const kind = meant.mark ? 'mark' : 'slice';
    if (drawn) choose({ kind, lane: drawn.lane, start, end, value, b, count: 1, mark: meant.mark });
  };
  const savePng = () => {
    const picture = document.createElement('canvas');
    const source = canvas.current;
    const context = picture.getContext('2d');
    if (!source || !context) return;
    Object.assign(picture, { width: source.clientWidth * 2, height: source.clientHeight * 2 });
    live.current?.drawOn(context, source.clientWidth, source.clientHeight, 2);
    picture.toBlob((blob) => blob && download('timeline.png', blob));
  };
  const save = async (format: 'perfetto' | 'csv') => {
    const file = await machine.look('traceFile', { format, span: area });
    if (file) download(format === 'csv' ? 'timeline.csv' : 'timeline.pftrace', file.bytes);
  };
  const span = shown?.span;
  const described = chosen ? describe(x, chosen, known) : '';
  const lane = chosen ? laneName(x, chosen, known) : '';

  return (
    <div className="timeline">
      {!hasMachine && <Empty text={x('empty')} />}
      <div className="bar" role="toolbar" aria-label={x('canvas', { from: '', to: '' })} hidden={!hasMachine}>
        <button type="button" className="quiet" aria-pressed={follows} onClick={() => go(follows ? spanNow() : null)}>
          {x('follow')}
        </button>
        <button type="button" className="quiet" title={x('fitHow')} onClick={fit}>
          {x('fit')}
        </button>
        <button type="button" className="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {x('table')}
        </button>
        <input
          ref={searchField}
          type="search"
          aria-label={x('search')}
          placeholder={x('searchHow')}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void search(event.currentTarget.value, event.shiftKey);
            if (event.key === 'Escape') canvas.current?.focus();
          }}
        />
        {!isBoard && (
          <>
            <select
              aria-label={x('longest')}
              value={of ?? ''}
              onChange={({ target }) => setOf(target.value === '' ? null : Number(target.value))}
            >
              <option value="">{x('ofAny')}</option>
              {vcpus.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
            <button type="button" className="quiet" onClick={() => void findLongest()}>
              {x('longest')}
            </button>
          </>
        )}
        <span className="space" />
        <button type="button" className="quiet" onClick={() => void save('perfetto')}>
          Perfetto
        </button>
        <button type="button" className="quiet" onClick={() => void save('csv')}>
          CSV
        </button>
        <button type="button" className="quiet" onClick={savePng}>
          PNG
        </button>
      </div>
      <div className="scroll" hidden={!hasMachine}>
        {asTable && shown && <SliceTable shown={shown} area={area} known={known} />}
        <canvas
          ref={canvas}
          hidden={asTable}
          role="slider"
          tabIndex={0}
          aria-label={x('canvas', { from: formatMoment(span?.from ?? 0), to: formatMoment(span?.to ?? 0) })}
          aria-description={x('keys')}
          aria-valuemin={(span?.from ?? 0) / 1e9}
          aria-valuemax={(span?.to ?? 0) / 1e9}
          aria-valuenow={(cursor?.time ?? span?.to ?? 0) / 1e9}
          aria-valuetext={formatMoment(cursor?.time ?? span?.to ?? 0)}
          onPointerDown={press}
          onPointerMove={move}
          onPointerUp={release}
          onPointerCancel={() => {
            drag.current = null;
          }}
          onKeyDown={key}
        />
      </div>
      <div className="about" hidden={!hasMachine}>
        <p className="for-screen-readers" aria-live="polite">
          {chosen && `${lane}: ${described}`}
        </p>
        {note !== '' && <p role="status">{note}</p>}
        {chosen && chosen.kind !== 'nothing' && (
          <section aria-label={x('details')}>
            <p>
              <strong>{lane}</strong> {described}
            </p>
            <p>
              <button
                type="button"
                disabled={!canGo}
                title={canGo ? undefined : x('cannotGo')}
                onClick={() => void machine.travel('goToTime', { ns: chosen.start })}
              >
                {x('goTo')}
              </button>{' '}
              {chosen.end > chosen.start && (
                <button type="button" onClick={() => setArea({ from: chosen.start, to: chosen.end })}>
                  {x('select')}
                </button>
              )}{' '}
              {!canGo && <span className="muted">{x('cannotGo')}</span>}
            </p>
          </section>
        )}
        {wait && <Wait wait={wait} known={known} scheduler={scheduler} />}
        {figures && <Figures figures={figures} known={known} />}
        {shown && !wait && !figures && (
          <p className="muted">
            {x('selectHow')}{' '}
            {x('record', {
              events: shown.window.events.toLocaleString('en'),
              size: formatSize(shown.window.bytes),
              limit: formatSize(shown.window.limit),
              since: formatMoment(shown.window.since),
            })}
          </p>
        )}
      </div>
    </div>
  );
}
