/** The options of all commands that run a machine. */
import type { OnReset } from '../../session/api/boot.ts';
import { UsageError } from '../exit-code.ts';
import { parsePattern } from './patterns.ts';
import { seconds, syntax } from './values.ts';

/** A port of a network, and the file that gets its frames. */
export interface CaptureOption {
  readonly port: string;
  readonly path: string;
}

/** A snapshot to write: at a virtual time in seconds, when a text has appeared, or at the end of the run (null). */
export interface SaveOption {
  readonly path: string;
  readonly at: number | RegExp | null;
}

/** Where GDB is waited for, and the only domain that it debugs; null for everything. */
export interface GdbOption {
  readonly port: number;
  readonly domain: string | null;
}

export interface RunOptions {
  readonly onReset: OnReset;
  /** Path of the file that is the SD card; null for none. */
  readonly card: string | null;
  readonly captures: readonly CaptureOption[];
  readonly saves: readonly SaveOption[];
  /** Path of the file that gets the run's journal at its end, and of one whose inputs are to enter; null for none. */
  readonly journal: string | null;
  readonly replay: string | null;
  /** Limits in seconds; Infinity for none. */
  readonly virtualSeconds: number;
  readonly maxSeconds: number;
  /** Paths of files to write, or null. */
  readonly stats: string | null;
  readonly trace: string | null;
  readonly gdb: GdbOption | null;
}

/** For `parseArgs`. */
export const runOptionTypes = {
  sd: { type: 'string' },
  capture: { type: 'string', multiple: true },
  save: { type: 'string', multiple: true },
  journal: { type: 'string' },
  replay: { type: 'string' },
  'on-reset': { type: 'string' },
  'virtual-seconds': { type: 'string' },
  'max-seconds': { type: 'string' },
  stats: { type: 'string' },
  trace: { type: 'string' },
  gdb: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Their lines in a command's help. */
export const watchOptionsHelp = `  --capture PORT=FILE    write the frames at a port of a network to a pcap file, which Wireshark and tshark read; their
                         times are virtual. Ports: gem3, the board's Ethernet; with Xen also xenbr0, which is Domain-0, and
                         vif1.0 for the first interface of domain 1; several are taken
  --save FILE[@WHEN]     write a snapshot, from which 'el2lab resume FILE' goes on: at a virtual time in seconds, or when a REGEX
                         has appeared on the serial port or Domain-0's terminal; the run goes on; without WHEN at its end;
                         several are taken
  --journal FILE         write the run's journal at its end: what was started, and what entered when; a page opens it, and
                         'el2lab resume FILE' plays it
  --virtual-seconds S    end after this much virtual time since power-on
  --max-seconds S        end after this much wall time
  --stats FILE           write figures of the run to a JSON file
  --trace FILE           write every event to a text file: exceptions, interrupts, device accesses, DMA, calls of
                         the firmware, and with Xen hypercalls, scheduling and backends; the run is the same with it,
                         but several times slower; a FILE.pftrace is the scheduling timeline for ui.perfetto.dev
  --gdb PORT[=DOMAIN]    wait for GDB on a port of this computer before the first instruction: 'target remote localhost:PORT' in
                         gdb-multiarch; it debugs the cores and all domains, or one domain from the moment it is created
  --help                 this text
`;

export const replayOptionHelp = `  --replay FILE          have the inputs of a journal or a snapshot enter at their virtual times; until the last nothing else is typed
`;

/** Those and what a command that starts a machine has besides. */
export const runOptionsHelp = `  --sd FILE              the card in the SD slot, read and written there; a multiple of 512 KiB, up to 1 GiB; a file that
                         cannot be written is a card with write protection
  --on-reset WHAT        after a reset by software or a watchdog: restart, as the board does (default), or end the run
${watchOptionsHelp}`;

/** Throws UsageError. */
export const readRunOptions = (
  values: Readonly<
    Partial<
      Record<
        'sd' | 'journal' | 'replay' | 'on-reset' | 'virtual-seconds' | 'max-seconds' | 'stats' | 'trace' | 'gdb',
        string
      >
    >
  > & {
    readonly capture?: readonly string[] | undefined;
    readonly save?: readonly string[] | undefined;
  },
): RunOptions => ({
  onReset: onReset(values['on-reset'] ?? 'restart'),
  card: values.sd ?? null,
  captures: (values.capture ?? []).map(captureOption),
  saves: (values.save ?? []).map(saveOption),
  journal: values.journal ?? null,
  replay: values.replay ?? null,
  virtualSeconds: seconds('--virtual-seconds', values['virtual-seconds']),
  maxSeconds: seconds('--max-seconds', values['max-seconds']),
  stats: values.stats ?? null,
  trace: values.trace ?? null,
  gdb: values.gdb === undefined ? null : gdbOption(values.gdb),
});

/** Reads `PORT=FILE`. */
function captureOption(argument: string): CaptureOption {
  const [, port, path] = argument.match(/^([^=]+)=(.+)$/s) ?? [];
  if (port && path) return { port, path };
  throw new UsageError(`--capture takes PORT=FILE, as in vif1.0=guest.pcap, not '${argument}'.`);
}

/** Reads `PORT` or `PORT=DOMAIN`. Port 0 is any that is free. */
function gdbOption(argument: string): GdbOption {
  const [, port, domain] = argument.match(/^(\d{1,5})(?:=(.+))?$/s) ?? [];
  if (port !== undefined && Number(port) < 65536) return { port: Number(port), domain: domain ?? null };
  throw new UsageError(`--gdb takes PORT or PORT=DOMAIN, as in 1234=rtos-a, not '${argument}'.`);
}

/** Reads `FILE`, `FILE@SECONDS` or `FILE@REGEX`. */
function saveOption(argument: string): SaveOption {
  const at = argument.indexOf('@');
  if (at < 0) return { path: argument, at: null };
  const [path, when] = [argument.slice(0, at), argument.slice(at + 1)];
  if (path === '' || when === '')
    throw new UsageError(`--save takes FILE@WHEN, as in linux.snap@2.5, not '${argument}'.`);
  if (/^\d*\.?\d+$/.test(when)) return { path, at: Number(when) };
  return { path, at: syntax('--save', when, parsePattern) };
}

function onReset(value: string): OnReset {
  if (value === 'restart' || value === 'end') return value;
  throw new UsageError(`--on-reset takes restart or end, not '${value}'.`);
}
