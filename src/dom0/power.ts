/**
 * The commands that end or restart the machine. Linux in a Domain-0 asks Xen for it (SCHEDOP_shutdown). Here nothing is
 * stopped before: the other domains go down with the machine.
 */
import { ShutdownReason } from '../xen/domain/domain.ts';
import type { Program } from './os/program.ts';
import { Signal, until } from './os/task.ts';

const options: ReadonlySet<string> = new Set(['-f', '--force']);

const rows = [
  ['reboot', 'restart the machine', ShutdownReason.reboot],
  ['poweroff', 'turn the machine off', ShutdownReason.poweroff],
  ['halt', 'turn the machine off', ShutdownReason.poweroff],
] as const;

/** What a letter asks of Linux's kernel at once (its documentation, admin-guide/sysrq.rst). */
const requests: Readonly<Record<string, number>> = {
  b: ShutdownReason.reboot,
  c: ShutdownReason.crash,
  o: ShutdownReason.poweroff,
};

/** /proc/sysrq-trigger: `c` crashes Domain-0, and with it the machine. */
export const sysrqTrigger =
  (shutdown: (reason: number) => void) =>
  (text: string): void => {
    const reason = requests[text[0] ?? ''];
    if (reason !== undefined) shutdown(reason);
  };

/** `shutdown` is Domain-0's call of Xen; the machine stops soon after. */
export const powerPrograms = (shutdown: (reason: number) => void): Program[] =>
  rows.map(([name, summary, reason]) => ({
    name,
    summary,
    *run({ args, err }) {
      const unknown = args.find((argument) => !options.has(argument));
      if (unknown !== undefined) {
        err(`${name}: invalid option '${unknown}'\n`);
        return 1;
      }
      shutdown(reason);
      yield* until(new Signal('end of the machine'), () => false);
      return 0;
    },
  }));
