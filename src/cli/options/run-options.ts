/** The options of all commands that run a machine. */
import type { OnReset } from '../../session/api/boot.ts';
import { UsageError } from '../exit-code.ts';
import { seconds } from './values.ts';

/** A port of a network, and the file that gets its frames. */
export interface CaptureOption {
  readonly port: string;
  readonly path: string;
}

export interface RunOptions {
  readonly onReset: OnReset;
  /** Path of the file that is the SD card; null for none. */
  readonly card: string | null;
  readonly captures: readonly CaptureOption[];
  /** Limits in seconds; Infinity for none. */
  readonly virtualSeconds: number;
  readonly maxSeconds: number;
  /** Paths of files to write, or null. */
  readonly stats: string | null;
  readonly trace: string | null;
}

/** For `parseArgs`. */
export const runOptionTypes = {
  sd: { type: 'string' },
  capture: { type: 'string', multiple: true },
  'on-reset': { type: 'string' },
  'virtual-seconds': { type: 'string' },
  'max-seconds': { type: 'string' },
  stats: { type: 'string' },
  trace: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Their lines in a command's help. */
export const runOptionsHelp = `  --sd FILE              the card in the SD slot, read and written there; a multiple of 512 KiB, up to 1 GiB; a file that
                         cannot be written is a card with write protection
  --capture PORT=FILE    write the frames at a port of a network to a pcap file, which Wireshark and tshark read; their
                         times are virtual. Ports: gem3, the board's Ethernet; with Xen also xenbr0, which is Domain-0, and
                         vif1.0 for the first interface of domain 1; several are taken
  --on-reset WHAT        after a reset by software or a watchdog: restart, as the board does (default), or end the run
  --virtual-seconds S    end after this much virtual time
  --max-seconds S        end after this much wall time
  --stats FILE           write figures of the run to a JSON file
  --trace FILE           write every event to a text file: exceptions, interrupts, device accesses, DMA, calls of
                         the firmware, and with Xen hypercalls, scheduling and backends; the run is the same with it,
                         but several times slower
  --help                 this text
`;

/** Throws UsageError. */
export const readRunOptions = (
  values: Readonly<
    Partial<Record<'sd' | 'on-reset' | 'virtual-seconds' | 'max-seconds' | 'stats' | 'trace', string>>
  > & {
    readonly capture?: readonly string[] | undefined;
  },
): RunOptions => ({
  onReset: onReset(values['on-reset'] ?? 'restart'),
  card: values.sd ?? null,
  captures: (values.capture ?? []).map(captureOption),
  virtualSeconds: seconds('--virtual-seconds', values['virtual-seconds']),
  maxSeconds: seconds('--max-seconds', values['max-seconds']),
  stats: values.stats ?? null,
  trace: values.trace ?? null,
});

/** Reads `PORT=FILE`. */
function captureOption(argument: string): CaptureOption {
  const [, port, path] = argument.match(/^([^=]+)=(.+)$/s) ?? [];
  if (port && path) return { port, path };
  throw new UsageError(`--capture takes PORT=FILE, as in vif1.0=guest.pcap, not '${argument}'.`);
}

function onReset(value: string): OnReset {
  if (value === 'restart' || value === 'end') return value;
  throw new UsageError(`--on-reset takes restart or end, not '${value}'.`);
}
