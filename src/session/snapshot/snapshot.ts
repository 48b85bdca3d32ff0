/**
 * Snapshots: a machine at a moment. A snapshot is the journal that leads to the moment, and, where all software on the
 * machine is machine code, the state that it leads to. Without a state the journal is played.
 */
import { err, ok, type Result } from '../../base/result.ts';
import {
  anything,
  bytes,
  flag,
  list,
  nullable,
  optional,
  pair,
  readShape,
  record,
  type Shape,
  text,
  whole,
} from '../../base/shape.ts';
import { type BoardState, boardState } from '../../soc/board/zynqmp.ts';
import type { LogWindow } from '../api/console.ts';
import type { Journal } from '../api/journal.ts';
import { type ConsolesState, consolesState } from '../consoles/consoles.ts';
import { logState } from '../consoles/log.ts';
import type { GateState } from '../journal/gate.ts';
import { inputShape, journalFromJson } from '../journal/json.ts';
import { type RestartsState, restartsState } from '../run/restarts.ts';
import { type RamState, ramState } from './ram.ts';

/** The card in the SD slot: its chunks of 64 KiB that are not all zeros. */
export interface CardState {
  readonly sectors: number;
  readonly isReadOnly: boolean;
  readonly chunks: readonly (readonly [index: number, bytes: Uint8Array])[];
}

/** What a run is beside its journal. */
export interface RunState {
  readonly board: BoardState;
  readonly ram: RamState;
  readonly card: CardState | null;
  /** What the system has beside the board. */
  readonly system: unknown;
  readonly gate: GateState;
  readonly restarts: RestartsState;
}

export interface MachineState {
  readonly run: RunState;
  readonly consoles: ConsolesState;
  readonly log: LogWindow;
}

export interface Snapshot {
  readonly journal: Journal;
  /** That of the EL2 Lab that has made it (base/version.ts). */
  readonly version?: string | undefined;
  /** Whether the journal alone leads to the moment: the card may be a file that is in no journal. */
  readonly isPlayable: boolean;
  /** `Session.stateHash` at the moment; `unknownHash` if that is not known. */
  readonly hash: string;
  /** Null where the journal must be played. */
  readonly state: MachineState | null;
}

/** The hash of a moment of which it was not worked out. */
export const unknownHash = '';

const machineState: Shape<MachineState> = record<MachineState>({
  run: record<RunState>({
    board: boardState,
    ram: ramState,
    card: nullable(record<CardState>({ sectors: whole(1), isReadOnly: flag, chunks: list(pair(whole(), bytes)) })),
    system: anything,
    gate: record<GateState>({ isOpen: flag, isIdle: flag, waiting: list(inputShape) }),
    restarts: restartsState,
  }),
  consoles: consolesState,
  log: logState,
});

const snapshot = record<Omit<Snapshot, 'journal'> & { readonly journal: unknown }>({
  journal: anything,
  version: optional(text),
  isPlayable: flag,
  hash: text,
  state: nullable(machineState),
});

/** Reads what was packed. The error is one sentence for the user. */
export function readSnapshot(data: unknown): Result<Snapshot> {
  const read = readShape(snapshot, data, 'snapshot');
  if (!read.ok) return read;
  const journal = journalFromJson(read.value.journal);
  if (!journal.ok) return err(journal.error);
  return ok({ ...read.value, journal: journal.value });
}
