import type { Utilisation } from '../../../session/api/hypervisor.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Theme } from '../../settings/settings.ts';
import { drawPlot, type Frame, type Mark, type Plot, plotColours } from './draw.ts';
import { type Grouping, type Lane, lanesOf } from './lanes.ts';
import { edgesOf, type TimeWindow } from './window.ts';

/** Nanoseconds between two of the finest samples. */
export const sampleNs = 10e6;
/** Wall time between two changes of the figures: nobody reads faster. */
const figuresMs = 250;

/** What a plot shows, and how. */
export interface PlotOptions {
  readonly grouping: Grouping;
  readonly window: TimeWindow;
  readonly theme: Theme;
  readonly marks: readonly Mark[];
}

/** A place of the plot: a virtual time in nanoseconds, and a lane. */
export interface Place {
  readonly time: number;
  readonly lane: number;
}

/** What was drawn last, for the figures beside it. */
export interface Shown {
  readonly lanes: readonly Lane[];
  readonly covered: Float64Array;
  readonly from: number;
  readonly to: number;
  /** The place that is pointed at, and its bucket. */
  readonly place: Place | null;
  readonly bucket: number | null;
}

/** A plot on a canvas that follows the machine: asks for the window that is shown, and draws it in the next frame. */
export class LivePlot {
  readonly #machine: Lab['machine'];
  readonly #canvas: HTMLCanvasElement;
  #options: PlotOptions;
  readonly #show: (shown: Shown) => void;
  readonly #resized: ResizeObserver;
  readonly #unsubscribe: () => void;
  #utilisation: Utilisation | null = null;
  /** The virtual time at the end of `#utilisation`. */
  #end = 0;
  /** What was asked for last. */
  #asked = '';
  #isAsking = false;
  #frame = 0;
  #shownAt = 0;
  /** The figures that came too early to be shown are shown then. */
  #showLater: ReturnType<typeof setTimeout> | undefined;
  #place: Place | null = null;
  #plot: Plot | null = null;

  /** @param show called with what was drawn, when the figures are to change */
  constructor(machine: Lab['machine'], canvas: HTMLCanvasElement, options: PlotOptions, show: (shown: Shown) => void) {
    this.#machine = machine;
    this.#canvas = canvas;
    this.#options = options;
    this.#show = show;
    this.#resized = new ResizeObserver(() => {
      this.#drawSoon();
      void this.#look();
    });
    this.#resized.observe(canvas);
    this.#unsubscribe = machine.onChange(() => void this.#look());
    void this.#look();
  }

  /** What was drawn last. */
  get plot(): Plot | null {
    return this.#plot;
  }

  /** Shows something else from now on. */
  change(options: PlotOptions): void {
    this.#options = options;
    this.#drawSoon();
    void this.#look();
  }

  /** Points at a place, or at none. */
  point(place: Place | null): void {
    this.#place = place;
    this.#drawSoon();
  }

  close(): void {
    this.#unsubscribe();
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#showLater);
  }

  /** The width of the panel: the table may be in place of the canvas. */
  get #width(): number {
    return this.#canvas.closest('.cpu')?.clientWidth ?? 0;
  }

  async #look(): Promise<void> {
    const { held, seconds } = this.#options.window;
    const { sampled, time } = this.#machine.status ?? {};
    if (sampled === undefined || this.#isAsking || this.#width === 0) return;
    const to = held ?? sampled;
    const buckets = Math.max(10, Math.floor(Math.min(this.#width / 2, (seconds * 1e9) / sampleNs)));
    const asked = `${to} ${seconds} ${buckets} ${this.#machine.view.epoch}`;
    // A machine that has come back to its power-on has used nothing.
    if (to < 0 || (to === 0 && !time?.isPast) || asked === this.#asked) return;
    this.#asked = asked;
    this.#isAsking = true;
    const period = { from: Math.max(0, to - seconds * 1e9), to, buckets };
    const utilisation = await this.#machine.look('utilisation', period);
    this.#isAsking = false;
    if (!utilisation) return;
    this.#utilisation = utilisation;
    this.#end = to;
    this.#drawSoon();
    // The window may have been moved meanwhile.
    void this.#look();
  }

  #drawSoon(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const context = this.#canvas.getContext('2d');
    if (!context || !this.#utilisation) return;
    const { grouping, window, theme, marks } = this.#options;
    const { covered, step, from: bucketsFrom } = this.#utilisation;
    const lanes = lanesOf(this.#utilisation, grouping, this.#machine.status?.machine.cpus ?? 4);
    const edges = edgesOf(window, this.#end);
    const place = this.#place;
    this.#plot = { lanes, covered, bucketsFrom, step, ...edges, cursor: place?.time ?? null, marks };
    if (this.#canvas.clientWidth > 0)
      drawPlot(context, this.#plot, { ...sizeOf(this.#canvas), labels: 0, colours: plotColours(theme) });
    const isRunning = this.#machine.status?.state === 'running';
    clearTimeout(this.#showLater);
    const wait = this.#shownAt + figuresMs - performance.now();
    if (place === null && isRunning && wait > 0) {
      // This may be the last change for long: the plot is held, or the machine pauses.
      this.#showLater = setTimeout(() => this.#drawSoon(), wait);
      return;
    }
    this.#shownAt = performance.now();
    const bucket = place === null ? null : Math.floor((place.time - bucketsFrom) / step);
    this.#show({ lanes, covered, from: edges.from, to: window.held ?? this.#end, place, bucket });
  }
}

/** Gives a canvas as many pixels as it covers on the screen. */
function sizeOf(canvas: HTMLCanvasElement): Pick<Frame, 'width' | 'height' | 'scale'> {
  const scale = devicePixelRatio;
  const size = { width: canvas.clientWidth, height: canvas.clientHeight, scale };
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return size;
}
