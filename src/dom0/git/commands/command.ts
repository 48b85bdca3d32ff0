import { resolvePath } from '../../os/files.ts';
import type { ProgramContext } from '../../os/program.ts';
import type { Signature } from '../objects.ts';
import type { Repository } from '../repository.ts';

/** One run of git. */
export interface Git {
  readonly context: ProgramContext;
  /** Where it works: the working directory, or what `-C` says. */
  readonly directory: string;
  /** The repository; throws Fatal if there is none. */
  readonly repository: Repository;
}

export interface GitCommand {
  readonly name: string;
  /** Its line in `git help`. */
  readonly summary: string;
  /** Works and returns its exit code. */
  run(git: Git, args: readonly string[]): number;
}

/** Ends git with a message on standard error. */
export class Fatal extends Error {
  constructor(
    override readonly message: string,
    readonly code = 128,
  ) {
    super(message);
  }
}

export const fatal = (text: string, code = 128): Fatal => new Fatal(`fatal: ${text}\n`, code);

/** What `git help COMMAND` would say of a word that it does not take. */
export const unknownOption = (command: string, option: string): Fatal =>
  new Fatal(`error: unknown option \`${option.replace(/^-+/, '')}'\nusage: see git help ${command}\n`, 129);

/** Options and operands of a command. */
export interface Words {
  /** By name without dashes: the value, or '' of one that has none. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** What stands behind `--`; null without it. */
  readonly paths: readonly string[] | null;
}

/** Reads the words of a command. @param known names of options; one that takes a value ends with a colon */
export function readWords(command: string, args: readonly string[], known: readonly string[]): Words {
  const options = new Map<string, string>();
  const operands: string[] = [];
  const end = args.indexOf('--');
  const words = end < 0 ? [...args] : args.slice(0, end);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!/^-./.test(word)) {
      operands.push(word);
      continue;
    }
    const [, name = '', , value] = /^--?([\w-]+?)(=(.*))?$/s.exec(word) ?? [];
    const letters = word.startsWith('--') ? [name] : [...name];
    // -n5 and -5 are numbers; -am is -a and -m.
    const number = /^-n?(\d+)$/.exec(word)?.[1];
    if (number !== undefined && known.includes('n:')) {
      options.set('n', number);
      continue;
    }
    for (const letter of letters) {
      const takes = known.includes(`${letter}:`);
      if (!takes && !known.includes(letter)) throw unknownOption(command, word);
      const argument = takes ? (value ?? words.shift()) : '';
      if (argument === undefined) throw new Fatal(`error: switch \`${letter}' requires a value\n`, 129);
      options.set(letter, argument);
    }
  }
  return { options, operands, paths: end < 0 ? null : args.slice(end + 1) };
}

export const short = (id: string): string => id.slice(0, 7);

export const subjectOf = (message: string): string => message.split('\n\n')[0]?.trim().replaceAll('\n', ' ') ?? '';

/** A pathspec as a path below the root of the working tree; '' is the root itself. */
export function treePath({ directory, repository: { root } }: Git, text: string): string {
  const whole = resolvePath(text, directory);
  const prefix = root === '/' ? '/' : `${root}/`;
  if (whole === root) return '';
  if (!whole.startsWith(prefix)) throw fatal(`${text}: '${text}' is outside repository at '${root}'`);
  return whole.slice(prefix.length);
}

/** Which of these paths a pathspec takes: the file itself, what is below a directory, or what a pattern with * matches. */
export function matching(paths: Iterable<string>, spec: string): string[] {
  const pattern = spec.includes('*')
    ? new RegExp(`^${spec.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
    : null;
  return [...paths].filter(
    (path) => pattern?.test(path) ?? (spec === '' || path === spec || path.startsWith(`${spec}/`)),
  );
}

/** A path as it is printed: seen from the working directory. */
export function shownPath({ directory, repository: { root } }: Git, path: string): string {
  if (directory === root || !directory.startsWith(root)) return path;
  const from = directory.slice(root === '/' ? 1 : root.length + 1).split('/');
  const to = path.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}

export function revisionOf({ repository }: Git, revision: string): string {
  const found = repository.resolve(revision);
  if (found.ok) return found.value;
  if (found.error === 'ambiguous') throw fatal(`ambiguous argument '${revision}': short object ID is ambiguous`);
  throw fatal(
    `ambiguous argument '${revision}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'`,
  );
}

/** Who commits: by the repository's settings, or root of Domain-0. The time is Dom0's clock. */
export const committer = ({ repository, context }: Pick<Git, 'repository' | 'context'>): Signature => ({
  name: repository.setting('user.name') ?? 'root',
  email: repository.setting('user.email') ?? 'root@domain-0',
  time: Math.floor(context.now() / 1e9),
  zone: '+0000',
});

/** `Thu Jan 1 00:00:05 1970 +0000` */
export function dateText({ time, zone }: Signature): string {
  const sign = zone.startsWith('-') ? -1 : 1;
  const offset = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5)));
  const date = new Date((time + offset * 60) * 1000);
  const names = date.toUTCString();
  const [, day = '', , month = '', year = '', clock = ''] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(names) ?? [];
  return `${day} ${month} ${date.getUTCDate()} ${clock} ${year} ${zone}`;
}
