/** The small programs of Dom0's shell, as BusyBox has them. */
import { microseconds, seconds } from '../../xen/time/time.ts';
import { baseName, resolvePath } from '../os/files.ts';
import { compute, sleep, type Task } from '../os/task.ts';
import type { Command, CommandContext, CommandEntry } from './command.ts';

/** CPU time of a program that does little: about what starting a BusyBox applet takes on a Cortex-A53. */
const startTime = microseconds(500);

/** A program that is done at once. */
const simple = (run: (context: CommandContext) => number): Command =>
  function* (context) {
    yield* compute(startTime);
    return run(context);
  };

const complain = (context: CommandContext, what: string, why: string): number => {
  context.err(`${context.name}: ${what}: ${why}\n`);
  return 1;
};

const usage = (context: CommandContext, text: string): number => {
  context.err(`Usage: ${context.name} ${text}\n`);
  return 1;
};

/** The text of files, or of standard input where there are none; null if one cannot be read. */
function texts(context: CommandContext, names: readonly string[]): { name: string; text: string }[] | null {
  if (names.length === 0) return [{ name: '(standard input)', text: context.input ?? '' }];
  const found = names.map((name) => ({ name, read: context.files.readText(resolvePath(name, context.directory)) }));
  let failed = false;
  for (const { name, read } of found) {
    if (!read.ok) {
      complain(context, name, read.error);
      failed = true;
    }
  }
  return failed ? null : found.map(({ name, read }) => ({ name, text: read.ok ? read.value : '' }));
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

const options = (args: readonly string[]): { flags: string; operands: string[] } => ({
  flags: args
    .filter((a) => /^-[a-zA-Z]+$/.test(a))
    .map((a) => a.slice(1))
    .join(''),
  operands: args.filter((a) => !/^-[a-zA-Z]+$/.test(a)),
});

const ls = simple((context) => {
  const { flags, operands } = options(context.args);
  let code = 0;
  const targets = operands.length > 0 ? operands : ['.'];
  for (const target of targets) {
    const path = resolvePath(target, context.directory);
    const listed = context.files.list(path);
    if (!listed.ok && listed.error !== 'Not a directory') {
      code = complain(context, target, listed.error);
      continue;
    }
    const file = context.files.read(path);
    const entries = listed.ok
      ? listed.value.filter((e) => flags.includes('a') || !e.name.startsWith('.'))
      : [{ name: target, isDirectory: false, size: file.ok ? file.value.length : 0 }];
    if (targets.length > 1 && listed.ok) context.out(`${target}:\n`);
    const nameOf = (e: { name: string; isDirectory: boolean }): string => (e.isDirectory ? `${e.name}/` : e.name);
    if (flags.includes('l')) {
      for (const e of entries)
        context.out(`${e.isDirectory ? 'drwxr-xr-x' : '-rw-r--r--'} ${String(e.size).padStart(9)} ${nameOf(e)}\n`);
    } else if (entries.length > 0) context.out(`${entries.map(nameOf).join(flags.includes('1') ? '\n' : '  ')}\n`);
  }
  return code;
});

const cat = simple((context) => {
  const found = texts(context, context.args);
  for (const { text } of found ?? []) context.out(text);
  return found ? 0 : 1;
});

const echo = simple((context) => {
  const plain = context.args[0] === '-n';
  context.out(context.args.slice(plain ? 1 : 0).join(' ') + (plain ? '' : '\n'));
  return 0;
});

const mkdir = simple((context) => {
  const { flags, operands } = options(context.args);
  if (operands.length === 0) return usage(context, '[-p] DIRECTORY...');
  let code = 0;
  for (const name of operands) {
    const path = resolvePath(name, context.directory);
    const made = flags.includes('p') ? context.files.makePath(path) : context.files.mkdir(path);
    if (!made.ok) code = complain(context, `can't create directory '${name}'`, made.error);
  }
  return code;
});

const touch = simple((context) => {
  if (context.args.length === 0) return usage(context, 'FILE...');
  let code = 0;
  for (const name of context.args) {
    const path = resolvePath(name, context.directory);
    const made = context.files.exists(path) ? null : context.files.write(path, '');
    if (made && !made.ok) code = complain(context, name, made.error);
  }
  return code;
});

const rm = simple((context) => {
  const { flags, operands } = options(context.args);
  if (operands.length === 0) return flags.includes('f') ? 0 : usage(context, '[-rf] FILE...');
  const { files } = context;
  const removeTree = (path: string): void => {
    const listed = files.list(path);
    if (listed.ok) for (const entry of listed.value) removeTree(`${path}/${entry.name}`);
    files.remove(path);
  };
  let code = 0;
  for (const name of operands) {
    const path = resolvePath(name, context.directory);
    if (!files.exists(path)) {
      if (!flags.includes('f')) code = complain(context, `can't remove '${name}'`, 'No such file or directory');
    } else if (!files.isDirectory(path)) files.remove(path);
    else if (path !== '/' && /[rR]/.test(flags)) removeTree(path);
    else code = complain(context, `'${name}'`, 'is a directory');
  }
  return code;
});

/** cp and mv: from one or several files to a file or into a directory. */
const transfer = (move: boolean): Command =>
  simple((context) => {
    const { operands } = options(context.args);
    const target = operands.at(-1);
    const sources = operands.slice(0, -1);
    if (target === undefined || sources.length === 0) return usage(context, 'SOURCE... DESTINATION');
    const { files, directory } = context;
    const destination = resolvePath(target, directory);
    const into = files.isDirectory(destination);
    if (sources.length > 1 && !into) return complain(context, `'${target}'`, 'Not a directory');
    let code = 0;
    for (const source of sources) {
      const from = resolvePath(source, directory);
      const to = into ? resolvePath(baseName(from), destination) : destination;
      const bytes = files.read(from);
      const done = move ? files.rename(from, to) : bytes.ok ? files.write(to, bytes.value) : bytes;
      if (!done.ok) code = complain(context, `can't ${move ? 'rename' : 'copy'} '${source}'`, done.error);
    }
    return code;
  });

/** head and tail: the first or last lines. */
const ends = (last: boolean): Command =>
  simple((context) => {
    const { args } = context;
    const at = args.indexOf('-n');
    const short = args.find((a) => /^-\d+$/.test(a));
    const count = at >= 0 ? Number(args[at + 1]) : short ? Number(short.slice(1)) : 10;
    const names = args.filter((a, i) => a !== short && (at < 0 || (i !== at && i !== at + 1)));
    if (!Number.isInteger(count) || count < 0) return usage(context, '[-n COUNT] [FILE]...');
    const found = texts(context, names);
    for (const { text } of found ?? []) {
      const lines = linesOf(text);
      const chosen = last ? lines.slice(Math.max(0, lines.length - count)) : lines.slice(0, count);
      context.out(chosen.map((l) => `${l}\n`).join(''));
    }
    return found ? 0 : 1;
  });

const grep = simple((context) => {
  const { flags, operands } = options(context.args);
  const [pattern, ...names] = operands;
  if (pattern === undefined) return usage(context, '[-ivcn] PATTERN [FILE]...');
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, flags.includes('i') ? 'iu' : 'u');
  } catch {
    return complain(context, `bad regex '${pattern}'`, 'Invalid argument');
  }
  const found = texts(context, names);
  if (!found) return 2;
  let hits = 0;
  for (const { name, text } of found) {
    const prefix = found.length > 1 ? `${name}:` : '';
    const chosen = linesOf(text)
      .map((line, i) => ({ line, number: i + 1 }))
      .filter(({ line }) => expression.test(line) !== flags.includes('v'));
    hits += chosen.length;
    if (flags.includes('c')) context.out(`${prefix}${chosen.length}\n`);
    else
      for (const { line, number } of chosen)
        context.out(`${prefix}${flags.includes('n') ? `${number}:` : ''}${line}\n`);
  }
  return hits > 0 ? 0 : 1;
});

