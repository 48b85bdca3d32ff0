import { parseArgs } from 'node:util';
import { integer, largestSeed, usage } from './values.ts';

export const compareHelp = `Usage: el2lab compare [CONFIG...] [options]

Creates the same domains on the model of Xen and on the real one (npm run images), both on this board, lets them run for the same virtual
time, and prints what each domain got: CPU time in per cent of a pCPU, hypercalls and trapped waits a second, and of an RTOS the
latency of its control task. The difference is that of the model: in points of a share, else in per cent.

  CONFIG                 configs in Domain-0's /etc/xen, by their names without .cfg (default rtos-a rtos-b noisy)
  --files DIR            files for Domain-0: DIR/etc/xen/my.cfg becomes /etc/xen/my.cfg
  --seconds N            virtual seconds to measure (default 5)
  --xen-args WORDS       words for Xen's command line, e.g. sched=credit2
  --seed N               the guests' random seeds (default 1)
  --json                 print JSON
  --help                 this text

Exit codes: 0 both were measured, 1 one of them could not go on, 2 wrong usage or a bad file.
`;

export interface CompareOptions {
  readonly configs: readonly string[];
  readonly files: string | null;
  readonly seconds: number;
  readonly xenArgs: string;
  readonly seed: number;
  readonly json: boolean;
}

/** Reads the arguments after `compare`; null asks for help. Throws UsageError. */
export function parseCompareOptions(args: readonly string[]): CompareOptions | null {
  const { values, positionals } = usage(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        files: { type: 'string' },
        seconds: { type: 'string' },
        'xen-args': { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }),
  );
  if (values.help) return null;
  return {
    configs: positionals.length > 0 ? positionals : ['rtos-a', 'rtos-b', 'noisy'],
    files: values.files ?? null,
    seconds: integer('--seconds', values.seconds, [1, 600]) ?? 5,
    xenArgs: values['xen-args'] ?? '',
    seed: integer('--seed', values.seed, [0, largestSeed]) ?? 1,
    json: values.json ?? false,
  };
}
