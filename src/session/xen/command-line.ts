/** What of Xen's command line concerns the machine as a whole (xen-command-line.pandoc); the rest Xen reads itself. */
import { err, ok, type Result } from '../../base/result.ts';

export interface XenCommandLine {
  /** Dom0's memory in MiB. */
  readonly dom0MiB: number;
  /** What is not known, or not as this model has it, in sentences for the log. */
  readonly notes: readonly string[];
}

/** DOM0_MEM_DEFAULT of Xen on Arm. */
const defaultDom0MiB = 512;
/** What Xen and its smallest guests need besides Dom0. */
const otherMiB = 16;

/** Options that Xen or this file serves, or that name what is so here anyway. */
const served = new Set([
  'dom0_mem',
  'dom0_max_vcpus',
  'sched',
  'sched_credit_tslice_ms',
  'sched_ratelimit_us',
  'loglvl',
  'guest_loglvl',
  'console',
  'dtuart',
  'bootscrub',
]);

const shifts = new Map([
  ['b', 0],
  ['k', 10],
  ['', 10],
  ['m', 20],
  ['g', 30],
]);

/** parse_size_and_unit: KiB without a unit. Bytes, or null. */
function sizeOf(text: string): number | null {
  const [, digits, unit = ''] = /^(\d+)([bkmg]?)$/i.exec(text) ?? [];
  const shift = shifts.get(unit.toLowerCase());
  return digits === undefined || shift === undefined ? null : Number(digits) * 2 ** shift;
}

/** Reads it for a machine with so much memory. The error is one sentence for the user. */
export function readXenCommandLine(text: string, memoryMiB: number): Result<XenCommandLine> {
  const notes: string[] = [];
  let dom0MiB = Math.min(defaultDom0MiB, memoryMiB / 2);
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    const value = at < 0 ? '' : word.slice(at + 1);
    if (name === 'dom0_mem') {
      const size = sizeOf(value.replace(/^max:/, ''));
      if (size === null) return err(`dom0_mem takes a size, as in dom0_mem=512M, not '${value}'.`);
      dom0MiB = size / 2 ** 20;
    } else if (name === 'sched' && value !== 'credit') {
      return err(`There is no scheduler '${value}' here: sched=credit is the one there is.`);
    } else if (name === 'dom0_max_vcpus' && value !== '1') {
      notes.push(`${word}: the model of Domain-0 has one vCPU`);
    } else if (!served.has(name)) {
      notes.push(`${name}: there is no such option here; it is ignored`);
    }
  }
  // Dom0 has whole blocks of stage 2.
  dom0MiB = 2 * Math.ceil(dom0MiB / 2);
  if (dom0MiB < 2 || dom0MiB > memoryMiB - otherMiB)
    return err(`dom0_mem has to be from 2M to ${memoryMiB - otherMiB}M on a machine with ${memoryMiB} MiB.`);
  return ok({ dom0MiB, notes });
}
