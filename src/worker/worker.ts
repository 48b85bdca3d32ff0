/** The thread that owns the machine. */
import { defaultTimeLimit } from '../session/api/time.ts';
import { Session } from '../session/session.ts';
import { type DisksOrder, WorkerDisks } from './disks/worker-disks.ts';
import { type KeepOrder, WorkerKeep } from './keep/worker-keep.ts';
import { Server } from './server.ts';

declare const self: DedicatedWorkerGlobalScope;

const disks = new WorkerDisks((state) => self.postMessage({ kind: 'disks', state }));
const session = new Session(
  () => performance.now(),
  () => disks.store,
);
session.keepPast(defaultTimeLimit);
// A timer would let 4 ms pass between two turns, a third of the time (HTML standard, timers, nesting level).
const { port1: bell, port2: ringer } = new MessageChannel();
let next = (): void => {};
bell.onmessage = () => next();
const server = new Server(session, {
  send: (message, transfer) => self.postMessage(message, transfer),
  // A guest that has flushed goes on when the browser has it.
  later: (ms, callback) =>
    void disks.written.then(() => {
      if (ms > 0) setTimeout(callback, ms);
      else {
        next = callback;
        ringer.postMessage(null);
      }
    }),
});

const isOrder = (message: unknown): message is DisksOrder =>
  typeof message === 'object' && message !== null && 'disks' in message;

// The worker's address names its version: what is in it is in its file's name.
const keep = new WorkerKeep(session, self.location.href, (moment) => self.postMessage({ kind: 'keptMoment', moment }));

const isKeepOrder = (message: unknown): message is KeepOrder =>
  typeof message === 'object' && message !== null && 'keep' in message;

self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (isOrder(data)) disks.obey(data);
  else if (isKeepOrder(data)) keep.obey(data, (reply) => self.postMessage({ kind: 'kept', reply }));
  else void disks.ready.then(() => server.receive(data));
});
// A failure outside a request or a turn is a crash as well.
self.addEventListener('error', (event) => server.crash(event.error));
self.addEventListener('unhandledrejection', (event) => server.crash(event.reason));
