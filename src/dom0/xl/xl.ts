/** xl, the toolstack's command line (tools/xl/xl.c). */

import { nameOf } from '../libxl/names.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, type Task } from '../os/task.ts';
import type { CommandContext, CommandEntry } from '../shell/command.ts';
import { runSubcommand, type Subcommand, type Xl, type XlServices } from './command.ts';
import { xlCommands } from './commands.ts';
import { consoleCommands } from './console.ts';
import { createCommands } from './create.ts';
import { manageCommands } from './manage.ts';
import { xlHelp } from './options.ts';
import { schedulingCommands } from './scheduling.ts';
import { showCommands } from './show.ts';

const subcommands: ReadonlyMap<string, Subcommand> = new Map([
  ...createCommands,
  ...showCommands,
  ...manageCommands,
  ...consoleCommands,
  ...schedulingCommands,
]);

function* run(services: XlServices, context: CommandContext): Task<number> {
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
  const subcommand = subcommands.get(name);
  if (!subcommand) {
    const isReal = xlCommands.some((known) => known.name === name);
    err(isReal ? `xl ${name}: not in this simulator yet\n` : 'command not implemented\n');
    return 1;
  }
  const xl: Xl = { ...services, context, verbose, dryRun };
  return yield* runSubcommand(xl, name, subcommand, name === 'create' ? fileFirst(rest) : rest);
}

/** `xl create FILE -p` takes its options behind the file too: the first word is taken away before options are read. */
function fileFirst(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  return first !== undefined && !first.startsWith('-') && !first.includes('=') ? ['-f', first, ...rest] : words;
}

/** Commands whose first argument is a domain. */
const takesDomain: ReadonlySet<string> = new Set([
  'list',
  'vcpu-list',
  'vcpu-pin',
  'domid',
  'uptime',
  'pause',
  'unpause',
  'destroy',
  'shutdown',
  'reboot',
  'rename',
  'console',
]);

export const xlCommand = (services: XlServices): CommandEntry => ({
  summary: 'manage domains; see xl help',
  run: (context) => run(services, context),
  complete(words, written) {
    if (words.length === 0) return ['help', ...subcommands.keys()].sort();
    const [command = ''] = words;
    if (command === 'help') return [...subcommands.keys()];
    const wantsDomain = (takesDomain.has(command) && words.length === 1) || words.at(-1) === '-d';
    if (!wantsDomain || written.includes('/')) return [];
    return [...services.libxl.xen.domains.keys()].flatMap((domid) => nameOf(services.libxl, domid) ?? []);
  },
});
