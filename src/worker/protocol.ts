import * as z from 'zod/mini';
import type { BootSummary } from '../session/api/boot.ts';
import { maxCpus, maxMemoryMiB } from '../session/api/boot.ts';
import type { ConsoleId, ConsoleWindow, LogWindow } from '../session/api/console.ts';
import type { Backtrace, CoreRegisters, MemoryWindow, SystemRegisterValue, Translation } from '../session/api/debug.ts';
import type { FileChanges, FileEntry, UserFiles } from '../session/api/files.ts';
import type { DomainList, Utilisation } from '../session/api/hypervisor.ts';
import type { Status } from '../session/api/status.ts';

/**
 * What passes between the page and the worker that owns the machine.
 *
 * The page sends requests, each answered once, by its id. The worker sends no data unasked: only `hello` when it is ready, `changed` when there is
 * something new (at most once until the page has asked for `status`), and `crash` with its stack when it can go no further.
 */
export const protocolVersion = 3;

const offset = z.int().check(z.nonnegative());
const consoleId = z.custom<ConsoleId>(
  (value) => typeof value === 'string' && /^(serial1?|dom0|\d{1,5}\/(pv|vuart))$/.test(value),
);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const file = z.object({ name: z.string(), bytes });
/** Of a file in Dom0. */
const path = z.string().check(z.startsWith('/'), z.maxLength(4096));
const dom0File = z.object({ path, bytes });
const seed = z.int().check(z.nonnegative());
const machine = z.object({
  cpus: z.int().check(z.minimum(1), z.maximum(maxCpus)),
  memoryMiB: z.int().check(z.minimum(1), z.maximum(maxMemoryMiB)),
  el: z.union([z.literal(1), z.literal(2)]),
});
const utilisation = {
  from: z.number(),
  to: z.number(),
  buckets: z.int().check(z.minimum(1), z.maximum(10_000)),
};
const address = z.bigint().check(z.minimum(0n), z.maximum(2n ** 64n - 1n));
const level = z.nullable(z.union([z.literal(0), z.literal(1), z.literal(2)]));

const stopPoint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('breakpoint'), id: offset, address, el: level }),
  z.object({
    kind: z.literal('watchpoint'),
    id: offset,
    address,
    length: z.int().check(z.minimum(1)),
    access: z.enum(['read', 'write', 'any']),
  }),
]);

/** Breakpoints and watchpoints at a time: all are looked at where one may be. */
const maxStopPoints = 1000;
/** Bytes of memory in one answer. */
const maxMemoryWindow = 2 ** 20;

export const requestSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('boot'),
    kernel: file,
    initrd: z.optional(file),
    deviceTree: z.optional(file),
    bootArguments: z.optional(z.string()),
    placed: z.optional(z.readonly(z.array(z.object({ address: z.bigint(), file })))),
    seed: z.optional(seed),
    machine,
  }),
  z.object({
    kind: z.literal('startXen'),
    machine,
    commandLine: z.string(),
    costs: z.boolean(),
    seed,
    guests: z.array(dom0File),
    user: z.object({ files: z.array(dom0File), removed: z.array(path) }),
    startsDomains: z.boolean(),
    script: z.nullable(z.string()),
    interactive: z.boolean(),
  }),
  z.object({ kind: z.literal('run') }),
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('reset') }),
  z.object({ kind: z.literal('step'), core: offset, instructions: z.int().check(z.minimum(1), z.maximum(1_000_000)) }),
  z.object({ kind: z.literal('stepOver'), core: offset }),
  z.object({ kind: z.literal('stepOut'), core: offset }),
  z.object({ kind: z.literal('setStopPoints'), points: z.array(stopPoint).check(z.maxLength(maxStopPoints)) }),
  z.object({ kind: z.literal('pace'), pace: z.enum(['real-time', 'unlimited']) }),
  z.object({ kind: z.literal('input'), console: consoleId, bytes }),
  z.object({ kind: z.literal('status') }),
  z.object({ kind: z.literal('console'), console: consoleId, from: offset, budget: offset }),
  z.object({ kind: z.literal('log'), from: offset, budget: offset }),
  z.object({ kind: z.literal('registers'), core: offset }),
  z.object({ kind: z.literal('systemRegisters'), core: offset }),
  z.object({
    kind: z.literal('memory'),
    core: offset,
    space: z.enum(['virtual', 'ipa', 'physical']),
    el: level,
    address,
    length: z.int().check(z.nonnegative(), z.maximum(maxMemoryWindow)),
  }),
  z.object({
    kind: z.literal('translation'),
    core: offset,
    el: level,
    address,
    access: z.enum(['read', 'write', 'execute']),
  }),
  z.object({ kind: z.literal('backtrace'), core: offset }),
  z.object({ kind: z.literal('domains') }),
  z.object({ kind: z.literal('utilisation'), ...utilisation }),
  z.object({ kind: z.literal('utilisationCsv'), ...utilisation }),
  z.object({ kind: z.literal('listFiles'), path }),
  z.object({ kind: z.literal('fileChanges'), from: offset }),
  z.object({ kind: z.literal('readFile'), path }),
  z.object({ kind: z.literal('writeFile'), path, bytes }),
  z.object({ kind: z.literal('renameFile'), path, to: path }),
  z.object({ kind: z.literal('removeFile'), path }),
  z.object({ kind: z.literal('makeDirectory'), path }),
  z.object({ kind: z.literal('userFiles') }),
]);

export type Request = z.infer<typeof requestSchema>;

/** What answers each kind of request. */
export interface Replies {
  boot: BootSummary;
  startXen: null;
  run: null;
  pause: null;
  reset: null;
  step: null;
  stepOver: null;
  stepOut: null;
  setStopPoints: null;
  pace: null;
  /** Bytes taken; the rest found no room and was dropped. */
  input: number;
  status: Status;
  console: ConsoleWindow;
  log: LogWindow;
  registers: CoreRegisters;
  systemRegisters: readonly SystemRegisterValue[];
  memory: MemoryWindow;
  translation: Translation;
  backtrace: Backtrace;
  domains: DomainList;
  utilisation: Utilisation;
  utilisationCsv: string;
  listFiles: readonly FileEntry[];
  fileChanges: FileChanges;
  readFile: Uint8Array;
  writeFile: null;
  renameFile: null;
  removeFile: null;
  makeDirectory: null;
  userFiles: UserFiles;
}

export const callSchema = z.object({ id: offset, request: requestSchema });
/** A request on its way. */
export type Call = z.infer<typeof callSchema>;

/** A refusal is the user's to read (a bad file, nothing to run); a bug in the worker is a `crash` instead. */
export type FromWorker =
  | { readonly kind: 'hello'; readonly version: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'crash'; readonly message: string; readonly stack: string }
  | { readonly kind: 'reply'; readonly id: number; readonly value: Replies[keyof Replies] }
  | { readonly kind: 'refused'; readonly id: number; readonly error: string };
