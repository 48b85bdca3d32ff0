/** Requests that go back and forth in the time of the machine. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { findsBack } from '../../session/api/time.ts';
import { act, done, look } from './endpoint.ts';
import { count } from './schemas.ts';

export const timeEndpoints = {
  /** Keeps so many bytes of the machine's past from now on. */
  keepPast: act({
    request: { bytes: z.int().check(z.nonnegative(), z.maximum(2 ** 33)) },
    serve(session, { bytes }) {
      session.keepPast(bytes);
      return done();
    },
  }),

  /** What the time bar shows. */
  timeMarks: look({
    request: {},
    serve: (session) => (session.time.ok ? ok(session.time.value.marks()) : session.time),
  }),

  /** To the end of the last slice up to a virtual time in nanoseconds. `Status.time` says when it has come there. */
  goToTime: act({
    request: { ns: z.number().check(z.nonnegative()) },
    serve: (session, { ns }) => (session.time.ok ? session.time.value.goTo(ns) : session.time),
  }),

  goToPresent: act({
    request: {},
    serve: (session) => (session.time.ok ? session.time.value.toPresent() : session.time),
  }),

  /** To where a core had retired one instruction less. */
  stepBack: act({
    request: { core: count },
    serve: (session, { core }) => (session.time.ok ? session.time.value.stepBack(core) : session.time),
  }),

  /** To the last event of a kind before this moment. */
  findBack: act({
    request: { find: z.enum(findsBack) },
    serve: (session, { find }) => (session.time.ok ? session.time.value.findBack(find) : session.time),
  }),

  /** Goes on from this moment: what came after it is forgotten. */
  forkTime: act({
    request: {},
    serve: (session) => (session.time.ok ? session.time.value.fork() : session.time),
  }),
};
