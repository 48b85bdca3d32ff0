/** git status, add, rm, commit, reset: from the working tree to the index and to a commit. */
import { defined } from '../../../base/assert.ts';
import { changedPaths, type FileChange, type Files, letterOf, modeLines, summary } from '../changes.ts';
import { idOf } from '../objects.ts';
import type { Head, Repository } from '../repository.ts';
import {
  committer,
  dateText,
  Fatal,
  fatal,
  type Git,
  type GitCommand,
  matching,
  readWords,
  short,
  shownPath,
  subjectOf,
  treePath,
} from './command.ts';

/** The blobs that the working tree would have. */
export const workingIds = (repository: Repository): Map<string, string> =>
  new Map([...repository.working].map(([path, bytes]) => [path, idOf('blob', bytes)]));

/** The files that differ between two sets of blobs. What is in no object is read from the working tree. */
export function fileChanges({ repository }: Pick<Git, 'repository'>, before: Files, after: Files): FileChange[] {
  const { working } = repository;
  const side = (path: string, id: string | undefined): FileChange['before'] => {
    if (id === undefined) return null;
    const bytes = repository.objects.readAs('blob', id) ?? working.get(path) ?? new Uint8Array();
    return { id, bytes };
  };
  return changedPaths(before, after).map((path) => ({
    path,
    before: side(path, before.get(path)),
    after: side(path, after.get(path)),
  }));
}

interface State {
  readonly staged: { readonly path: string; readonly letter: string }[];
  readonly unstaged: { readonly path: string; readonly letter: string }[];
  readonly untracked: string[];
}

const letters = (before: Files, after: Files): { path: string; letter: string }[] =>
  changedPaths(before, after).map((path) => ({ path, letter: letterOf(before.has(path), after.has(path)) }));

function stateOf(repository: Repository): State {
  const index = repository.staged;
  const working = workingIds(repository);
  const tracked = new Map([...working].filter(([path]) => index.has(path)));
  const isTracked = (directory: string): boolean => [...index.keys()].some((path) => path.startsWith(directory));
  // A directory of which nothing is tracked is one line.
  const untracked = [...working.keys()]
    .filter((path) => !index.has(path))
    .map((path) => {
      const names = path.split('/');
      const depth = names.findIndex(
        (_, i) => i < names.length - 1 && !isTracked(`${names.slice(0, i + 1).join('/')}/`),
      );
      return depth < 0 ? path : `${names.slice(0, depth + 1).join('/')}/`;
    });
  return {
    staged: letters(repository.filesOf(repository.head.id), index),
    unstaged: letters(index, tracked),
    untracked: [...new Set(untracked)].sort(),
  };
}

const words: Readonly<Record<string, string>> = { A: 'new file:   ', M: 'modified:   ', D: 'deleted:    ' };

export const headLine = ({ branch, id }: Head): string =>
  branch === null ? `HEAD detached at ${short(id ?? '')}` : `On branch ${branch}`;

function longStatus(git: Git, state: State): string {
  const { head } = git.repository;
  const { staged, unstaged, untracked } = state;
  const shown = (path: string): string => shownPath(git, path);
  const list = (entries: State['staged']): string =>
    entries.map(({ path, letter }) => `\t${words[letter]}${shown(path)}\n`).join('');
  let text = `${headLine(head)}\n`;
  if (head.id === null) text += '\nNo commits yet\n\n';
  if (staged.length > 0) {
    const how = head.id === null ? 'git rm --cached <file>...' : 'git restore --staged <file>...';
    text += `Changes to be committed:\n  (use "${how}" to unstage)\n${list(staged)}\n`;
  }
  if (unstaged.length > 0) {
    const add = unstaged.some(({ letter }) => letter === 'D') ? 'add/rm' : 'add';
    text += `Changes not staged for commit:\n  (use "git ${add} <file>..." to update what will be committed)\n  (use "git restore <file>..." to discard changes in working directory)\n${list(unstaged)}\n`;
  }
  if (untracked.length > 0) {
    const files = untracked.map((path) => `\t${shown(path)}\n`).join('');
    text += `Untracked files:\n  (use "git add <file>..." to include in what will be committed)\n${files}\n`;
  }
  return staged.length > 0 ? text : `${text}${nothingStaged(head, state)}\n`;
}

function nothingStaged(head: Head, { unstaged, untracked }: State): string {
  if (unstaged.length > 0) return 'no changes added to commit (use "git add" and/or "git commit -a")';
  if (untracked.length > 0) return 'nothing added to commit but untracked files present (use "git add" to track)';
  if (head.id === null) return 'nothing to commit (create/copy files and use "git add" to track)';
  return 'nothing to commit, working tree clean';
}

