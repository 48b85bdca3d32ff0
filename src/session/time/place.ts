/** Places in a run: the order in which its cores execute. */
import { noCore } from '../../base/probe/probe.ts';
import type { Run } from '../run/run.ts';

/**
 * Where a run is. Cores have turns within a round, so a core's own time does not tell which of two moments comes first;
 * `round`, the time at which the round began, and the core in its turn do.
 */
export interface Place {
  /** How many slices have ended. */
  readonly slices: number;
  /** Cycles since power-on. */
  readonly round: number;
  /** The core in its turn; null between rounds, where no core has begun one. */
  readonly core: number | null;
  /** Instructions that it has retired since power-on. */
  readonly retired: number;
}

export function placeOf({ board, slices }: Run): Place {
  const { cluster, events } = board;
  const core = cluster.executing === noCore ? null : cluster.executing;
  return { slices, round: events.now, core, retired: core === null ? 0 : cluster.retiredBy(core) };
}

export function isBefore(a: Place, b: Place): boolean {
  if (a.slices !== b.slices) return a.slices < b.slices;
  if (a.round !== b.round) return a.round < b.round;
  const [core, other] = [a.core ?? -1, b.core ?? -1];
  return core === other ? a.retired < b.retired : core < other;
}
