import type { TraceWindow } from '../../../session/api/trace.ts';
import type { Lab } from '../../lab/lab.ts';
import { drawScene, type Scene } from './draw.ts';
import { type DrawnLane, heightOf, layOut } from './lanes.ts';
import type { Span } from './span.ts';

/** Wall time between two looks while the view follows the machine. */
const followMs = 50;

/** What the view is told, besides what the worker tells. */
export type Told = Omit<Scene, 'span' | 'lanes' | 'since' | 'isBoard'>;

/** The view that was drawn last. */
export interface Shown {
  readonly window: TraceWindow;
  readonly lanes: readonly DrawnLane[];
  readonly span: Span;
}

export const gutterWidth = 128;

/** The timeline on a canvas: asks for the window that is shown, and draws it in the next frame. */
export class LiveTimeline {
  readonly #machine: Lab['machine'];
  readonly #canvas: HTMLCanvasElement;
  readonly #show: (shown: Shown) => void;
  readonly #resized: ResizeObserver;
  readonly #unsubscribe: () => void;
  #told: Told;
  #span: Span;
  /** Whether the right edge is the present. */
  #follows = true;
  #window: TraceWindow | null = null;
  #lanes: readonly DrawnLane[] = [];
  #asked = '';
  #isAsking = false;
  #askedAt = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  constructor(machine: Lab['machine'], canvas: HTMLCanvasElement, told: Told, show: (shown: Shown) => void) {
    this.#machine = machine;
    this.#canvas = canvas;
    this.#told = told;
    this.#show = show;
    this.#span = { from: 0, to: 100e6 };
    this.#resized = new ResizeObserver(() => this.#look());
    this.#resized.observe(canvas);
    this.#unsubscribe = machine.onChange(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#unsubscribe();
    this.#resized.disconnect();
    clearTimeout(this.#later);
    cancelAnimationFrame(this.#frame);
  }

  get span(): Span {
    return this.#span;
  }

  get lanes(): readonly DrawnLane[] {
    return this.#lanes;
  }

  get window(): TraceWindow | null {
    return this.#window;
  }

  /** Shows a part of the record; null is the last part of the same length, as the machine runs on. */
  go(span: Span | null): void {
    this.#follows = span === null;
    if (span) this.#span = span;
    this.#drawSoon();
    this.#look();
  }

  get follows(): boolean {
    return this.#follows;
  }

  tell(told: Told): void {
    this.#told = told;
    this.#drawSoon();
  }

  /** Width of the lanes' names. */
  get gutter(): number {
    return Math.min(gutterWidth * this.#scale, this.#canvas.clientWidth / 3);
  }

  /** The time at a place from the left of the canvas, in px of the page. */
  timeAt(x: number): number {
    const { from, to } = this.#span;
    return from + ((x - this.gutter) / Math.max(1, this.#canvas.clientWidth - this.gutter)) * (to - from);
  }

  /** Nanoseconds of a px. */
  get pixel(): number {
    return (this.#span.to - this.#span.from) / Math.max(1, this.#canvas.clientWidth - this.gutter);
  }

  get #scale(): number {
    return Number(getComputedStyle(this.#canvas).getPropertyValue('--scale') || 1);
  }

  #look(): void {
    const { status, view } = this.#machine;
    const pixels = Math.min(8192, Math.floor(this.#canvas.clientWidth - this.gutter));
    if (!status || pixels <= 0 || this.#isAsking) return;
    if (this.#follows) {
      const length = this.#span.to - this.#span.from;
      const to = Math.max(length, status.virtualNs);
      this.#span = { from: to - length, to };
    }
    const { from, to } = this.#span;
    const asked = `${from} ${to} ${pixels} ${view.epoch} ${to >= status.virtualNs ? status.virtualNs : ''}`;
    if (asked === this.#asked && this.#window) return;
    const wait = this.#follows ? this.#askedAt + followMs - performance.now() : 0;
    clearTimeout(this.#later);
    if (wait > 0) {
      this.#later = setTimeout(() => this.#look(), wait);
      return;
    }
    this.#asked = asked;
    this.#askedAt = performance.now();
    this.#isAsking = true;
    void this.#machine.look('traceWindow', { from, to, pixels }).then((window) => {
      this.#isAsking = false;
      if (window) {
        this.#window = window;
        this.#lanes = layOut(window, this.#scale);
        this.#drawSoon();
      } else this.#asked = '';
      // The view may have been moved meanwhile.
      if (window) this.#look();
    });
  }

  #drawSoon(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const canvas = this.#canvas;
    const context = canvas.getContext('2d');
    const window = this.#window;
    if (!context || !window || canvas.clientWidth === 0) return;
    const scale = devicePixelRatio;
    const height = Math.max(heightOf(this.#lanes), 40);
    canvas.style.height = `${height}px`;
    const [wide, tall] = [Math.round(canvas.clientWidth * scale), Math.round(height * scale)];
    if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
    this.drawOn(context, canvas.clientWidth, height, scale);
    this.#show({ window, lanes: this.#lanes, span: this.#span });
  }

  /** Draws what is shown on a canvas. */
  drawOn(context: CanvasRenderingContext2D, width: number, height: number, scale: number): void {
    const window = this.#window;
    if (!window) return;
    const { since, shows } = window;
    const scene = { ...this.#told, span: this.#span, lanes: this.#lanes, since, isBoard: shows === 'levels' };
    drawScene(context, scene, { width, height, scale, gutter: this.gutter });
  }
}
