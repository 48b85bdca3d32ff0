import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';
import { describe, describePlace, LaneLabels, Tip } from './Figures.tsx';
import { type LivePlot, type Place, type Shown, sampleNs } from './livePlot.ts';
import { edgesOf, pan, type TimeWindow, usual, zoom } from './window.ts';

/** So far the pointer may move in a click, in px. */
const clickPx = 4;

interface PlotProps {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly live: RefObject<LivePlot | null>;
  readonly shown: Shown | null;
  readonly window: TimeWindow;
  readonly change: (window: TimeWindow) => void;
  /** The place that was clicked, or reached by arrow keys; it is pointed at while the pointer is elsewhere. */
  readonly chosen: Place | null;
  readonly choose: (place: Place | null) => void;
  readonly pin: () => void;
  readonly hidden: boolean;
}

/**
 * The lanes: the wheel zooms, dragging moves the window, a click chooses a moment, a double click returns to the usual
 * window. The same by keys: plus, minus, Page Up, Page Down, arrows and Escape.
 */
export function Plot({ canvas, live, shown, window, change, chosen, choose, pin, hidden }: PlotProps) {
  const t = useTranslate();
  const { machine } = useLab();
  const drag = useRef<{ readonly x: number; readonly window: TimeWindow; moved: boolean } | null>(null);
  const now = (): number => machine.status?.sampled ?? 0;

  useEffect(() => live.current?.point(chosen), [chosen, live]);

  const placeOf = ({ clientX, clientY }: { clientX: number; clientY: number }): Place | null => {
    const plot = live.current?.plot;
    const box = canvas.current?.getBoundingClientRect();
    if (!plot || !box || box.width === 0) return null;
    const lane = Math.floor(((clientY - box.top) / box.height) * plot.lanes.length);
    return {
      time: Math.min(now(), plot.from + ((clientX - box.left) / box.width) * (plot.to - plot.from)),
      lane: Math.max(0, Math.min(lane, plot.lanes.length - 1)),
    };
  };

  // React listens to the wheel passively, so that the page could scroll.
  useEffect(() => {
    const element = canvas.current;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const box = element?.getBoundingClientRect();
      if (!box) return;
      const time = machine.status?.sampled ?? 0;
      const along = event.shiftKey ? event.deltaY : event.deltaX;
      if (along !== 0) change(pan(window, along / box.width, time));
      else {
        // A plot that follows the running machine goes on following it.
        const follows = window.held === null && machine.status?.state === 'running';
        change(zoom(window, 2 ** (event.deltaY / 240), follows ? 1 : (event.clientX - box.left) / box.width, time));
      }
    };
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [canvas, machine, window, change]);

  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const from = drag.current;
    if (!from) return live.current?.point(placeOf(event));
    const by = event.clientX - from.x;
    if (Math.abs(by) >= clickPx) from.moved = true;
    if (from.moved) change(pan(from.window, -by / event.currentTarget.clientWidth, now()));
  };
  const press = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    // The machine may run on: what is dragged is what was seen.
    drag.current = { x: event.clientX, window: { ...window, held: window.held ?? now() }, moved: false };
  };
  const release = (event: PointerEvent<HTMLCanvasElement>) => {
    if (drag.current && !drag.current.moved && event.type === 'pointerup') choose(placeOf(event));
    drag.current = null;
  };

  const edges = edgesOf(window, now());
  const reset = () => {
    choose(null);
    change(usual);
  };
  const step = (by: number, lanes: number) => {
    const last = Math.max(0, (shown?.lanes.length ?? 1) - 1);
    const at = chosen ?? { time: window.held ?? now(), lane: 0 };
    choose({
      time: Math.max(edges.from, Math.min(at.time + by, edges.to, now())),
      lane: Math.max(0, Math.min(at.lane + lanes, last)),
    });
  };
  const finest = Math.max(sampleNs, (window.seconds * 1e9) / 100);
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => step(-finest, 0),
    ArrowRight: () => step(finest, 0),
    ArrowUp: () => step(0, -1),
    ArrowDown: () => step(0, 1),
    PageUp: () => change(pan(window, -0.5, now())),
    PageDown: () => change(pan(window, 0.5, now())),
    '+': () => change(zoom(window, 0.5, 1, now())),
    '-': () => change(zoom(window, 2, 1, now())),
    Enter: pin,
    Escape: reset,
  };
  const key = (event: KeyboardEvent) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (!action || (event.key === 'Escape' && chosen === null && window === usual)) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  return (
    <div className="plot" hidden={hidden}>
      <LaneLabels shown={shown} />
      <div className="lanes">
        <canvas
          ref={canvas}
          role="slider"
          tabIndex={0}
          aria-label={describe(shown, t('cpu.plot', { seconds: window.seconds }))}
          aria-description={t('cpu.plotKeys')}
          aria-valuemin={edges.from / 1e9}
          aria-valuemax={edges.to / 1e9}
          aria-valuenow={(chosen?.time ?? window.held ?? now()) / 1e9}
          aria-valuetext={(chosen && shown && describePlace(shown)) || t('cpu.live')}
          onPointerMove={move}
          onPointerDown={press}
          onPointerUp={release}
          onPointerCancel={release}
          onPointerLeave={() => live.current?.point(chosen)}
          onDoubleClick={reset}
          onKeyDown={key}
        />
        {shown && <Tip shown={shown} seconds={window.seconds} />}
      </div>
    </div>
  );
}
