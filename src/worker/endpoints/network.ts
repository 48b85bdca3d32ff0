/** The machine's virtual networks, and captures of what passes their ports. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { done, look } from './endpoint.ts';

const port = { port: z.string().check(z.minLength(1), z.maxLength(64)) };

export const networkEndpoints = {
  /** Ports with their counters and stations, and the captures. */
  network: look({ request: {}, serve: (session) => session.network() }),

  /** Begins an empty capture of a port, also on later machines. */
  startCapture: look({ request: port, serve: ({ captures }, request) => captures.start(request.port) }),

  /** Ends a capture; its file stays. */
  stopCapture: look({
    request: port,
    serve({ captures }, request) {
      captures.stop(request.port);
      return done();
    },
  }),

  removeCapture: look({
    request: port,
    serve({ captures }, request) {
      captures.remove(request.port);
      return done();
    },
  }),

  /** The file of a capture so far, as pcap. */
  captureFile: look({
    request: port,
    serve: ({ captures }, request) => {
      const file = captures.file(request.port);
      return file.ok ? ok(file.value) : file;
    },
    transfer: (file) => [file],
  }),
};