function shortStatus(git: Git, { staged, unstaged, untracked }: State): string {
  const first = new Map(staged.map(({ path, letter }) => [path, letter]));
  const second = new Map(unstaged.map(({ path, letter }) => [path, letter]));
  const tracked = [...new Set([...first.keys(), ...second.keys()])].sort();
  return [
    ...tracked.map((path) => `${first.get(path) ?? ' '}${second.get(path) ?? ' '} ${shownPath(git, path)}\n`),
    ...untracked.map((path) => `?? ${shownPath(git, path)}\n`),
  ].join('');
}

export const statusCommand: GitCommand = {
  name: 'status',
  summary: 'what has changed since the last commit: [-s]',
  run(git, args) {
    const { options } = readWords('status', args, ['s', 'short', 'porcelain']);
    const state = stateOf(git.repository);
    git.context.out(options.size > 0 ? shortStatus(git, state) : longStatus(git, state));
    return 0;
  },
};

/** Has the index take files of the working tree as they are, also those that are gone. */
function stageFiles(repository: Repository, paths: Iterable<string>): void {
  const { staged, working } = repository;
  for (const path of paths) {
    const bytes = working.get(path);
    if (bytes) staged.set(path, repository.objects.write('blob', bytes));
    else staged.delete(path);
  }
  repository.stage(staged);
}

export const addCommand: GitCommand = {
  name: 'add',
  summary: 'take files into the next commit: [-A] FILE...',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands, paths } = readWords('add', args, ['A', 'all', 'u', 'update', 'v', 'verbose']);
    const specs = [...operands, ...(paths ?? [])];
    const isAll = ['A', 'all', 'u', 'update'].some((name) => options.has(name));
    if (specs.length === 0 && !isAll) {
      context.err(
        'Nothing specified, nothing added.\nhint: Maybe you wanted to say \'git add .\'?\nhint: Turn this message off by running\nhint: "git config advice.addEmptyPathspec false"\n',
      );
      return 0;
    }
    const { staged, working } = repository;
    const onlyTracked = options.has('u') || options.has('update');
    const known = new Set(onlyTracked ? staged.keys() : [...staged.keys(), ...working.keys()]);
    const found = (specs.length === 0 ? [''] : specs).flatMap((spec) => {
      const taken = matching(known, specs.length === 0 ? '' : treePath(git, spec));
      if (taken.length === 0 && spec !== '' && spec !== '.') throw fatal(`pathspec '${spec}' did not match any files`);
      return taken;
    });
    stageFiles(repository, found);
    return 0;
  },
};

export const rmCommand: GitCommand = {
  name: 'rm',
  summary: 'remove files, also from the next commit: [--cached] FILE...',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands, paths } = readWords('rm', args, ['cached', 'r', 'f', 'force', 'q', 'quiet']);
    const specs = [...operands, ...(paths ?? [])];
    if (specs.length === 0) throw fatal('No pathspec was given. Which files should I remove?');
    const { staged } = repository;
    const gone = specs.flatMap((spec) => {
      const path = treePath(git, spec);
      const found = matching(staged.keys(), path);
      if (found.length === 0) throw fatal(`pathspec '${spec}' did not match any files`);
      if (!options.has('r') && !spec.includes('*') && found.some((each) => each !== path))
        throw fatal(`not removing '${spec}' recursively without -r`);
      return found;
    });
    const committed = repository.filesOf(repository.head.id);
    const working = workingIds(repository);
    if (!options.has('cached') && !options.has('f') && !options.has('force')) {
      const changed = gone.filter((path) => working.has(path) && working.get(path) !== staged.get(path));
      const added = gone.filter((path) => !changed.includes(path) && committed.get(path) !== staged.get(path));
      for (const [files, what, how] of [
        [changed, 'local modifications', '--cached to keep the file, or -f to force removal'],
        [added, 'changes staged in the index', '--cached to keep the file, or -f to force removal'],
      ] as const) {
        if (files.length === 0) continue;
        const [has, names] = files.length === 1 ? ['file has', ''] : ['files have', ''];
        throw new Fatal(
          `error: the following ${has} ${what}:${names}\n${files.map((path) => `    ${path}\n`).join('')}(use ${how})\n`,
          1,
        );
      }
    }
    for (const path of gone) {
      staged.delete(path);
      if (!options.has('q') && !options.has('quiet')) context.out(`rm '${path}'\n`);
    }
    repository.stage(staged);
    if (!options.has('cached')) for (const path of gone) repository.put(path, null);
    return 0;
  },
};

