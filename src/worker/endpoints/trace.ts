/** The scheduling timeline. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { markClasses } from '../../session/api/trace.ts';
import { traceFile } from '../../session/trace/files.ts';
import {
  longestWait,
  searchTrace,
  traceFigures,
  traceNames,
  traceWindow,
  waitAt,
} from '../../session/trace/queries.ts';
import { done, look } from './endpoint.ts';
import { count } from './schemas.ts';

/** Lanes are drawn as wide as a screen, at most. */
const maxPixels = 8192;

const part = { from: z.number(), to: z.number() };

const arraysOf = (arrays: object | null): ArrayBufferView[] =>
  arrays ? Object.values<ArrayBufferView>({ ...arrays }) : [];

export const traceEndpoints = {
  /** Records the timeline from now on, in so many bytes; 0 ends that and forgets it. */
  traceSchedule: look({
    request: { bytes: z.int().check(z.nonnegative(), z.maximum(2 ** 31)) },
    serve(session, { bytes }) {
      session.traceSchedule(bytes);
      return done();
    },
  }),

  /** A window of it, in as many parts as are drawn. */
  traceWindow: look({
    request: { ...part, pixels: z.int().check(z.minimum(1), z.maximum(maxPixels)) },
    serve: (session, request) =>
      session.trace.ok ? ok(traceWindow(session.trace.value, request, session.virtualNs)) : session.trace,
    transfer: ({ lanes }) =>
      lanes.flatMap(({ slices, xen, marks, credit, priority }) =>
        [slices, xen, credit, priority, ...Object.values<object>(marks)].flatMap(arraysOf),
      ),
  }),

  /** A part of it in figures. */
  traceFigures: look({
    request: part,
    serve: (session, { from, to }) =>
      session.trace.ok ? ok(traceFigures(session.trace.value, from, to, session.virtualNs)) : session.trace,
  }),

  /** The longest wait for a pCPU in a part of it, of one vCPU or of any. */
  longestWait: look({
    request: { ...part, vcpu: z.nullable(count) },
    serve: (session, { from, to, vcpu }) =>
      session.trace.ok ? ok(longestWait(session.trace.value, from, to, session.virtualNs, vcpu)) : session.trace,
  }),

  /** The wait of a vCPU that a time lies in. */
  waitAt: look({
    request: { vcpu: count, time: z.number() },
    serve: (session, { vcpu, time }) =>
      session.trace.ok ? ok(waitAt(session.trace.value, vcpu, time, session.virtualNs)) : session.trace,
  }),

  /** What numbers in it are called. */
  traceNames: look({ request: {}, serve: () => ok(traceNames) }),

  /** It, or a part of it, as a file. */
  traceFile: look({
    request: { format: z.enum(['perfetto', 'csv']), span: z.nullable(z.object(part)) },
    serve: (session, { format, span }) => traceFile(session, format, span),
    transfer: ({ bytes }) => [bytes],
  }),

  /** Where something is in it. */
  searchTrace: look({
    request: {
      from: z.number(),
      isBack: z.boolean(),
      mark: z.nullable(z.enum(markClasses)),
      vcpus: z.readonly(z.array(count)),
      number: z.nullable(count),
    },
    serve: (session, request) =>
      session.trace.ok ? ok(searchTrace(session.trace.value, request, session.virtualNs)) : session.trace,
  }),
};
