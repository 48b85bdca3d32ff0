/** What a story measures: its figures, and the steps that lead to them. */
import type { Operator, Steps } from './operator.ts';

export interface Figure {
  /** Unique within the experiment. */
  readonly id: string;
  /** What it is, in a line. */
  readonly label: string;
  readonly unit: 'µs' | 'ms' | 's' | '%' | 'MiB' | '/s' | '';
  /** How it is measured, in a line. */
  readonly how: string;
  /** The smallest and the largest value with which the story's check holds. */
  readonly bounds: readonly [least: number, most: number];
  /** The same as others have measured it, with its unit, and where that can be read. */
  readonly published?: { readonly value: string; readonly source: string };
}

/** What is measured along something. */
export interface Plot {
  /** Unique within the experiment. */
  readonly id: string;
  readonly label: string;
  readonly unit: Figure['unit'];
  /** What it is plotted along: a quantity, as lines; or the names of what is compared, by their places, as bars. */
  readonly x: 'hour' | 'domains' | readonly string[];
}

export interface Experiment {
  readonly figures: readonly Figure[];
  readonly plots?: readonly Plot[];
  /** What an operator does to measure them, from the story's start on. */
  steps(operator: Operator): Steps<void>;
}

/** How far an experiment is. Plain data. */
export interface ExperimentStatus {
  /** `before`: nobody has begun it on this machine. */
  readonly state: 'before' | 'running' | 'done' | 'failed';
  /** What was typed last, behind the prompt that it answered. */
  readonly typed: string;
  readonly figures: readonly MeasuredFigure[];
  readonly plots: readonly MeasuredPlot[];
  /** Why it has failed, in a sentence. */
  readonly error: string | null;
}

export interface MeasuredPlot extends Plot {
  /** By the name of each line: its points. */
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

export interface MeasuredFigure extends Figure {
  /** Null until it is measured. */
  readonly value: number | null;
}

/** An experiment that has not begun. */
export const statusBefore = ({ figures, plots = [] }: Experiment): ExperimentStatus => ({
  state: 'before',
  typed: '',
  figures: figures.map((figure) => ({ ...figure, value: null })),
  plots: plots.map((plot) => ({ ...plot, lines: [] })),
  error: null,
});

export const isWithin = ({ value, bounds: [least, most] }: MeasuredFigure): boolean =>
  value !== null && value >= least && value <= most;

/** Whether an experiment has ended, and each figure is within its bounds. */
export const holds = ({ state, figures }: ExperimentStatus): boolean => state === 'done' && figures.every(isWithin);

/** A figure's value or bound: three digits, no more than two behind the point. */
export const formatValue = (value: number): string => {
  const size = Math.abs(value);
  const text = value.toFixed(Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2);
  return size >= 10_000 ? text.replace(/\B(?=(\d{3})+$)/g, ',') : text;
};
