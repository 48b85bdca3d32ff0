import type { MarkClass, TraceMarks, TraceSlices } from '../../../session/api/trace.ts';
import type { Theme } from '../../settings/settings.ts';
import { styleValue } from '../../styles/value.ts';
import { domainFill, xenColour } from '../../xen/palette.ts';
import { axisHeight, type DrawnLane, type Item } from './lanes.ts';
import { type Span, ticksOf } from './span.ts';

/** What a picture of the timeline shows. */
export interface Scene {
  readonly span: Span;
  readonly lanes: readonly DrawnLane[];
  /** Nothing is known before. */
  readonly since: number;
  /** Whether lanes show levels of a board's cores. */
  readonly isBoard: boolean;
  readonly area: Span | null;
  readonly chosen: Item | null;
  /** The lane and the time that keys act on; null while the focus is elsewhere. */
  readonly cursor: { readonly lane: number; readonly time: number } | null;
  readonly labelOf: (lane: DrawnLane) => string;
  /** The name and the place in the palette of a vCPU. */
  readonly about: (vcpu: number) => { readonly name: string; readonly colour: number };
  readonly theme: Theme;
}

export interface Surface {
  /** In px of the page. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas in one of the page. */
  readonly scale: number;
  /** Width of the lanes' names at the left. */
  readonly gutter: number;
}

/** The least width of a bar, in px. */
const least = 0.8;
/** Arrows are drawn while there are no more. */
const mostArrows = 120;

/** The glyph of a class of marks, and whether it stands at the top of the lane. */
const glyphs: Readonly<Partial<Record<MarkClass, { readonly glyph: string; readonly top: boolean }>>> = {
  interrupt: { glyph: '▾', top: true },
  hypercall: { glyph: '◆', top: true },
  abort: { glyph: '×', top: true },
  yield: { glyph: '↷', top: true },
  migrate: { glyph: '⇄', top: true },
  injected: { glyph: '▾', top: true },
  virtual: { glyph: '▿', top: true },
  smmuFault: { glyph: '✕', top: true },
  domain: { glyph: '●', top: true },
  reset: { glyph: '↻', top: true },
};

const fills = new WeakMap<CanvasRenderingContext2D, Map<string, string | CanvasPattern>>();

function fillOf(context: CanvasRenderingContext2D, colour: number, scale: number): string | CanvasPattern {
  const known = fills.get(context) ?? new Map<string, string | CanvasPattern>();
  fills.set(context, known);
  const key = `${colour} ${scale}`;
  const fill = known.get(key) ?? domainFill(context, colour, scale);
  known.set(key, fill);
  return fill;
}

