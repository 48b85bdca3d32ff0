/** Schemas that several endpoints use. */
import * as z from 'zod/mini';
import { maxCpus, maxMemoryMiB } from '../../session/api/boot.ts';
import { type ConsoleId, isConsoleId } from '../../session/api/console.ts';

/** An offset, an index, or a number of things. */
export const count = z.int().check(z.nonnegative());

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** An absolute path in Dom0. */
export const path = z.string().check(z.startsWith('/'), z.maxLength(4096));

export const dom0File = z.object({ path, bytes });

export const consoleId = z.custom<ConsoleId>((value) => typeof value === 'string' && isConsoleId(value));

/** A 64-bit address. */
export const address = z.bigint().check(z.minimum(0n), z.maximum(2n ** 64n - 1n));

export const machine = z.object({
  cpus: z.int().check(z.minimum(1), z.maximum(maxCpus)),
  memoryMiB: z.int().check(z.minimum(1), z.maximum(maxMemoryMiB)),
  el: z.union([z.literal(1), z.literal(2)]),
  onReset: z.optional(z.enum(['restart', 'end'])),
});
