/** How busy the cores of a bare board were. A core that does not wait retires one instruction a cycle. */
import { clockHz, type ZynqMp } from '../../soc/board/zynqmp.ts';
import type { Utilisation, UtilisationRequest } from '../api/hypervisor.ts';
import { samplePeriod, Usage, type UsageSeries, type UsageState, type UsageView } from './usage.ts';

export class CoreUsage implements UsageView {
  readonly #board: ZynqMp;
  readonly #usage = new Usage();
  readonly #series: readonly UsageSeries[];

  constructor(board: ZynqMp) {
    this.#board = board;
    this.#series = board.cluster.cores.map((_, pcpu) =>
      this.#usage.add({ pcpu, kind: 'core', domain: 0, vcpu: pcpu, colour: 0 }, ''),
    );
  }

  get sampled(): number {
    return this.#usage.sampled;
  }

  /** A slice has ended: takes a sample when it is time. */
  sliceEnded(now: number): void {
    if (now % samplePeriod !== 0) return;
    this.#usage.begin(now);
    for (const [i, { instructions }] of this.#board.cluster.stats().cores.entries()) {
      const used = (instructions * 1e9) / clockHz;
      const series = this.#series[i];
      // After a reset of the board the counts start again.
      if (series && used < series.total) series.total = 0;
      this.#usage.note(series, used);
    }
  }

  saveState(): UsageState {
    return this.#usage.saveState();
  }

  loadState(state: UsageState): void {
    this.#usage.loadState(state);
  }

  utilisation(request: UtilisationRequest): Utilisation {
    return this.#usage.query(request);
  }
}
