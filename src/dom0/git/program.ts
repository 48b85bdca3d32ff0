/** git, on the repositories in Dom0's files. It is a small one of our own; what it writes, the real one reads. */

import { dom0Costs } from '../os/costs.ts';
import { resolvePath } from '../os/files.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, type Task } from '../os/task.ts';
import {
  branchCommand,
  checkoutCommand,
  configCommand,
  hashObjectCommand,
  initCommand,
  mergeCommand,
  restoreCommand,
  switchCommand,
  tagCommand,
} from './commands/branches.ts';
import { bundleCommand, cloneCommand, fetchCommand, pullCommand } from './commands/bundles.ts';
import { Fatal, fatal, type Git, type GitCommand } from './commands/command.ts';
import {
  catFileCommand,
  diffCommand,
  logCommand,
  lsFilesCommand,
  revParseCommand,
  showCommand,
} from './commands/history.ts';
import { addCommand, commitCommand, resetCommand, rmCommand, statusCommand } from './commands/status.ts';
import { Repository } from './repository.ts';

const commands: readonly GitCommand[] = [
  initCommand,
  cloneCommand,
  fetchCommand,
  pullCommand,
  addCommand,
  rmCommand,
  commitCommand,
  statusCommand,
  diffCommand,
  logCommand,
  showCommand,
  branchCommand,
  checkoutCommand,
  switchCommand,
  restoreCommand,
  resetCommand,
  mergeCommand,
  tagCommand,
  bundleCommand,
  configCommand,
  catFileCommand,
  hashObjectCommand,
  lsFilesCommand,
  revParseCommand,
];

/** Those that work outside a repository. */
const withoutRepository: ReadonlySet<GitCommand> = new Set([initCommand, cloneCommand, hashObjectCommand]);

const help = (): string => {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 3;
  const lines = commands.map(({ name, summary }) => `   ${name.padEnd(width)}${summary}\n`);
  return `usage: git [-C <path>] <command> [<args>]\n\nThese are the commands of Domain-0's git; the repositories are those of every git.\n\n${lines.join('')}`;
};

function* run(context: ProgramContext): Task<number> {
  yield* compute(dom0Costs.smallProgram);
  const words = [...context.args];
  let { directory } = context;
  while (words[0] === '-C') {
    directory = resolvePath(words[1] ?? '.', directory);
    words.splice(0, 2);
  }
  const [name, ...args] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    context.out(help());
    return name === undefined ? 1 : 0;
  }
  if (name === '--version' || name === 'version') {
    context.out("git version 2.39.5 (Domain-0's model)\n");
    return 0;
  }
  const command = commands.find((each) => each.name === name);
  if (!command) {
    context.err(`git: '${name}' is not a git command. See 'git --help'.\n`);
    return 1;
  }
  try {
    return command.run(gitIn(context, directory, command), args);
  } catch (error) {
    if (!(error instanceof Fatal)) throw error;
    context.err(error.message);
    return error.code;
  }
}

function gitIn(context: ProgramContext, directory: string, command: GitCommand): Git {
  const found = Repository.find(context.files, directory);
  if (!found && !withoutRepository.has(command))
    throw fatal('not a git repository (or any of the parent directories): .git');
  return {
    context,
    directory,
    get repository(): Repository {
      if (!found) throw fatal('not a git repository (or any of the parent directories): .git');
      return found;
    },
  };
}

export const gitProgram: Program = {
  name: 'git',
  summary: 'revisions of files; see git help',
  run,
  complete: (words) => (words.length === 0 ? commands.map(({ name }) => name).sort() : []),
};