export const commitCommand: GitCommand = {
  name: 'commit',
  summary: 'keep what has been added as a revision: [-a] -m MESSAGE',
  run(git, args) {
    const { repository, context } = git;
    const known = ['a', 'all', 'm:', 'message:', 'q', 'quiet', 'amend', 'allow-empty', 'no-edit'];
    const { options } = readWords('commit', args, known);
    const isAmended = options.has('amend');
    const { id: parent } = repository.head;
    if (isAmended && parent === null) throw fatal('You have nothing to amend.');
    const last = parent === null ? null : repository.objects.commit(parent);
    if (options.has('a') || options.has('all')) stageFiles(repository, repository.staged.keys());
    const { staged } = stateOf(repository);
    if (staged.length === 0 && !isAmended && !options.has('allow-empty')) {
      context.out(longStatus(git, stateOf(repository)));
      return 1;
    }
    const given = options.get('m') ?? options.get('message') ?? (isAmended ? last?.message : undefined);
    if (given === undefined)
      throw new Fatal('error: There is no editor in Domain-0.\nPlease supply the message using the -m option.\n', 1);
    if (given.trim() === '') throw new Fatal('Aborting commit due to empty commit message.\n', 1);
    const base = isAmended ? (last?.parents[0] ?? null) : parent;
    const amended = isAmended && last ? { parents: last.parents, author: last.author } : {};
    const id = repository.commit(`${given.trim()}\n`, committer(git), amended);
    if (!options.has('q') && !options.has('quiet')) context.out(commitReport(git, id, base, isAmended));
    return 0;
  },
};

/** What git says of a commit that it has made. */
function commitReport(git: Git, id: string, base: string | null, isAmended: boolean): string {
  const { repository } = git;
  const changes = fileChanges(git, repository.filesOf(base), repository.filesOf(id));
  const { message, author, committer: by } = defined(repository.objects.commit(id) ?? undefined, 'the commit');
  const where = `${repository.head.branch ?? 'detached HEAD'}${base === null ? ' (root-commit)' : ''}`;
  const isAnother = author.name !== by.name || author.email !== by.email;
  const who = isAnother ? ` Author: ${author.name} <${author.email}>\n` : '';
  const when = isAmended ? ` Date: ${dateText(author)}\n` : '';
  return `[${where} ${short(id)}] ${subjectOf(message)}\n${who}${when}${summary(changes)}${modeLines(changes)}`;
}

export const resetCommand: GitCommand = {
  name: 'reset',
  summary: 'take the branch back: [--hard] [REVISION], or files out of the next commit: FILE...',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands, paths } = readWords('reset', args, ['hard', 'mixed', 'soft', 'q', 'quiet']);
    const [first = 'HEAD', ...others] = operands;
    const target = repository.resolve(first);
    const specs = paths ?? (target.ok ? others : operands);
    if (!target.ok && !(first === 'HEAD' || specs.length > 0)) throw fatal(`ambiguous argument '${first}'`);
    const id = target.ok ? target.value : repository.head.id;
    const committed = repository.filesOf(id);
    const before = repository.staged;
    if (specs.length > 0) {
      for (const spec of specs) {
        const found = matching(new Set([...before.keys(), ...committed.keys()]), treePath(git, spec));
        if (found.length === 0) throw fatal(`pathspec '${spec}' did not match any files`);
        for (const path of found) {
          const blob = committed.get(path);
          if (blob === undefined) before.delete(path);
          else before.set(path, blob);
        }
      }
      repository.stage(before);
    } else {
      if (id !== null && id !== repository.head.id) repository.moveHead(id);
      if (options.has('soft')) return 0;
      if (options.has('hard')) {
        for (const path of before.keys()) if (!committed.has(path)) repository.put(path, null);
        for (const [path, blob] of committed) repository.put(path, blob);
        if (id !== null) {
          const message = repository.objects.commit(id)?.message ?? '';
          context.out(`HEAD is now at ${short(id)} ${subjectOf(message)}\n`);
        }
      }
      repository.stage(committed);
    }
    const { unstaged } = stateOf(repository);
    if (unstaged.length > 0 && !options.has('hard') && !options.has('q') && !options.has('quiet'))
      context.out(
        `Unstaged changes after reset:\n${unstaged.map(({ path, letter }) => `${letter}\t${shownPath(git, path)}\n`).join('')}`,
      );
    return 0;
  },
};
