/** Requests that keep a machine and resume it. */
import * as z from 'zod/mini';
import { defined } from '../../base/assert.ts';
import { ok, type Result } from '../../base/result.ts';
import { version } from '../../base/version.ts';
import type { BootRequest, BootSummary, Recipe } from '../../session/api/boot.ts';
import { endOfSlices } from '../../session/run/slices.ts';
import { snapshotOf } from '../../session/snapshot/file.ts';
import { pack } from '../../session/snapshot/pack.ts';
import { unknownHash } from '../../session/snapshot/snapshot.ts';
import { act, look } from './endpoint.ts';
import { bytes, machine } from './schemas.ts';

/** A machine that goes on from a snapshot: what was started, and what its loader did with that. */
export type ResumedMachine = {
  /** What is played before it is at its moment; null where it is there. */
  readonly playing: Playing | null;
} & (
  | { readonly kind: 'kernel'; readonly request: BootRequest; readonly summary: BootSummary }
  | { readonly kind: 'xen'; readonly real: boolean; readonly costs: boolean; readonly commandLine: string }
);

/** A journal that leads to a moment. */
export interface Playing {
  /** Virtual time of the moment, in nanoseconds. */
  readonly endNs: number;
  /** The state's hash there; `unknownHash` if that is not known. */
  readonly hash: string;
}

function resumed(recipe: Recipe, summary: BootSummary | null, playing: Playing | null): ResumedMachine {
  if (recipe.kind === 'kernel')
    return {
      kind: 'kernel',
      request: recipe.request,
      summary: defined(summary, 'what the loader did'),
      playing,
    };
  const { real, costs, commandLine } = recipe.request;
  return { kind: 'xen', real: real !== undefined, costs, commandLine, playing };
}

export const snapshotEndpoints = {
  /** The machine as it is now, packed: the page makes a file of it. */
  saveMachine: look({
    request: {},
    serve(session) {
      const saved = session.save();
      return saved.ok ? ok(pack(saved.value)) : saved;
    },
    transfer: (packed) => [packed.bytes],
  }),

  /** The way to a moment as a packed snapshot without a state: up to a virtual time in seconds, or to now. */
  wayToMoment: look({
    request: { seconds: z.nullable(z.number()) },
    serve(session, { seconds }) {
      const way = session.way(seconds ?? undefined);
      return way.ok ? ok({ ...pack(way.value), endNs: endOfSlices(way.value.journal.slices) }) : way;
    },
    transfer: (packed) => [packed.bytes],
  }),

  /** Builds the machine of a packed snapshot, and leaves it paused at its moment, or before its journal is played. */
  resumeMachine: act({
    request: { json: z.string(), bytes },
    serve(session, packed): Result<ResumedMachine> {
      const snapshot = snapshotOf(packed);
      if (!snapshot.ok) return snapshot;
      const { hash, journal, state } = snapshot.value;
      const restored = session.restore(snapshot.value);
      if (!restored.ok) return restored;
      const playing = state ? null : { endNs: endOfSlices(journal.slices), hash };
      return ok(resumed(journal.recipe, restored.value, playing));
    },
  }),

  /**
   * Builds a machine that was prepared for the page, and leaves it paused at its moment; null if it is not the one that is
   * wanted. What this version itself has made, and the server has, is not checked by its hash, which would take as long again.
   */
  openPrepared: act({
    request: { json: z.string(), bytes, machine, commandLine: z.optional(z.string()) },
    serve(
      session,
      { machine: wanted, commandLine, ...packed },
    ): Result<{ readonly summary: BootSummary | null } | null> {
      const snapshot = snapshotOf(packed);
      if (!snapshot.ok) return snapshot;
      if (version === '' || snapshot.value.version !== version) return ok(null);
      const { recipe } = snapshot.value.journal;
      const { cpus, memoryMiB, el } = recipe.request.machine;
      const isMachine = cpus === wanted.cpus && memoryMiB === wanted.memoryMiB && el === wanted.el;
      const words = recipe.kind === 'xen' ? recipe.request.commandLine : undefined;
      if (!isMachine || words !== commandLine) return ok(null);
      const restored = session.restore({ ...snapshot.value, hash: unknownHash });
      return restored.ok ? ok({ summary: restored.value }) : restored;
    },
  }),

  /** The machine that has gone on from what the browser has kept. */
  keptMachine: look({
    request: {},
    serve(session): Result<ResumedMachine> {
      const journal = session.journal();
      return journal.ok ? ok(resumed(journal.value.recipe, session.summary, null)) : journal;
    },
  }),

  /** Where a machine is whose journal is played: whether it still plays, and the state's hash if not. */
  arrival: look({
    request: {},
    serve: (session) => ok({ plays: session.replays, hash: session.replays ? null : session.stateHash() }),
  }),
};
