/** The options of all commands that run a machine. */
import { seconds } from './values.ts';

export interface RunOptions {
  /** Limits in seconds; Infinity for none. */
  readonly virtualSeconds: number;
  readonly maxSeconds: number;
  /** Paths of files to write, or null. */
  readonly stats: string | null;
  readonly trace: string | null;
}

/** For `parseArgs`. */
export const runOptionTypes = {
  'virtual-seconds': { type: 'string' },
  'max-seconds': { type: 'string' },
  stats: { type: 'string' },
  trace: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Their lines in a command's help. */
export const runOptionsHelp = `  --virtual-seconds S    end after this much virtual time
  --max-seconds S        end after this much wall time
  --stats FILE           write figures of the run to a JSON file
  --trace FILE           write every event to a text file: exceptions, interrupts, device accesses, DMA, calls of
                         the firmware, and with Xen hypercalls, scheduling and backends; the run is the same with it,
                         but several times slower
  --help                 this text
`;

/** Throws UsageError. */
export const readRunOptions = (
  values: Readonly<Partial<Record<'virtual-seconds' | 'max-seconds' | 'stats' | 'trace', string>>>,
): RunOptions => ({
  virtualSeconds: seconds('--virtual-seconds', values['virtual-seconds']),
  maxSeconds: seconds('--max-seconds', values['max-seconds']),
  stats: values.stats ?? null,
  trace: values.trace ?? null,
});
