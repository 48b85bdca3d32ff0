import { parseArgs } from 'node:util';
import { defaultMachine, type MachineOptions, maxCpus, maxMemoryMiB } from '../../session/api/boot.ts';
import { UsageError } from '../exit-code.ts';
import { parseInput, parsePattern, type TypedInput } from './patterns.ts';
import { type RunOptions, readRunOptions, replayOptionHelp, runOptionsHelp, runOptionTypes } from './run-options.ts';
import { integer, largestSeed, syntax, usage } from './values.ts';

export const bootHelp = `Usage: el2lab boot --kernel FILE [options]

Boots a kernel on a ZCU102. The first serial port is on standard output and takes standard input; messages are on standard
error. On a terminal the machine keeps to real time and Ctrl-A x ends the run (Ctrl-A Ctrl-A types one Ctrl-A); otherwise it
runs as fast as it goes.

  --kernel FILE          an ELF file for AArch64 or an arm64 Image, also packed with gzip
  --initrd FILE          initial RAM disk, filled in in the device tree; several are laid over each other (images/initrd.gz, then
                         images/modules.gz: the kernel's modules for card, network and file systems)
  --dtb FILE             device tree blob; its memory and cores follow the options (default: images/zcu102.dtb, the stock tree,
                         if it has been fetched; otherwise a small built-in one)
  --append STRING        the kernel's command line, instead of the one in the device tree
  --at ADDRESS=FILE      put a file at a physical address as it is; several are taken
  --cpus N               cores, 1 to ${maxCpus} (default ${defaultMachine.cpus})
  --memory MIB           DRAM in MiB, 1 to ${maxMemoryMiB} (default ${defaultMachine.memoryMiB})
  --el N                 exception level in which the kernel is entered, 1 or 2 (default ${defaultMachine.el}, as the board's firmware does)
  --seed N               from which the kernel's random numbers come; with it the kernel's place in memory is random too (KASLR)
  --until REGEX          end when this appears on the serial port
  --input 'REGEX=>TEXT'  when this has appeared, type the text; several are taken one after the other
                         (\\n \\r \\t \\e \\\\ \\xHH in the text stand for single characters)
${replayOptionHelp}${runOptionsHelp} codes: 0 the guest powered off, you ended the run, or the text of --until came; 1 the guest failed (it panicked,
waits for ever, resets the machine in a loop or with --on-reset end), or the text never came; 2 wrong usage or a
file that cannot be used; 3 a limit of time was reached.
`;

/** A file and the physical address at which it is loaded. */
interface PlacedFile {
  readonly address: bigint;
  readonly path: string;
}

export interface BootOptions extends RunOptions {
  /** Paths of files; null if not given. */
  readonly kernel: string;
  readonly initrds: readonly string[];
  readonly dtb: string | null;
  readonly append: string | null;
  readonly placed: readonly PlacedFile[];
  readonly seed: number | null;
  readonly machine: MachineOptions;
  readonly until: RegExp | null;
  readonly inputs: readonly TypedInput[];
}

/** Reads the arguments after `boot`; null asks for help. Throws UsageError. */
export function parseBootOptions(args: readonly string[]): BootOptions | null {
  const { values } = usage(() =>
    parseArgs({
      args: [...args],
      options: {
        kernel: { type: 'string' },
        initrd: { type: 'string', multiple: true },
        dtb: { type: 'string' },
        append: { type: 'string' },
        at: { type: 'string', multiple: true },
        cpus: { type: 'string' },
        memory: { type: 'string' },
        el: { type: 'string' },
        seed: { type: 'string' },
        until: { type: 'string' },
        input: { type: 'string', multiple: true },
        ...runOptionTypes,
      },
    }),
  );
  if (values.help) return null;
  if (values.kernel === undefined) throw new UsageError('boot needs --kernel FILE.');
  return {
    kernel: values.kernel,
    initrds: values.initrd ?? [],
    dtb: values.dtb ?? null,
    append: values.append ?? null,
    placed: (values.at ?? []).map(placedFile),
    seed: integer('--seed', values.seed, [0, largestSeed]) ?? null,
    machine: {
      cpus: integer('--cpus', values.cpus, [1, maxCpus]) ?? defaultMachine.cpus,
      memoryMiB: integer('--memory', values.memory, [1, maxMemoryMiB]) ?? defaultMachine.memoryMiB,
      el: (integer('--el', values.el, [1, 2]) ?? defaultMachine.el) === 1 ? 1 : 2,
    },
    until: values.until === undefined ? null : syntax('--until', values.until, parsePattern),
    inputs: (values.input ?? []).map((argument) => syntax('--input', argument, parseInput)),
    ...readRunOptions(values),
  };
}

/** Reads `ADDRESS=FILE`. */
function placedFile(argument: string): PlacedFile {
  const [, address, path] = argument.match(/^(0x[0-9a-fA-F]+|\d+)=(.+)$/s) ?? [];
  if (address && path) return { address: BigInt(address), path };
  throw new UsageError(`--at takes ADDRESS=FILE, as in 0x20000000=initrd.gz, not '${argument}'.`);
}
