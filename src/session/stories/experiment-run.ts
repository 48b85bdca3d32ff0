import type { Experiment, ExperimentStatus } from './experiment.ts';
import { ExperimentFailure, type Machine, Operator, type Steps } from './operator.ts';

/** Virtual time between two looks, in nanoseconds. */
const lookNs = 1e6;

/**
 * An experiment on a machine. Whoever runs the machine calls `look` between slices. It acts at multiples of a millisecond
 * of virtual time alone, so the same seed gives the same run at every front door.
 */
export class ExperimentRun {
  readonly experiment: Experiment;
  readonly #machine: Machine;
  readonly #operator: Operator;
  readonly #steps: Steps<void>;
  readonly #values = new Map<string, number>();
  /** Points of plots, by plot and line. */
  readonly #points = new Map<string, Map<string, [x: number, y: number][]>>();
  #isReady: () => boolean = () => true;
  #nextLook = 0;
  #state: ExperimentStatus['state'] = 'running';
  #error: string | null = null;

  constructor(machine: Machine, experiment: Experiment, seed: number) {
    this.#machine = machine;
    this.experiment = experiment;
    this.#operator = new Operator(machine, seed, {
      record: (figure, value) => this.#values.set(figure, value),
      plot: (plot, line, x, y) => this.#plot(plot, line, x, y),
    });
    this.#steps = experiment.steps(this.#operator);
  }

  get status(): ExperimentStatus {
    return {
      state: this.#state,
      typed: this.#operator.typed,
      figures: this.experiment.figures.map((figure) => ({ ...figure, value: this.#values.get(figure.id) ?? null })),
      plots: (this.experiment.plots ?? []).map((plot) => ({
        ...plot,
        lines: [...(this.#points.get(plot.id) ?? [])].map(([name, points]) => ({ name, points: [...points] })),
      })),
      error: this.#error,
    };
  }

  #plot(plot: string, line: string, x: number, y: number): void {
    const lines = this.#points.get(plot) ?? new Map<string, [number, number][]>();
    this.#points.set(plot, lines);
    const points = lines.get(line) ?? [];
    lines.set(line, points);
    points.push([x, y]);
  }

  /** Goes on with the steps if what they wait for is there. */
  look(): void {
    const { virtualNs } = this.#machine;
    if (virtualNs < this.#nextLook || this.#state !== 'running') return;
    this.#nextLook = (Math.floor(virtualNs / lookNs) + 1) * lookNs;
    try {
      while (this.#isReady()) {
        const next = this.#steps.next();
        if (next.done) {
          this.#state = 'done';
          return;
        }
        this.#isReady = next.value;
      }
    } catch (thrown) {
      if (!(thrown instanceof ExperimentFailure)) throw thrown;
      this.#state = 'failed';
      this.#error = thrown.message;
    }
  }
}
