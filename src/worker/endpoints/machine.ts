/** Requests that build and run a machine, and its status. */
import * as z from 'zod/mini';
import { ok } from '../../base/result.ts';
import { maxMemoryMiB } from '../../session/api/boot.ts';
import { checkXenCommandLine } from '../../session/xen/command-line.ts';
import { act, done, look } from './endpoint.ts';
import { bytes, count, dom0File, machine, path } from './schemas.ts';

const file = z.object({ name: z.string(), bytes });

export const machineEndpoints = {
  /** Loads a kernel and its files on a new machine, and leaves it paused at the kernel's entry. */
  boot: act({
    request: {
      kernel: file,
      initrd: z.optional(file),
      deviceTree: z.optional(file),
      bootArguments: z.optional(z.string()),
      placed: z.optional(z.readonly(z.array(z.object({ address: z.bigint(), file })))),
      seed: z.optional(count),
      machine,
    },
    serve: (session, request) => session.boot(request),
  }),

  /** Builds a machine with Xen and Dom0, and leaves it paused before the first instruction. */
  startXen: act({
    request: {
      machine,
      real: z.optional(
        z.object({
          xen: file,
          symbols: z.optional(file),
          kernel: file,
          deviceTree: file,
          ramdisks: z.readonly(z.array(file)),
          agent: bytes,
        }),
      ),
      commandLine: z.string(),
      costs: z.boolean(),
      seed: count,
      guests: z.readonly(z.array(dom0File)),
      user: z.object({ files: z.readonly(z.array(dom0File)), removed: z.readonly(z.array(path)) }),
      deferred: z.optional(z.readonly(z.array(path))),
      startsDomains: z.boolean(),
      script: z.nullable(z.string()),
      interactive: z.boolean(),
    },
    serve: (session, request) => session.startXen(request),
  }),

  /** What each word of Xen's command line does on a machine with so much memory. */
  checkCommandLine: look({
    request: { text: z.string(), memoryMiB: z.int().check(z.minimum(1), z.maximum(maxMemoryMiB)) },
    serve: (_, { text, memoryMiB }) => ok(checkXenCommandLine(text, memoryMiB)),
  }),

  run: act({ request: {}, serve: (session) => session.run() }),

  pause: act({
    request: {},
    serve(session) {
      session.pause();
      return done();
    },
  }),

  /**
   * Power-on again with the same kernel; a paused machine stays paused. Offsets of consoles and log start again at 0.
   */
  reset: act({ request: {}, serve: (session) => session.reset() }),

  pace: act({
    request: { pace: z.enum(['real-time', 'unlimited']) },
    serve(session, { pace }) {
      session.setPace(pace);
      return done();
    },
  }),

  status: look({ request: {}, serve: (session) => ok(session.status()) }),
};
