/** xl create (tools/xl/xl_vmcontrol.c): reads a config file, creates the domain, and waits to act on its end. */
import { defined } from '../../base/assert.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import { unpauseByToolstack } from '../../xen/domain/life.ts';
import { checkConfig } from '../config/check.ts';
import { describe, type MessageCode } from '../config/diagnostics/messages.ts';
import { configObject, printJson } from '../libxl/config-json.ts';
import type { Complain } from '../libxl/context.ts';
import { createGuest } from '../libxl/create.ts';
import { watchDomain } from '../libxl/death.ts';
import { isStrict } from '../libxl/hvm.ts';
import { randomUuid } from '../libxl/uuid.ts';
import { type FileSystem, resolvePath } from '../os/files.ts';
import type { Process } from '../os/processes.ts';
import { type Task, until } from '../os/task.ts';
import { Exit, type Subcommand, type Xl, type XlCommand } from './command.ts';
import { attach } from './console.ts';
import { commandHelp } from './options.ts';

const run: Subcommand = function* (xl, { options, operands }) {
  const { libxl, context } = xl;
  const [first] = operands;
  // A word with an equals sign changes the config; the first word may be its file.
  const isFile = first !== undefined && !first.includes('=');
  const name = isFile ? first : options.get('f');
  const overrides = isFile ? operands.slice(1) : operands;
  if (name === undefined) throw new Exit('Config file not specified and none in save file\n', 6);
  const odd = overrides.find((text) => !text.includes('='));
  if (odd !== undefined) throw new Exit(commandHelp(createCommand), 2);
  const source = resolvePath(name, context.directory);
  const file = libxl.files.readText(source);
  if (!file.ok) throw new Exit(`Failed to read config file: ${name}: ${file.error}\n`, 3);
  const quiet = options.has('q');
  if (!quiet) context.err(`Parsing config from ${name}\n`);
  const text = overrides.length > 0 ? `${file.value}\n${overrides.join('\n')}\n` : file.value;
  const checked = checkConfig(text, { source: name, cpus: libxl.xen.machine.cpus });
  for (const line of checked.lines) context.err(`${line}\n`);
  if (!checked.config) return checked.exitCode;
  const config = checked.config;
  if (options.has('n') || xl.dryRun) {
    context.out(`${printJson(configObject(config, config.uuid ?? randomUuid(libxl.random), null))}\n`);
    return 0;
  }
  const complain = (line: string): void => context.err(`${line}\n`);
  const note = (code: MessageCode): void => {
    for (const diagnostic of checked.diagnostics.filter((each) => each.code === code)) {
      const line = text.slice(0, diagnostic.range.start).split('\n').length;
      context.err(`${name}:${line}: el2lab: ${describe(diagnostic, 'en')}\n`);
    }
  };
  // Real xl has other words for this: it fails.
  if (!isStrict(libxl.files)) note('hvm-type');
  const directory = context.directory;
  const waits = options.has('c');
  // As real xl: the console is attached by a process of its own as soon as the boot loader is there.
  let console: Process | null = null;
  const onConsole = (domain: Domain): void => {
    if (waits) console = xl.processes.spawn(['xl', 'console', `${domain.domainId}`], () => attach(xl, domain, 'pv'));
  };
  const paused = options.has('p') || waits;
  const created = yield* createGuest(
    libxl,
    config,
    { paused, verbose: xl.verbose, directory, source, text, onConsole },
    complain,
  );
  if ('exitCode' in created) {
    if (console) yield* endOf(xl, console);
    return created.exitCode;
  }
  // Real xl acts on these keys, so it has no message for them.
  note('not-served');
  const { domid } = created;
  if (!options.has('e')) {
    const isForeground = options.has('F');
    const report = isForeground ? complain : logTo(libxl.files, `xl-${config.name}`);
    const process: Process = xl.processes.spawn(['xl', 'create', name], () =>
      watchDomain(libxl, domid, { directory, pid: () => process.id, report }),
    );
    if (isForeground) return yield* endOf(xl, process);
  }
  if (!waits) return 0;
  const { domain } = defined(libxl.records.get(domid), `domain ${domid}`);
  if (!options.has('p')) unpauseByToolstack(libxl.xen, domain);
  return yield* console ? endOf(xl, console) : attach(xl, domain, 'pv');
};

/** Waits for a process; it ends with the program that waits. */
function* endOf({ processes }: Xl, process: Process): Task<number> {
  try {
    yield* until(process.ended, () => process.result !== undefined);
    return process.result ?? 1;
  } finally {
    processes.kill(process);
  }
}

/** So many older logs are kept. */
const logsMax = 10;

/** Adds lines to a log of xl's. One that is there already is kept under another name (libxl_create_logfile). */
function logTo(files: FileSystem, name: string): Complain {
  const directory = '/var/log/xen';
  const log = `${directory}/${name}.log`;
  for (let n = logsMax - 1; n >= 0; n--) {
    const older = n === 0 ? log : `${log}.${n}`;
    if (files.exists(older)) files.rename(older, `${log}.${n + 1}`);
  }
  return (line) => {
    const before = files.readText(log);
    files.write(log, `${before.ok ? before.value : ''}${line}\n`);
  };
}

/** `xl create FILE -p` has options after the file: xl removes the file's name before it reads options. */
function fileFirst(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  return first !== undefined && !first.startsWith('-') && !first.includes('=') ? ['-f', first, ...rest] : words;
}

export const createCommand: XlCommand = {
  name: 'create',
  summary: 'Create a domain from config file <filename>',
  syntax: {
    global: 'fN',
    usage: '<ConfigFile> [options] [vars]',
    options: [
      '-c                      Connect to the console after the domain is created.',
      '-d                      Enable debug messages.',
      '-e                      Do not wait in the background for the death of the domain.',
      '-F                      Run in foreground until death of the domain.',
      '-f FILE, --defconfig=FILE',
      '                     Use the given configuration file.',
      '-h                      Print this help.',
      '-n, --dryrun            Dry run - prints the resulting configuration',
      '                         (deprecated in favour of global -N option).',
      '-p                      Leave the domain paused after it is created.',
      '-q, --quiet             Quiet.',
      '-V, --vncviewer         Connect to the VNC display after the domain is created.',
      '-A, --vncviewer-autopass',
      '                        Pass VNC password to viewer via stdin.',
      '--ignore-global-affinity-masks Ignore global masks in xl.conf.',
    ],
    short: 'AFVcdef:inpq',
    long: {
      defconfig: 'f',
      dryrun: 'n',
      'ignore-global-affinity-masks': 'i',
      quiet: 'q',
      vncviewer: 'V',
      'vncviewer-autopass': 'A',
    },
  },
  prepare: fileFirst,
  run: run,
};
