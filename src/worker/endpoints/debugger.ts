/** Requests of the debugger: stepping, stop points, and the state of a stopped core. */
import * as z from 'zod/mini';
import { ok, type Result } from '../../base/result.ts';
import type { Inspection } from '../../session/inspection.ts';
import type { Session } from '../../session/session.ts';
import { act, look } from './endpoint.ts';
import { address, count } from './schemas.ts';

/** Breakpoints and watchpoints at a time: each costs time at every access that may hit it. */
const maxStopPoints = 1000;
/** Bytes of memory in one reply. */
const maxMemoryWindow = 2 ** 20;

const level = z.nullable(z.union([z.literal(0), z.literal(1), z.literal(2)]));

const stopPoint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('breakpoint'), id: count, address, el: level }),
  z.object({
    kind: z.literal('watchpoint'),
    id: count,
    address,
    length: z.int().check(z.minimum(1)),
    access: z.enum(['read', 'write', 'any']),
  }),
]);

function inspect<T>(session: Session, core: number, see: (inspection: Inspection) => T): Result<T> {
  const inspection = session.inspect(core);
  return inspection.ok ? ok(see(inspection.value)) : inspection;
}

export const debuggerEndpoints = {
  /** Runs the paused machine until `core` has retired `instructions` more, and pauses again. */
  step: act({
    request: { core: count, instructions: z.int().check(z.minimum(1), z.maximum(1_000_000)) },
    serve: (session, { core, instructions }) => session.step(core, instructions),
  }),

  /** As `step` by one instruction, but a call runs until it returns, unless the machine is paused first. */
  stepOver: act({ request: { core: count }, serve: (session, { core }) => session.stepOver(core) }),

  /** Runs the paused machine until the current function of `core` returns. */
  stepOut: act({ request: { core: count }, serve: (session, { core }) => session.stepOut(core) }),

  /** Replaces all breakpoints and watchpoints; `Status.stop` says where the machine has stopped. */
  setStopPoints: act({
    request: { points: z.readonly(z.array(stopPoint).check(z.maxLength(maxStopPoints))) },
    serve: (session, { points }) => session.setStopPoints(points),
  }),

  registers: look({
    request: { core: count },
    serve: (session, { core }) => inspect(session, core, (inspection) => inspection.registers()),
  }),

  /** All system registers that can be read. */
  systemRegisters: look({
    request: { core: count },
    serve: (session, { core }) => inspect(session, core, (inspection) => inspection.systemRegisters()),
  }),

  /** RAM as a core sees it, up to the first byte that is not mapped. */
  memory: look({
    request: {
      core: count,
      space: z.enum(['virtual', 'ipa', 'physical']),
      el: level,
      address,
      length: z.int().check(z.nonnegative(), z.maximum(maxMemoryWindow)),
    },
    serve: (session, request) => inspect(session, request.core, (inspection) => inspection.memory(request)),
    transfer: (window) => [window.bytes],
  }),

  /** How an address is translated, descriptor by descriptor. */
  translation: look({
    request: { core: count, el: level, address, access: z.enum(['read', 'write', 'execute']) },
    serve: (session, request) => inspect(session, request.core, (inspection) => inspection.translation(request)),
  }),

  /** The calls that led to where a core is. */
  backtrace: look({
    request: { core: count },
    serve: (session, { core }) => inspect(session, core, (inspection) => inspection.backtrace()),
  }),
};
