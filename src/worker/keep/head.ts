/** What is said of a machine that is kept: enough to find its parts, and to say what it is. */
import { flag, nullable, number, oneOf, readShape, record, text, whole } from '../../base/shape.ts';
import type { Pace } from '../../session/api/status.ts';

export interface KeptHead {
  /** The version of EL2 Lab that has written it. */
  readonly stamp: string;
  /** What the page says of the machine, and understands. */
  readonly about: string;
  readonly recipeSize: number;
  /** Null where the journal is to be played. */
  readonly stateSize: number | null;
  readonly inputs: number;
  /** Where the text of the inputs ends. */
  readonly inputsEnd: number;
  readonly slices: number;
  readonly isPlayable: boolean;
  readonly virtualNs: number;
  readonly isPaused: boolean;
  readonly pace: Pace;
  /** How long the machine has worked to come there, in milliseconds of wall time. */
  readonly playMs: number;
}

const head = record<KeptHead>({
  stamp: text,
  about: text,
  recipeSize: whole(),
  stateSize: nullable(whole()),
  inputs: whole(),
  inputsEnd: whole(),
  slices: whole(),
  isPlayable: flag,
  virtualNs: number,
  isPaused: flag,
  pace: oneOf('real-time', 'unlimited'),
  playMs: number,
});

/** Null for anything else. */
export function readHead(json: string): KeptHead | null {
  try {
    const read = readShape(head, JSON.parse(json), 'head');
    return read.ok ? read.value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