/** Draws the timeline over the whole canvas. */
export function drawScene(context: CanvasRenderingContext2D, scene: Scene, surface: Surface): void {
  const { width, height, scale, gutter } = surface;
  const { span, lanes, theme } = scene;
  const surfaceColour = styleValue('--surface');
  const text = styleValue('--text');
  const muted = styleValue('--muted');
  const rule = styleValue('--rule');
  const accent = styleValue('--accent');
  const fault = styleValue('--fault');
  const small = 11 * Number(styleValue('--scale'));
  const x = (time: number): number =>
    gutter + Math.min(1.01, Math.max(-0.01, (time - span.from) / (span.to - span.from))) * (width - gutter);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = surfaceColour;
  context.fillRect(0, 0, width, height);
  context.font = `${small}px ${styleValue('--ui')}`;
  context.textBaseline = 'middle';
  const axis = lanes[0]?.top ?? axisHeight;

  for (const { time, text: label } of ticksOf(span, width - gutter)) {
    context.fillStyle = rule;
    context.fillRect(Math.round(x(time)), axis - 4, 1, height);
    context.fillStyle = muted;
    context.textAlign = 'center';
    const half = context.measureText(label).width / 2;
    if (x(time) - half > gutter && x(time) + half < width) context.fillText(label, x(time), axis / 2);
  }
  if (scene.since > span.from) {
    context.fillStyle = rule;
    context.globalAlpha = 0.4;
    context.fillRect(gutter, axis, x(scene.since) - gutter, height - axis);
    context.globalAlpha = 1;
  }
  context.save();
  context.beginPath();
  context.rect(gutter, 0, width - gutter, height);
  context.clip();

  /** Draws slices as bars; a bar of several is as high as its share. */
  const bars = (
    slices: TraceSlices,
    top: number,
    tall: number,
    fill: (value: number) => string | CanvasPattern,
  ): void => {
    for (let i = 0; i < slices.start.length; i++) {
      const from = x(slices.start[i] as number);
      const to = x(slices.end[i] as number);
      // What takes less than it is wide on the canvas is lower for it: a lane that is hardly used is not to look full.
      const share = (slices.share[i] as number) * Math.min(1, (to - from) / least);
      const part = Math.max(slices.count[i] === 1 ? tall * 0.35 : 2, tall * share);
      context.fillStyle = fill(slices.value[i] as number);
      context.fillRect(from, top + tall - part, Math.max(least, to - from), part);
    }
  };
  const names = (slices: TraceSlices, top: number, tall: number, name: (value: number) => string): void => {
    context.textAlign = 'left';
    for (let i = 0; i < slices.start.length; i++) {
      if (slices.count[i] !== 1) continue;
      const from = Math.max(gutter, x(slices.start[i] as number)) + 4;
      const room = Math.min(width, x(slices.end[i] as number)) - from - 4;
      const label = room > 24 ? name(slices.value[i] as number) : '';
      const wide = label === '' ? 0 : context.measureText(label).width;
      if (wide === 0 || wide > room) continue;
      // Names stand on the plain surface: patterns would hide them.
      context.fillStyle = surfaceColour;
      context.fillRect(from - 2, top + tall / 2 - small * 0.7, wide + 4, small * 1.4);
      context.fillStyle = text;
      context.fillText(label, from, top + tall / 2);
    }
  };
  const glyphsOf = (name: MarkClass, marks: TraceMarks, top: number): void => {
    const glyph = glyphs[name];
    if (!glyph) return;
    const isFault = name === 'smmuFault' || name === 'abort';
    context.fillStyle = name === 'smmuFault' ? fault : isFault ? text : muted;
    context.textAlign = 'center';
    let last = Number.NEGATIVE_INFINITY;
    for (const time of marks.time) {
      const at = x(time);
      if (at - last < 7) continue;
      last = at;
      context.fillText(glyph.glyph, at, top + 5);
    }
  };

  const levels = [5, 2] as const;
  const runFill = (value: number): string | CanvasPattern =>
    scene.isBoard
      ? value === 2
        ? xenColour(theme)
        : fillOf(context, levels[value as 0 | 1] ?? 0, 1)
      : fillOf(context, scene.about(value).colour, 1);
  for (const drawn of lanes) {
    const { lane, top, height: tall, strip } = drawn;
    if (lane.kind === 'core') {
      bars(lane.slices, top + 9, tall - 17, runFill);
      if (lane.xen) bars(lane.xen, top + tall - 8, 6, () => xenColour(theme));
      names(lane.slices, top + 9, tall - 17, (value) => (scene.isBoard ? `EL${value}` : scene.about(value).name));
    } else if (lane.kind === 'vcpu') {
      const own = fillOf(context, scene.about(lane.id).colour, 1);
      for (const core of lanes)
        if (core.lane.kind === 'core') bars(only(core.lane.slices, lane.id), top + 7, tall - 10, () => own);
      // Waits are thin lines with an edge where they begin and end.
      context.fillStyle = text;
      const middle = top + 7 + (tall - 10) / 2;
      for (let i = 0; i < lane.slices.start.length; i++) {
        const from = x(lane.slices.start[i] as number);
        const to = x(lane.slices.end[i] as number);
        context.fillRect(from, middle - 0.5, Math.max(0.8, to - from), 1);
        if (to - from > 3) {
          context.fillRect(from, middle - 4, 1, 8);
          context.fillRect(to - 1, middle - 4, 1, 8);
        }
      }
    }
    for (const [name, marks] of Object.entries(lane.marks)) glyphsOf(name as MarkClass, marks, top);
    if (strip > 0) {
      const marks = lane.credit ?? lane.priority;
      if (marks) counter(context, marks, x, top + tall, strip, accent);
    }
  }
  arrows(context, scene, x, muted, accent);

  if (scene.area) {
    context.fillStyle = accent;
    context.globalAlpha = 0.15;
    context.fillRect(x(scene.area.from), 0, x(scene.area.to) - x(scene.area.from), height);
    context.globalAlpha = 1;
    for (const time of [scene.area.from, scene.area.to]) context.fillRect(x(time), 0, 1, height);
  }
  const { chosen, cursor } = scene;
  const at = chosen && lanes.find(({ lane }) => lane.kind === chosen.lane.kind && lane.id === chosen.lane.id);
  if (chosen && at) {
    context.strokeStyle = text;
    context.lineWidth = 2;
    context.strokeRect(
      x(chosen.start) - 1,
      at.top + 1,
      Math.max(3, x(chosen.end) - x(chosen.start) + 2),
      at.height - 2,
    );
  }
  context.restore();

  for (const [index, drawn] of lanes.entries()) {
    const { top, height: tall, strip, lane } = drawn;
    context.fillStyle = rule;
    context.fillRect(0, Math.round(top + tall + strip) - 1, width, 1);
    if (index === cursor?.lane) {
      context.fillStyle = accent;
      context.fillRect(0, top, 3, tall + strip - 1);
    }
    if (lane.kind === 'vcpu') {
      context.fillStyle = fillOf(context, scene.about(lane.id).colour, 1);
      context.fillRect(6, top + tall / 2 - 4, 8, 8);
    }
    context.textAlign = 'left';
    context.fillStyle = text;
    const indent = lane.kind === 'vcpu' ? 18 : 6;
    context.fillText(scene.labelOf(drawn), indent, top + tall / 2, gutter - indent - 4);
    const range = strip > 0 ? rangeOf(lane.credit ?? lane.priority) : null;
    if (range) {
      context.fillStyle = muted;
      context.textAlign = 'right';
      context.fillText(`${range[0]} … ${range[1]}`, gutter - 4, top + tall + strip / 2, gutter - 24);
    }
  }
  if (cursor) {
    context.fillStyle = accent;
    if (cursor.time >= span.from && cursor.time <= span.to)
      context.fillRect(Math.round(x(cursor.time)), axis - 6, 1, height);
  }
}

