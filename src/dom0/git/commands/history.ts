/** git log, show, diff and what else looks into the history. */
import { type FileChange, letterOf, patch, statText } from '../changes.ts';
import { type Commit, readCommit, readTree } from '../objects.ts';
import {
  dateText,
  fatal,
  type Git,
  type GitCommand,
  matching,
  readWords,
  revisionOf,
  short,
  subjectOf,
  treePath,
} from './command.ts';
import { fileChanges, workingIds } from './status.ts';

const decoder = new TextDecoder();

const formats = ['p', 'patch', 'stat', 'name-only', 'name-status', 's', 'no-patch'];

/** The differences, in the form that was asked for. */
function differences(changes: readonly FileChange[], options: ReadonlyMap<string, string>, byDefault: string): string {
  const form = formats.findLast((name) => options.has(name)) ?? byDefault;
  switch (form) {
    case 'p':
    case 'patch':
      return changes.map(patch).join('');
    case 'stat':
      return statText(changes);
    case 'name-only':
      return changes.map(({ path }) => `${path}\n`).join('');
    case 'name-status':
      return changes
        .map(({ path, before, after }) => `${letterOf(before !== null, after !== null)}\t${path}\n`)
        .join('');
    default:
      return '';
  }
}

/** ` (HEAD -> main, other)`, which git shows on a terminal. */
function decoration({ repository, context }: Git, id: string): string {
  if (!context.tty) return '';
  const { branch, id: head } = repository.head;
  const names = [...repository.refs()].flatMap(([name, at]) => {
    const shown = name.replace(/^refs\/(heads|remotes)\//, '').replace(/^refs\/tags\//, 'tag: ');
    return at === id && shown !== branch ? [shown] : [];
  });
  if (id === head) names.unshift(branch === null ? 'HEAD' : `HEAD -> ${branch}`);
  return names.length > 0 ? ` (${names.join(', ')})` : '';
}

function commitText(git: Git, id: string, { parents, author, message }: Commit): string {
  const merge = parents.length > 1 ? `Merge: ${parents.map(short).join(' ')}\n` : '';
  const body = message
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
  return `commit ${id}${decoration(git, id)}\n${merge}Author: ${author.name} <${author.email}>\nDate:   ${dateText(author)}\n\n${body}\n`;
}

/** What a commit has changed, seen from its first parent. */
const changesOf = (git: Git, id: string, { parents }: Commit): FileChange[] =>
  fileChanges(git, git.repository.filesOf(parents[0] ?? null), git.repository.filesOf(id));

/** Splits operands into revisions and paths: the first that names no revision begins the paths. */
function split(
  git: Git,
  operands: readonly string[],
  paths: readonly string[] | null,
): { revisions: string[]; specs: string[] } {
  const parts = operands.flatMap((word) => (/^[^.].*\.\.[^.]/.test(word) ? word.split('..') : [word]));
  const first = parts.findIndex((word) => !git.repository.resolve(word).ok);
  if (paths !== null || first < 0) {
    for (const word of parts) revisionOf(git, word);
    return { revisions: parts, specs: (paths ?? []).map((path) => treePath(git, path)) };
  }
  const specs = parts.slice(first);
  const { staged, working } = git.repository;
  const known = new Set([...staged.keys(), ...working.keys()]);
  for (const spec of specs) if (matching(known, treePath(git, spec)).length === 0) revisionOf(git, spec);
  return { revisions: parts.slice(0, first), specs: specs.map((spec) => treePath(git, spec)) };
}

const ofSpecs = (changes: readonly FileChange[], specs: readonly string[]): FileChange[] =>
  changes.filter(({ path }) => specs.length === 0 || specs.some((spec) => matching([path], spec).length > 0));

export const logCommand: GitCommand = {
  name: 'log',
  summary: 'the revisions, newest first: [--oneline] [-p] [--stat] [-n COUNT] [REVISION] [FILE...]',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands, paths } = readWords('log', args, [...formats, 'oneline', 'all', 'n:', 'max-count:']);
    const range = operands.find((word) => word.includes('..'));
    const [since = '', until = ''] = range?.split('..') ?? [];
    const { revisions, specs } = split(
      git,
      operands.filter((word) => word !== range),
      paths,
    );
    const excluded = new Set<string>();
    if (range !== undefined) {
      for (const { id } of repository.history(revisionOf(git, since || 'HEAD'))) excluded.add(id);
      revisions.push(until || 'HEAD');
    }
    const { head } = repository;
    if (revisions.length === 0 && head.id === null && !options.has('all'))
      throw fatal(`your current branch '${head.branch}' does not have any commits yet`);
    const from = options.has('all')
      ? [...repository.refs().values()]
      : (revisions.length > 0 ? revisions : ['HEAD']).map((word) => revisionOf(git, word));
    const most = Number(options.get('n') ?? options.get('max-count') ?? Number.POSITIVE_INFINITY);
    const isShort = options.has('oneline');
    let shown = 0;
    for (const { id, commit } of repository.history(...from)) {
      if (shown >= most) break;
      if (excluded.has(id)) continue;
      const changes = ofSpecs(changesOf(git, id, commit), specs);
      if (specs.length > 0 && changes.length === 0) continue;
      const text = differences(changes, options, 's');
      if (isShort) context.out(`${short(id)}${decoration(git, id)} ${subjectOf(commit.message)}\n${text}`);
      else context.out(`${shown > 0 ? '\n' : ''}${commitText(git, id, commit)}${text === '' ? '' : `\n${text}`}`);
      shown++;
    }
    return 0;
  },
};

