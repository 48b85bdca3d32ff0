import { bootCommand } from './commands/boot.ts';
import type { Command } from './commands/command.ts';
import { compareCommand } from './commands/compare.ts';
import { resumeCommand } from './commands/resume.ts';
import { storyCommand } from './commands/story.ts';
import { xenCommand } from './commands/xen.ts';
import { ExitCode, UsageError } from './exit-code.ts';

const commands: readonly Command[] = [bootCommand, xenCommand, storyCommand, compareCommand, resumeCommand];

const help = `EL2 Lab: a Zynq UltraScale+ MPSoC that runs EL2 software.

Usage: el2lab COMMAND [options]

${commands.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}\n`).join('')}  --help    this text; 'el2lab COMMAND --help' explains a command

Exit codes: 0 done, 1 the guest failed or the awaited text never came, 2 wrong usage or a bad file, 3 a limit was reached.
`;

/** Runs the command that the arguments name. Throws UsageError. */
async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    process.stdout.write(help);
    return ExitCode.done;
  }
  if (name === undefined) throw new UsageError("A command is needed; 'el2lab --help' lists them.");
  const command = commands.find((each) => each.name === name);
  if (!command) throw new UsageError(`There is no command '${name}'; 'el2lab --help' lists them.`);
  return command.run(rest);
}

// The reader of our output may stop reading, as `head` does.
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