/** The slices of one value. */
function only(slices: TraceSlices, value: number): TraceSlices {
  const places = [...slices.value.keys()].filter((at) => slices.value[at] === value);
  const pick = <T extends Float64Array | Uint32Array | Float32Array>(array: T, make: (numbers: number[]) => T): T =>
    make(places.map((at) => array[at] as number));
  return {
    start: pick(slices.start, (numbers) => Float64Array.from(numbers)),
    end: pick(slices.end, (numbers) => Float64Array.from(numbers)),
    value: pick(slices.value, (numbers) => Uint32Array.from(numbers)),
    count: pick(slices.count, (numbers) => Uint32Array.from(numbers)),
    share: pick(slices.share, (numbers) => Float32Array.from(numbers)),
  };
}

/** The least and the greatest of what a scheduler has counted. */
function rangeOf(marks: TraceMarks | null): readonly [number, number] | null {
  if (!marks || marks.a.length === 0) return null;
  const values = Array.from(marks.a, (each) => each | 0);
  return [Math.min(...values), Math.max(...values)];
}

/** A line of steps. */
function counter(
  context: CanvasRenderingContext2D,
  marks: TraceMarks,
  x: (time: number) => number,
  top: number,
  tall: number,
  colour: string,
): void {
  const range = rangeOf(marks);
  if (!range) return;
  const [low, high] = range;
  const y = (value: number): number => top + tall - 3 - ((value - low) / Math.max(1, high - low)) * (tall - 6);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (const [i, time] of marks.time.entries()) {
    const value = y((marks.a[i] as number) | 0);
    if (i === 0) context.moveTo(x(time), value);
    else {
      context.lineTo(x(time), y((marks.a[i - 1] as number) | 0));
      context.lineTo(x(time), value);
    }
  }
  context.lineTo(x(Number.POSITIVE_INFINITY), y((marks.a.at(-1) ?? 0) | 0));
  context.stroke();
}

/** Wake-ups, from the core where they happened to the vCPU, and tickles, from the vCPU to the pCPU that is to look. */
function arrows(
  context: CanvasRenderingContext2D,
  { lanes }: Scene,
  x: (time: number) => number,
  muted: string,
  accent: string,
): void {
  const laneOf = (kind: string, id: number) => lanes.find(({ lane }) => lane.kind === kind && lane.id === id);
  const found: [number, number, number, string][] = [];
  for (const { lane, top, height } of lanes) {
    for (const [i, time] of lane.marks.wake?.time.entries() ?? []) {
      const core = laneOf('core', lane.marks.wake?.a[i] ?? 0xff);
      if (core) found.push([x(time), core.top + core.height - 2, top + 8, muted]);
    }
    for (const [i, time] of lane.marks.tickle?.time.entries() ?? []) {
      const vcpu = laneOf('vcpu', lane.marks.tickle?.a[i] ?? 0);
      if (vcpu) found.push([x(time), vcpu.top + 8, top + height - 2, accent]);
    }
  }
  if (found.length > mostArrows) return;
  for (const [at, from, to, colour] of found) {
    const way = Math.sign(to - from);
    context.fillStyle = colour;
    context.fillRect(at - 0.5, Math.min(from, to), 1, Math.abs(to - from));
    context.beginPath();
    context.moveTo(at, to);
    context.lineTo(at - 3, to - 5 * way);
    context.lineTo(at + 3, to - 5 * way);
    context.fill();
  }
}
