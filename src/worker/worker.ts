/** The thread that owns the machine. */
import { Session } from '../session/session.ts';
import { Server } from './server.ts';

declare const self: DedicatedWorkerGlobalScope;

const server = new Server(new Session(() => performance.now()), {
  send: (message, transfer) => self.postMessage(message, transfer),
  later: (ms, callback) => {
    setTimeout(callback, ms);
  },
});

self.addEventListener('message', (event) => server.receive(event.data));
// A failure outside a request or a turn is a crash as well.
self.addEventListener('error', (event) => server.crash(event.error));
self.addEventListener('unhandledrejection', (event) => server.crash(event.reason));
