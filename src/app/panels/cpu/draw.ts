import { formatShare } from '../../machine/text/format.ts';
import type { Theme } from '../../settings/settings.ts';
import { styleValue } from '../../styles/value.ts';
import { domainFill, xenColour } from '../../xen/palette.ts';
import { type Lane, laneShare, type Part } from './lanes.ts';

/** The colours of a plot, apart from the domains'. */
export interface PlotColours {
  readonly theme: Theme;
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  readonly font: string;
}

export function plotColours(theme: Theme): PlotColours {
  return {
    theme,
    surface: styleValue('--surface'),
    text: styleValue('--text'),
    muted: styleValue('--muted'),
    rule: styleValue('--rule'),
    font: `${11 * Number(styleValue('--scale'))}px ${styleValue('--ui')}`,
  };
}

/** Lanes of buckets, and the span of virtual time that fills the width. */
export interface Plot {
  readonly lanes: readonly Lane[];
  readonly covered: Float64Array;
  /** Virtual times in nanoseconds. */
  readonly bucketsFrom: number;
  readonly step: number;
  readonly from: number;
  readonly to: number;
  /** The virtual time that is pointed at. */
  readonly cursor: number | null;
  readonly marks: readonly Mark[];
}

/** A letter at a virtual time, given in nanoseconds. */
export interface Mark {
  readonly letter: string;
  readonly time: number;
}

/** The canvas that a plot is drawn on. */
export interface Frame {
  /** In px of the page. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas in one of the page. */
  readonly scale: number;
  /** Width at the left for the lanes' names, as in an exported picture; 0 for none. */
  readonly labels: number;
  readonly colours: PlotColours;
}

/** Height of the time axis below the lanes, in px. */
export const axisHeight = 18;
const gap = 4;

/** Fills, made once for each context because patterns are images. */
const fills = new WeakMap<CanvasRenderingContext2D, Map<string, string | CanvasPattern>>();

/** The fill of a part: a colour, or the pattern of its domain in pixels of the canvas. */
export function fillOf(
  context: CanvasRenderingContext2D,
  part: Part,
  { colours, scale }: Pick<Frame, 'colours' | 'scale'>,
): string | CanvasPattern {
  if (part.domain < 0) return xenColour(colours.theme);
  const known = fills.get(context) ?? new Map<string, string | CanvasPattern>();
  fills.set(context, known);
  const key = `${part.colour} ${scale}`;
  let fill = known.get(key);
  if (!fill) {
    fill = domainFill(context, part.colour, scale);
    known.set(key, fill);
  }
  return fill;
}

/** Draws a plot over the whole canvas. */
export function drawPlot(context: CanvasRenderingContext2D, plot: Plot, frame: Frame): void {
  const { width, height, scale, labels, colours } = frame;
  const { lanes } = plot;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, width * scale, height * scale);
  const axis = axisOf(plot, width - labels);
  context.fillStyle = colours.rule;
  for (const { at } of axis)
    context.fillRect(Math.round((labels + at) * scale), 0, Math.round(scale), (height - axisHeight + 4) * scale);
  const laneHeight = (height - axisHeight) / Math.max(1, lanes.length);
  // Areas are filled in the canvas's own pixels, so that patterns are sharp.
  lanes.forEach((lane, index) => {
    drawLane(context, plot, lane, {
      left: labels * scale,
      right: width * scale,
      top: Math.round((index * laneHeight + gap) * scale),
      bottom: Math.round((index + 1) * laneHeight * scale) - Math.round(scale),
      scale,
      colours,
    });
  });
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.font = colours.font;
  context.textBaseline = 'middle';
  lanes.forEach((lane, index) => {
    const bottom = Math.round((index + 1) * laneHeight);
    context.fillStyle = colours.rule;
    context.fillRect(0, bottom - 1, width, 1);
    if (labels > 0) {
      context.fillStyle = colours.text;
      context.textAlign = 'left';
      const percent = formatShare(laneShare(lane, plot.covered));
      context.fillText(`${lane.label}  ${percent}`, 4, bottom - laneHeight / 2, labels - 8);
    }
  });
  context.textAlign = 'center';
  context.fillStyle = colours.muted;
  for (const { at, text } of axis) {
    const half = context.measureText(text).width / 2;
    if (at >= half && labels + at + half <= width) context.fillText(text, labels + at, height - axisHeight / 2 + 1);
  }
  const line = (time: number): number => {
    const at = Math.round(labels + ((time - plot.from) / (plot.to - plot.from)) * (width - labels));
    if (time >= plot.from && time <= plot.to) context.fillRect(at, 0, 1, height - axisHeight);
    return at;
  };
  context.fillStyle = colours.text;
  if (plot.cursor !== null) line(plot.cursor);
  for (const { letter, time } of plot.marks) {
    if (time < plot.from || time > plot.to) continue;
    context.fillStyle = colours.text;
    const at = Math.min(line(time), width - 14);
    context.fillRect(at, 0, 14, 14);
    context.fillStyle = colours.surface;
    context.fillText(letter, at + 7, 7);
  }
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly scale: number;
  readonly colours: PlotColours;
}

