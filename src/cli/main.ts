import { boot } from './boot.ts';
import { bootHelp, parseBootOptions } from './boot-options.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { xen } from './xen.ts';
import { parseXenOptions, xenHelp } from './xen-options.ts';

const help = `EL2 Lab: a Zynq UltraScale+ MPSoC that runs EL2 software.

Usage: el2lab COMMAND [options]

  boot      boot a kernel, with the serial port on standard input and output
  xen       boot Xen with a control domain, and create domains by xl
  --help    this text; 'el2lab COMMAND --help' explains a command

Exit codes: 0 done, 1 the guest failed or the awaited text never came, 2 wrong usage or a bad file, 3 a limit was reached.
`;

/** Runs the command that the arguments name. Throws UsageError. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'boot': {
      const options = parseBootOptions(rest);
      if (options) return boot(options);
      process.stdout.write(bootHelp);
      return ExitCode.done;
    }
    case 'xen': {
      const options = parseXenOptions(rest);
      if (options) return xen(options);
      process.stdout.write(xenHelp);
      return ExitCode.done;
    }
    case '--help':
    case '-h':
      process.stdout.write(help);
      return ExitCode.done;
    case undefined:
      throw new UsageError("A command is needed; 'el2lab --help' lists them.");
    default:
      throw new UsageError(`There is no command '${command}'; 'el2lab --help' lists them.`);
  }
}

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitCode.done);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`el2lab: ${error.message}\n`);
  process.exitCode = ExitCode.usage;
}
