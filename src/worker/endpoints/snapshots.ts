/** Requests that keep a machine and resume it. */
import * as z from 'zod/mini';
import { err, ok, type Result } from '../../base/result.ts';
import type { BootRequest, BootSummary } from '../../session/api/boot.ts';
import { snapshotOf } from '../../session/snapshot/file.ts';
import { pack } from '../../session/snapshot/pack.ts';
import { act, look } from './endpoint.ts';
import { bytes } from './schemas.ts';

/** A machine that goes on from a snapshot: what it was booted with, and what the loader did with that. */
export interface ResumedMachine {
  readonly request: BootRequest;
  readonly summary: BootSummary;
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

  /** Builds the machine of a packed snapshot, and leaves it paused at its moment. */
  resumeMachine: act({
    request: { json: z.string(), bytes },
    serve(session, packed): Result<ResumedMachine> {
      const snapshot = snapshotOf(packed);
      if (!snapshot.ok) return snapshot;
      const { recipe } = snapshot.value.journal;
      if (recipe.kind === 'xen')
        return err('The snapshot is of a machine with the model of Xen: el2lab resume goes on from it.');
      const restored = session.restore(snapshot.value);
      if (!restored.ok) return restored;
      if (!restored.value) return err('The snapshot is damaged: its contents are not what was written.');
      return ok({ request: recipe.request, summary: restored.value });
    },
  }),
};
