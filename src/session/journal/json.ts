/** Journals as JSON, for files and links. */

import { err, type Result } from '../../base/result.ts';
import type { Json } from '../../base/shape.ts';
import {
  bytes,
  flag,
  list,
  natural,
  nullable,
  oneOf,
  optional,
  readShape,
  record,
  text,
  textLike,
  variant,
  whole,
} from '../../base/shape.ts';
import {
  type BootRequest,
  type MachineOptions,
  maxCpus,
  maxMemoryMiB,
  type NamedFile,
  type RealXen,
  type Recipe,
  type XenRequest,
} from '../api/boot.ts';
import type { CardImage } from '../api/card.ts';
import { isConsoleId } from '../api/console.ts';
import type { Dom0File, UserFiles } from '../api/files.ts';
import type { Input } from '../api/input.ts';
import { type Journal, type JournalEntry, journalVersion } from '../api/journal.ts';

const namedFile = record<NamedFile>({ name: text, bytes });
const path = textLike('an absolute path', (value): value is string => value.startsWith('/'));
const dom0File = record<Dom0File>({ path, bytes });
const machine = record<MachineOptions>({
  cpus: whole(1, maxCpus),
  memoryMiB: whole(1, maxMemoryMiB),
  el: oneOf(1, 2),
  onReset: optional(oneOf('restart', 'end')),
});

const bootRequest = record<BootRequest>({
  machine,
  kernel: namedFile,
  initrd: optional(namedFile),
  deviceTree: optional(namedFile),
  bootArguments: optional(text),
  placed: optional(list(record({ address: natural, file: namedFile }))),
  seed: optional(whole()),
});

const xenRequest = record<XenRequest>({
  machine,
  real: optional(
    record<RealXen>({
      xen: namedFile,
      symbols: optional(namedFile),
      kernel: namedFile,
      deviceTree: namedFile,
      ramdisks: list(namedFile),
      agent: bytes,
    }),
  ),
  commandLine: text,
  costs: flag,
  seed: whole(),
  guests: list(dom0File),
  user: record<UserFiles>({ files: list(dom0File), removed: list(path) }),
  deferred: optional(list(path)),
  startsDomains: flag,
  script: nullable(text),
  interactive: flag,
});

export const inputShape = variant<Input>({
  keys: { console: textLike('a console', isConsoleId), bytes },
  button: { pressed: flag },
  insertCard: { card: record<CardImage>({ name: text, size: whole(), bytes, isReadOnly: optional(flag) }) },
  ejectCard: {},
  writeFile: { path, bytes, isOriginal: optional(flag) },
  renameFile: { path, to: path },
  removeFile: { path },
  makeDirectory: { path },
  deferredCame: { isComplete: flag },
});

const journal = record<Journal>({
  version: oneOf(journalVersion),
  recipe: variant<Recipe>({ kernel: { request: bootRequest }, xen: { request: xenRequest } }),
  inputs: list(record<JournalEntry>({ slice: whole(), input: inputShape })),
  slices: whole(),
});

export const journalToJson = (value: Journal): Json => journal.toJson(value);

/** Reads what `journalToJson` has written. The error is one sentence for the user. */
export function journalFromJson(json: unknown): Result<Journal> {
  const read = readShape(journal, json, 'journal');
  if (!read.ok) return read;
  const { inputs, slices } = read.value;
  const isInOrder = inputs.every(({ slice }, i) => slice >= (inputs[i - 1]?.slice ?? 0) && slice <= slices);
  return isInOrder ? read : err('journal.inputs are not in the order of their slices.');
}
