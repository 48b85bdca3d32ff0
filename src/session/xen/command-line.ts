/** The check of Xen's command line before a machine is built, and what it says about the machine as a whole. */
import { err, ok, type Result } from '../../base/result.ts';
import { CommandLine } from '../../xen/command-line.ts';
import { dom0MaxVcpus, dom0Memory, parameters } from '../../xen/parameters.ts';

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
    else if (parameter.parse(value) === null) return err(`${name} takes ${parameter.takes}, not '${value}'.`);
    else if (parameter === dom0MaxVcpus && value !== '1')
      notes.push(`${name}=${value}: the model of Domain-0 has one vCPU`);
  }
  const bytes = commandLine.get(dom0Memory, Math.min(defaultDom0MiB, memoryMiB / 2) * 2 ** 20);
  // Dom0's memory is mapped in whole blocks of stage 2.
  const dom0MiB = 2 * Math.ceil(bytes / 2 ** 21);
  if (dom0MiB < 2 || dom0MiB > memoryMiB - otherMiB)
    return err(`dom0_mem has to be from 2M to ${memoryMiB - otherMiB}M on a machine with ${memoryMiB} MiB.`);
  return ok({ dom0MiB, notes });
}