const wc = simple((context) => {
  const { flags, operands } = options(context.args);
  const found = texts(context, operands);
  for (const { name, text } of found ?? []) {
    const counts = { l: linesOf(text).length, w: text.split(/\s+/).filter((w) => w !== '').length, c: text.length };
    const chosen = (['l', 'w', 'c'] as const).filter((k) => flags === '' || flags.includes(k)).map((k) => counts[k]);
    context.out(`${chosen.join(' ')}${operands.length > 0 ? ` ${name}` : ''}\n`);
  }
  return found ? 0 : 1;
});

function* sleepCommand(context: CommandContext): Task<number> {
  const [, amount, unit] = context.args[0]?.match(/^(\d*\.?\d+)([smh]?)$/) ?? [];
  if (amount === undefined) {
    context.err(`sleep: invalid number '${context.args[0] ?? ''}'\n`);
    return 1;
  }
  yield* sleep(seconds(Number(amount) * { '': 1, s: 1, m: 60, h: 3600 }[unit as '' | 's' | 'm' | 'h']));
  return 0;
}

const entry = (summary: string, run: Command): CommandEntry => ({ summary, run });

/** Those that need nothing of the shell itself. */
export const builtins: ReadonlyMap<string, CommandEntry> = new Map([
  ['cat', entry('print files', cat)],
  ['cp', entry('copy files', transfer(false))],
  ['echo', entry('print its arguments', echo)],
  [
    'false',
    entry(
      'fail',
      simple(() => 1),
    ),
  ],
  ['grep', entry('print the lines that match', grep)],
  ['head', entry('print the first lines', ends(false))],
  ['ls', entry('list a directory', ls)],
  ['mkdir', entry('make directories', mkdir)],
  ['mv', entry('move or rename files', transfer(true))],
  ['rm', entry('remove files', rm)],
  ['sleep', entry('wait for so many seconds of virtual time', sleepCommand)],
  ['tail', entry('print the last lines', ends(true))],
  ['touch', entry('make empty files', touch)],
  [
    'true',
    entry(
      'succeed',
      simple(() => 0),
    ),
  ],
  ['wc', entry('count lines, words and bytes', wc)],
]);
