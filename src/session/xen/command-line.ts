/**
 * The check of Xen's command line before a machine is built: what it says about the machine as a whole, and what each
 * of its words does.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { CommandLine } from '../../xen/command-line.ts';
import { dom0MaxVcpus, dom0Memory, parameters } from '../../xen/parameters.ts';
import type { CommandLineCheck, CommandLineWord } from '../api/boot.ts';

export interface XenCommandLine {
  /** Dom0's memory in MiB. */
  readonly dom0MiB: number;
  /** Sentences for the log: the parameters that this model ignores. */
  readonly notes: readonly string[];
}

/** Xen's default for Dom0 on Arm. */
const defaultDom0MiB = 512;
/** What Xen and its smallest guests need besides Dom0. */
const otherMiB = 16;

/** Reads the command line for a machine with so much memory. The error is one sentence for the user. */
export function readXenCommandLine(text: string, memoryMiB: number): Result<XenCommandLine> {
  const commandLine = new CommandLine(text);
  const notes: string[] = [];
  for (const { name, value } of commandLine.words) {
    const parameter = parameters.find((known) => known.name === name);
    if (!parameter) notes.push(`${name}: there is no such option here; it is ignored`);
    else if (parameter.parse(value) === null) {
      const wrong = `${name} takes ${parameter.takes}, not '${value}'`;
      if (!parameter.hasFallback) return err(`${wrong}.`);
      notes.push(`${wrong}; Xen uses its default`);
    } else if (parameter === dom0MaxVcpus && value !== '1')
      notes.push(`${name}=${value}: the model of Domain-0 has one vCPU`);
  }
  const bytes = commandLine.get(dom0Memory, Math.min(defaultDom0MiB, memoryMiB / 2) * 2 ** 20);
  // Dom0's memory is mapped in whole blocks of stage 2.
  const dom0MiB = 2 * Math.ceil(bytes / 2 ** 21);
  if (dom0MiB < 2 || dom0MiB > memoryMiB - otherMiB)
    return err(`dom0_mem has to be from 2M to ${memoryMiB - otherMiB}M on a machine with ${memoryMiB} MiB.`);
  return ok({ dom0MiB, notes });
}

/** What each word of a command line does on a machine with so much memory, and why Xen cannot start with it, if so. */
export function checkXenCommandLine(text: string, memoryMiB: number): CommandLineCheck {
  const read = readXenCommandLine(text, memoryMiB);
  const { words } = new CommandLine(text);
  const known = (name: string) => parameters.find((parameter) => parameter.name === name);
  const means = ({ name, value }: { name: string; value: string }): boolean =>
    (known(name)?.parse(value) ?? null) !== null;
  return {
    error: read.ok ? null : read.error,
    dom0MiB: read.ok ? read.value.dom0MiB : null,
    words: words.map(({ name, value }, at): CommandLineWord => {
      const parameter = known(name);
      const isLast = !words.slice(at + 1).some((later) => later.name === name && means(later));
      const effect = !parameter
        ? 'unknown'
        : !means({ name, value })
          ? 'wrong'
          : parameter.isIgnored
            ? 'ignored'
            : isLast
              ? 'used'
              : 'overridden';
      return { name, value, effect, takes: parameter?.takes ?? null };
    }),
    parameters: parameters.flatMap(({ name, isIgnored }) => (isIgnored ? [] : [name])),
  };
}