function drawLane(context: CanvasRenderingContext2D, plot: Plot, lane: Lane, box: Box): void {
  const { covered, bucketsFrom, step, from, to } = plot;
  const { left, right, top, bottom } = box;
  const x = (index: number): number => {
    const time = bucketsFrom + index * step;
    return Math.min(right, Math.max(left, left + ((time - from) / (to - from)) * (right - left)));
  };
  const height = bottom - top;
  const count = covered.length;
  // The top of the stack so far, as a fraction of the lane. Xen's time is drawn on top of the others', as a part of it.
  const stacked = new Float64Array(count);
  for (const part of lane.parts) {
    const isXen = part.domain < 0;
    const base = (i: number): number => {
      const known = covered[i] ?? 0;
      const own = known > 0 ? (part.busy[i] ?? 0) / known / lane.capacity : 0;
      return isXen ? Math.max(0, (stacked[i] ?? 0) - own) : (stacked[i] ?? 0);
    };
    context.beginPath();
    for (let i = 0; i < count; i++) {
      const known = covered[i] ?? 0;
      if (known <= 0) continue;
      const own = (part.busy[i] ?? 0) / known / lane.capacity;
      if (own <= 0) continue;
      const low = base(i);
      const high = Math.min(1, isXen ? Math.max(low, stacked[i] ?? 0) : low + own);
      const x0 = x(i);
      // Edges are on whole pixels, so that neighbours neither overlap nor leave a gap.
      const x1 = Math.min(x(i + 1), x(i) + ((right - left) * step) / (to - from));
      const y1 = bottom - high * height;
      context.rect(Math.round(x0), y1, Math.max(1, Math.round(x1) - Math.round(x0)), bottom - low * height - y1);
      if (!isXen) stacked[i] = low + own;
    }
    context.fillStyle = fillOf(context, part, box);
    context.fill();
  }
}

/** Possible intervals between two marks of the axis, in seconds. */
const marks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120];

/** The marks of the axis below a plot of this width, with their places in px. */
function axisOf({ from, to }: Plot, width: number): { readonly at: number; readonly text: string }[] {
  const span = (to - from) / 1e9;
  const room = Math.max(2, width / 72);
  const every = marks.find((mark) => span / mark <= room) ?? 120;
  const axis = [];
  for (let n = Math.ceil(Math.max(0, from / 1e9) / every); n * every <= to / 1e9; n++) {
    const time = n * every;
    const text = `${every < 1 ? time.toFixed(1) : time} s`;
    axis.push({ at: ((time * 1e9 - from) / (to - from)) * width, text });
  }
  return axis;
}
