/** xl, the toolstack's command line (tools/xl/xl.c). */

import { nameOf } from '../libxl/names.ts';
import { dom0Costs } from '../os/costs.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, type Task } from '../os/task.ts';
import { Exit, type Xl, type XlCommand, type XlServices } from './command.ts';
import { xlTable } from './commands.ts';
import { commandHelp, notImplemented, parseXlOptions } from './options.ts';

const commands: ReadonlyMap<string, XlCommand> = new Map(xlTable.map((command) => [command.name, command]));

/** What `xl help` prints, or `xl help COMMAND`. */
export function xlHelp(about: string | null): string {
  if (about !== null && about !== 'help') {
    const command = commands.get(about);
    return command ? commandHelp(command) : notImplemented(about);
  }
  const lines = xlTable.map(({ name, summary }) => {
    const gap = name.length > 19 ? ` \n ${' '.repeat(19)} ` : ' ';
    return ` ${name.padEnd(19)}${gap}${summary}\n`;
  });
  return `Usage xl [-vfNtT] <subcommand> [args]\n\nxl full list of subcommands:\n\n${lines.join('')}`;
}

/** Reads a command's words and runs it. */
function* runCommand(xl: Xl, command: XlCommand, words: readonly string[]): Task<number> {
  const { out, err } = xl.context;
  err(command.notice ?? '');
  const parsed = parseXlOptions(command, command.prepare?.(words) ?? words);
  if ('exitCode' in parsed) {
    err(parsed.stderr);
    out(parsed.stdout);
    return parsed.exitCode;
  }
  const options = new Map(parsed.options.map(({ letter, argument }) => [letter, argument ?? '']));
  try {
    return yield* command.run(xl, { options, given: parsed.options, operands: parsed.operands });
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    err(error.message);
    return error.code;
  }
}

function* run(services: XlServices, context: ProgramContext): Task<number> {
  yield* compute(dom0Costs.xl);
  const { args, out, err } = context;
  let at = 0;
  let verbose = false;
  let dryRun = false;
  for (; args[at]?.startsWith('-'); at++) {
    for (const letter of (args[at] as string).slice(1)) {
      if (letter === 'v') verbose = true;
      else if (letter === 'N') dryRun = true;
      else if (!'ftT'.includes(letter)) {
        err(`/usr/lib/xen-4.17/bin/xl: invalid option -- '${letter}'\nunknown global option\n`);
        return 1;
      }
    }
  }
  const name = args[at];
  const rest = args.slice(at + 1);
  if (name === undefined) {
    err(xlHelp(null));
    return 1;
  }
  if (name === 'help') {
    const about = rest[0];
    out(xlHelp(about ?? null));
    return 0;
  }
  const command = commands.get(name);
  if (!command) {
    err('command not implemented\n');
    return 1;
  }
  return yield* runCommand({ ...services, context, verbose, dryRun }, command, rest);
}

export const xlProgram = (services: XlServices): Program => ({
  name: 'xl',
  summary: 'manage domains; see xl help',
  run: (context) => run(services, context),
  complete(words, written) {
    if (words.length === 0) return ['help', ...commands.keys()].sort();
    const [name = ''] = words;
    if (name === 'help') return [...commands.keys()].sort();
    const wantsDomain = (commands.get(name)?.takesDomain === true && words.length === 1) || words.at(-1) === '-d';
    if (!wantsDomain || written.includes('/')) return [];
    return [...services.libxl.xen.domains.keys()].flatMap((domid) => nameOf(services.libxl, domid) ?? []);
  },
});
