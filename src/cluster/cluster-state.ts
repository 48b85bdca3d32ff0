/** The state of all cores as plain data, without memory, translations and code. */
import { type CoreRegisters, coreRegisters } from '../arch/state/core-state.ts';
import type { CoreTimersState } from '../arch/timers/timer.ts';
import { flag, list, nullable, record, type Shape, whole } from '../base/shape.ts';

/** A round gives each core a turn. */
export interface Round {
  /** Cycles that the round lasts. */
  readonly window: number;
  /** The core whose turn it is. */
  turn: number;
  /** Whether its turn has begun. */
  begun: boolean;
}

interface OneCoreState {
  readonly isOn: boolean;
  readonly el2Cycles: number;
  readonly registers: CoreRegisters;
  readonly timers: CoreTimersState;
  readonly monitors: { readonly level: boolean; readonly due: number | null };
}

export interface ClusterState {
  /** When the system counter was at zero. */
  readonly origin: number;
  /** Null between rounds. */
  readonly round: Round | null;
  readonly cores: readonly OneCoreState[];
}

export const clusterState: Shape<ClusterState> = record<ClusterState>({
  origin: whole(),
  round: nullable(record<Round>({ window: whole(1), turn: whole(), begun: flag })),
  cores: list(
    record<OneCoreState>({
      isOn: flag,
      el2Cycles: whole(),
      registers: coreRegisters,
      timers: record<CoreTimersState>({
        outputs: list(record({ level: flag, due: nullable(whole()) })),
        stream: nullable(whole()),
      }),
      monitors: record({ level: flag, due: nullable(whole()) }),
    }),
  ),
});