export const showCommand: GitCommand = {
  name: 'show',
  summary: 'a revision and what it changed, or a file in it: [REVISION[:FILE]]',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands } = readWords('show', args, [...formats, 'oneline']);
    const [word = 'HEAD'] = operands;
    const colon = word.indexOf(':');
    if (colon >= 0) {
      context.out(decoder.decode(contentOf(git, word)));
      return 0;
    }
    const { head } = repository;
    if (word === 'HEAD' && head.id === null)
      throw fatal(`your current branch '${head.branch}' does not have any commits yet`);
    const id = revisionOf(git, word);
    const object = repository.objects.read(id);
    if (object?.kind !== 'commit') return show(git, id);
    const commit = readCommit(object.bytes);
    const text = differences(changesOf(git, id, commit), options, 'p');
    if (options.has('oneline')) context.out(`${short(id)}${decoration(git, id)} ${subjectOf(commit.message)}\n${text}`);
    else context.out(`${commitText(git, id, commit)}${text === '' ? '' : `\n${text}`}`);
    return 0;
  },
};

/** The bytes of `REVISION:FILE`. */
function contentOf(git: Git, word: string): Uint8Array {
  const colon = word.indexOf(':');
  const [revision, file] = [word.slice(0, colon), word.slice(colon + 1)];
  const files = revision === '' ? git.repository.staged : git.repository.filesOf(revisionOf(git, revision));
  const path = file.startsWith('./') ? treePath(git, file) : file;
  const blob = files.get(path);
  const bytes = blob === undefined ? null : git.repository.objects.readAs('blob', blob);
  if (!bytes) throw fatal(`path '${path}' does not exist in '${revision || 'the index'}'`);
  return bytes;
}

/** Prints an object as `git cat-file -p` does. */
function show({ repository, context }: Git, id: string): number {
  const object = repository.objects.read(id);
  if (!object) throw fatal(`Not a valid object name ${id}`);
  if (object.kind !== 'tree') context.out(decoder.decode(object.bytes));
  else
    for (const { mode, name, id: entry } of readTree(object.bytes))
      context.out(`${mode.padStart(6, '0')} ${mode === '40000' ? 'tree' : 'blob'} ${entry}\t${name}\n`);
  return 0;
}

export const diffCommand: GitCommand = {
  name: 'diff',
  summary: 'what differs: [--staged] [--stat] [REVISION [REVISION]] [FILE...]',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands, paths } = readWords('diff', args, [
      ...formats,
      'cached',
      'staged',
      'exit-code',
      'quiet',
    ]);
    const { revisions, specs } = split(git, operands, paths);
    const [first, second] = revisions.map((word) => revisionOf(git, word));
    const { staged } = repository;
    const tracked = (files: ReadonlyMap<string, string>): Map<string, string> => {
      const working = workingIds(repository);
      return new Map([...working].filter(([path]) => staged.has(path) || files.has(path)));
    };
    const isStaged = options.has('cached') || options.has('staged');
    const before =
      first !== undefined ? repository.filesOf(first) : isStaged ? repository.filesOf(repository.head.id) : staged;
    const after = second !== undefined ? repository.filesOf(second) : isStaged ? staged : tracked(before);
    const changes = ofSpecs(fileChanges(git, before, after), specs);
    if (!options.has('quiet')) context.out(differences(changes, options, 'p'));
    return (options.has('exit-code') || options.has('quiet')) && changes.length > 0 ? 1 : 0;
  },
};

export const revParseCommand: GitCommand = {
  name: 'rev-parse',
  summary: 'the whole name of a revision: [--short] REVISION',
  run(git, args) {
    const { options, operands } = readWords('rev-parse', args, ['short', 'abbrev-ref', 'show-toplevel', 'git-dir']);
    const { repository, context } = git;
    if (options.has('show-toplevel')) context.out(`${repository.root}\n`);
    if (options.has('git-dir')) context.out(`${repository.gitDirectory}\n`);
    for (const word of operands) {
      const colon = word.indexOf(':');
      if (options.has('abbrev-ref')) context.out(`${repository.head.branch ?? 'HEAD'}\n`);
      else if (colon >= 0)
        context.out(`${repository.filesOf(revisionOf(git, word.slice(0, colon))).get(word.slice(colon + 1)) ?? ''}\n`);
      else context.out(`${options.has('short') ? short(revisionOf(git, word)) : revisionOf(git, word)}\n`);
    }
    return 0;
  },
};

export const catFileCommand: GitCommand = {
  name: 'cat-file',
  summary: 'an object (-p), its kind (-t) or its size (-s): -p OBJECT',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands } = readWords('cat-file', args, ['p', 't', 's']);
    const [word = ''] = operands;
    if (word.includes(':')) {
      context.out(decoder.decode(contentOf(git, word)));
      return 0;
    }
    const id = revisionOf(git, word);
    const object = repository.objects.read(id);
    if (!object) throw fatal(`Not a valid object name ${word}`);
    if (options.has('t')) context.out(`${object.kind}\n`);
    else if (options.has('s')) context.out(`${object.bytes.length}\n`);
    else return show(git, id);
    return 0;
  },
};

export const lsFilesCommand: GitCommand = {
  name: 'ls-files',
  summary: 'the files that are tracked: [-s]',
  run({ repository, context }, args) {
    const { options } = readWords('ls-files', args, ['s', 'stage']);
    for (const [path, id] of [...repository.staged].sort(([a], [b]) => (a < b ? -1 : 1)))
      context.out(options.size > 0 ? `100644 ${id} 0\t${path}\n` : `${path}\n`);
    return 0;
  },
};
