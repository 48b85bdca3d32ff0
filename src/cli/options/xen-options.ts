import { parseArgs } from 'node:util';
import { type MachineOptions, maxCpus, maxMemoryMiB } from '../../session/api/boot.ts';
import { UsageError } from '../exit-code.ts';
import { parsePattern } from './patterns.ts';
import { type RunOptions, readRunOptions, replayOptionHelp, runOptionsHelp, runOptionTypes } from './run-options.ts';
import { integer, largestSeed, syntax, usage } from './values.ts';

const defaults = { cpus: maxCpus, memoryMiB: maxMemoryMiB, seed: 1 } as const;

export const xenHelp = `Usage: el2lab xen [options]

Boots Xen with Domain-0 on a ZCU102. Without --real both are models: Domain-0 is a control shell with xl, not Linux. Its terminal is on standard
output, Xen's serial port on standard error. Without a script, standard input is its keyboard if that is a terminal (the machine
keeps to real time then; Ctrl-A x ends the run), and otherwise the script; where it is empty, --until or a limit of time ends the run. A
script runs as fast as it goes; 'sleep' in it is virtual time, and its end ends the run with its last exit code. After a 'reboot' in
it, Xen and Domain-0 boot again and it goes on.

  --real                 boot the unmodified Xen 4.17 with Debian's Linux as Domain-0 and its xl, which 'npm run images' fetches
  --xen-args STRING      Xen's command line: dom0_mem=512M sched_credit_tslice_ms=10 loglvl=all ...
  --script FILE          run a script in Domain-0's shell
  --dom0-cmd STRING      run a line in it; several are taken one after the other
  --boot-script          have Domain-0 run its /etc/rc.local first, which creates the domains of the page's ready session
  --until REGEX          end when this appears on Domain-0's terminal
  --files DIR            lay the files of a directory over Domain-0's: DIR/guests/x.img is /guests/x.img there
  --disks DIR            keep images and volumes in a directory: /dev/vg/x is DIR/dev/vg/x, a raw image that other tools can read.
                         Those that are there are Domain-0's at the start; without it, all disks end with the run
  --linux                have Debian's Linux for domains, which 'npm run images' fetches: /etc/xen/linux-a.cfg, linux-b.cfg,
                         linux-disk.cfg and linux.cfg
  --dtb FILE             the board's device tree, as Domain-0's /etc/xen/board.dtb: a device that it marks xen,passthrough leaves
                         its interrupts to guests (default: the stock tree, which marks none)
  --console DOMAIN=FILE  write what the domains of this name print on their consoles to a file; several are taken
  --cpus N               physical CPUs, 1 to ${maxCpus} (default ${defaults.cpus})
  --memory MIB           DRAM in MiB, 64 to ${maxMemoryMiB} (default ${defaults.memoryMiB})
  --seed N               from which UUIDs and the guests' random seeds come (default ${defaults.seed})
  --no-costs             Xen's own work takes no time
${replayOptionHelp}${runOptionsHelp} codes: that of the script's last command; otherwise 0 you ended the run, 1 the machine stopped, 2 wrong usage or a file that
cannot be used, 3 a limit of time was reached.
`;

/** A domain's name and the file for its console output. */
export interface ConsoleFile {
  readonly domain: string;
  readonly path: string;
}

export interface XenOptions extends RunOptions {
  /** Whether the machine runs the real Xen. */
  readonly real: boolean;
  readonly xenArgs: string;
  /** Path of a script, or its lines; null if neither is given. */
  readonly script: string | null;
  readonly commands: readonly string[] | null;
  readonly bootScript: boolean;
  readonly until: RegExp | null;
  /** Path of a directory. */
  readonly files: string | null;
  /** Path of a directory. */
  readonly disks: string | null;
  readonly linux: boolean;
  /** Path of a device tree. */
  readonly dtb: string | null;
  readonly consoles: readonly ConsoleFile[];
  readonly machine: MachineOptions;
  readonly seed: number;
  readonly costs: boolean;
}

/** Reads the arguments after `xen`; null asks for help. Throws UsageError. */
export function parseXenOptions(args: readonly string[]): XenOptions | null {
  const { values } = usage(() =>
    parseArgs({
      args: [...args],
      options: {
        real: { type: 'boolean' },
        'xen-args': { type: 'string' },
        script: { type: 'string' },
        'dom0-cmd': { type: 'string', multiple: true },
        'boot-script': { type: 'boolean' },
        until: { type: 'string' },
        files: { type: 'string' },
        disks: { type: 'string' },
        linux: { type: 'boolean' },
        dtb: { type: 'string' },
        console: { type: 'string', multiple: true },
        cpus: { type: 'string' },
        memory: { type: 'string' },
        seed: { type: 'string' },
        'no-costs': { type: 'boolean' },
        ...runOptionTypes,
      },
    }),
  );
  if (values.help) return null;
  if (values.script !== undefined && values['dom0-cmd'])
    throw new UsageError('--script and --dom0-cmd both say what Domain-0 is to do: give one of them.');
  if (values.real && (values.disks !== undefined || values['no-costs']))
    throw new UsageError(
      `--${values['no-costs'] ? 'no-costs' : 'disks'} is for the model of Xen: it does nothing with --real.`,
    );
  return {
    real: values.real ?? false,
    xenArgs: values['xen-args'] ?? '',
    script: values.script ?? null,
    commands: values['dom0-cmd'] ?? null,
    bootScript: values['boot-script'] ?? false,
    until: values.until === undefined ? null : syntax('--until', values.until, parsePattern),
    files: values.files ?? null,
    disks: values.disks ?? null,
    linux: values.linux ?? false,
    dtb: values.dtb ?? null,
    consoles: (values.console ?? []).map(consoleFile),
    machine: {
      cpus: integer('--cpus', values.cpus, [1, maxCpus]) ?? defaults.cpus,
      memoryMiB: integer('--memory', values.memory, [64, maxMemoryMiB]) ?? defaults.memoryMiB,
      el: 2,
    },
    seed: integer('--seed', values.seed, [0, largestSeed]) ?? defaults.seed,
    costs: !values['no-costs'],
    ...readRunOptions(values),
  };
}

/** Reads `DOMAIN=FILE`. */
export function consoleFile(argument: string): ConsoleFile {
  const [, domain, path] = argument.match(/^([^=]+)=(.+)$/s) ?? [];
  if (domain && path) return { domain, path };
  throw new UsageError(`--console takes DOMAIN=FILE, as in rtos-a=rtos-a.txt, not '${argument}'.`);
}
