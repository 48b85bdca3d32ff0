/** git init, branch, checkout, switch, restore, merge, tag, config: what HEAD and the branches are on. */
import { resolvePath } from '../../os/files.ts';
import { changedPaths, modeLines, statText } from '../changes.ts';
import { idOf } from '../objects.ts';
import { isBranchName, Repository } from '../repository.ts';
import {
  Fatal,
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

export const initCommand: GitCommand = {
  name: 'init',
  summary: 'make a repository: [DIRECTORY]',
  run({ context, directory }, args) {
    const { operands, options } = readWords('init', args, ['b:', 'initial-branch:', 'q', 'quiet']);
    const root = resolvePath(operands[0] ?? '.', directory);
    const made = context.files.makePath(root);
    if (!made.ok) throw fatal(`cannot mkdir ${operands[0]}: ${made.error}`);
    const { repository, isNew } = Repository.init(context.files, root);
    const branch = options.get('b') ?? options.get('initial-branch');
    if (isNew && branch !== undefined) repository.setHead({ branch });
    if (!options.has('q') && !options.has('quiet'))
      context.out(
        `${isNew ? 'Initialized empty' : 'Reinitialized existing'} Git repository in ${repository.gitDirectory}/\n`,
      );
    return 0;
  },
};

const subject = ({ repository }: Git, id: string): string => subjectOf(repository.objects.commit(id)?.message ?? '');

export const branchCommand: GitCommand = {
  name: 'branch',
  summary: 'list branches, make one: NAME [REVISION], remove one: -d NAME, rename: -m NAME',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands } = readWords('branch', args, [
      'd',
      'D',
      'm',
      'M',
      'v',
      'f',
      'show-current',
      'list',
      'a',
    ]);
    const { head } = repository;
    const [name, start] = operands;
    if (options.has('show-current')) {
      if (head.branch !== null) context.out(`${head.branch}\n`);
      return 0;
    }
    if (options.has('d') || options.has('D')) return removeBranches(git, operands, options.has('D'));
    if (options.has('m') || options.has('M')) {
      const [from, to] = operands.length > 1 ? [operands[0], operands[1]] : [head.branch, name];
      if (!from || to === undefined) throw fatal('branch name required');
      checkName(to);
      const id = repository.ref(`refs/heads/${from}`);
      if (id !== null) {
        repository.removeRef(`refs/heads/${from}`);
        repository.setRef(`refs/heads/${to}`, id);
      }
      if (from === head.branch) repository.setHead({ branch: to });
      return 0;
    }
    if (name === undefined) {
      const { branches } = repository;
      const detached = head.branch === null && head.id !== null ? `(HEAD detached at ${short(head.id)})` : null;
      const names = [...(detached === null ? [] : [detached]), ...branches];
      const width = Math.max(0, ...names.map(({ length }) => length));
      for (const each of names) {
        const isCurrent = each === head.branch || each === detached;
        const id = each === detached ? head.id : repository.ref(`refs/heads/${each}`);
        const details = options.has('v') && id !== null ? ` ${short(id)} ${subject(git, id)}` : '';
        context.out(`${isCurrent ? '*' : ' '} ${details === '' ? each : each.padEnd(width)}${details}\n`);
      }
      return 0;
    }
    makeBranch(git, name, start, options.has('f'));
    return 0;
  },
};

function checkName(name: string): void {
  if (!isBranchName(name)) throw fatal(`'${name}' is not a valid branch name`);
}

function makeBranch(git: Git, name: string, start = 'HEAD', force = false): void {
  const { repository } = git;
  checkName(name);
  if (repository.ref(`refs/heads/${name}`) !== null && !force) throw fatal(`a branch named '${name}' already exists`);
  const id = repository.resolve(start);
  if (!id.ok) throw fatal(`not a valid object name: '${start === 'HEAD' ? repository.head.branch : start}'`);
  repository.setRef(`refs/heads/${name}`, id.value);
}

function removeBranches(git: Git, names: readonly string[], force: boolean): number {
  const { repository, context } = git;
  const { head } = repository;
  if (names.length === 0) throw fatal('branch name required');
  let code = 0;
  const fail = (text: string): void => {
    context.err(text);
    code = 1;
  };
  for (const name of names) {
    const id = repository.ref(`refs/heads/${name}`);
    if (id === null) fail(`error: branch '${name}' not found.\n`);
    else if (name === head.branch) fail(`error: Cannot delete branch '${name}' checked out at '${repository.root}'\n`);
    else if (!force && !(head.id !== null && isAncestor(repository, id, head.id)))
      fail(
        `error: The branch '${name}' is not fully merged.\nIf you are sure you want to delete it, run 'git branch -D ${name}'.\n`,
      );
    else {
      repository.removeRef(`refs/heads/${name}`);
      context.out(`Deleted branch ${name} (was ${short(id)}).\n`);
    }
  }
  return code;
}

/** Whether a commit is in the history of another. */
export const isAncestor = (repository: Repository, ancestor: string, id: string): boolean =>
  [...repository.history(id)].some((each) => each.id === ancestor);

/** Has the working tree and the index be those of a commit. Changes that the commit does not touch stay. */
function move(git: Git, id: string, force: boolean, what = 'checkout'): void {
  const { repository, context } = git;
  const from = repository.filesOf(repository.head.id);
  const to = repository.filesOf(id);
  const { staged } = repository;
  const working = workingIds(repository);
  const touched = changedPaths(force ? new Map([...working].filter(([path]) => staged.has(path))) : from, to);
  if (!force) {
    const isLocal = (path: string): boolean => staged.has(path) || from.has(path);
    const changed = touched.filter((path) => {
      const now = working.get(path);
      return isLocal(path) && now !== to.get(path) && (now !== from.get(path) || staged.get(path) !== from.get(path));
    });
    const untracked = touched.filter(
      (path) => !isLocal(path) && working.has(path) && working.get(path) !== to.get(path),
    );
    const doing = what === 'merge' ? 'merge' : 'switch branches';
    const complain = (files: readonly string[], title: string, advice: string): void => {
      if (files.length > 0)
        throw new Fatal(
          `error: ${title} would be overwritten by ${what}:\n${files.map((path) => `\t${path}\n`).join('')}${advice} before you ${doing}.\nAborting\n`,
          1,
        );
    };
    complain(changed, 'Your local changes to the following files', 'Please commit your changes or stash them');
    complain(untracked, 'The following untracked working tree files', 'Please move or remove them');
  }
  for (const path of touched) {
    const blob = to.get(path);
    repository.put(path, blob ?? null);
    if (blob === undefined) staged.delete(path);
    else staged.set(path, blob);
  }
  repository.stage(force ? to : staged);
  if (what === 'merge') return;
  const left = fileChanges(
    git,
    to,
    new Map([...workingIds(repository)].filter(([path]) => to.has(path) || staged.has(path))),
  );
  for (const { path, before, after } of left) context.out(`${before ? (after ? 'M' : 'D') : 'A'}\t${path}\n`);
}

/** Puts HEAD on a branch or a commit, with the files of that. */
function switchTo(git: Git, name: string, force: boolean): number {
  const { repository, context } = git;
  const { head } = repository;
  const isBranch = repository.ref(`refs/heads/${name}`) !== null;
  if (isBranch && head.branch === name && !force) {
    move(git, revisionOf(git, name), false);
    context.err(`Already on '${name}'\n`);
    return 0;
  }
  const id = revisionOf(git, isBranch ? `refs/heads/${name}` : name);
  move(git, id, force);
  if (head.branch === null && head.id !== null && head.id !== id)
    context.err(`Previous HEAD position was ${short(head.id)} ${subject(git, head.id)}\n`);
  if (isBranch) {
    repository.setHead({ branch: name });
    context.err(`Switched to branch '${name}'\n`);
  } else {
    repository.setHead({ id });
    if (head.branch !== null) context.err(detachedNote(name));
    context.err(`HEAD is now at ${short(id)} ${subject(git, id)}\n`);
  }
  return 0;
}

const detachedNote = (name: string): string => `Note: switching to '${name}'.

You are in 'detached HEAD' state. You can look around, make experimental
changes and commit them, and you can discard any commits you make in this
state without impacting any branches by switching back to a branch.

If you want to create a new branch to retain commits you create, you may
do so (now or later) by using -c with the switch command. Example:

  git switch -c <new-branch-name>

Or undo this operation with:

  git switch -

Turn off this advice by setting config variable advice.detachedHead to false

`;

function switchToNew(git: Git, name: string, start: string | undefined): number {
  const { repository, context } = git;
  if (repository.head.id === null && start === undefined) checkName(name);
  else {
    makeBranch(git, name, start);
    if (start !== undefined) move(git, revisionOf(git, start), false);
  }
  repository.setHead({ branch: name });
  context.err(`Switched to a new branch '${name}'\n`);
  return 0;
}

/** Restores files of the working tree from a revision or, with null, from the index. Returns how many. */
function restoreFiles(
  git: Git,
  specs: readonly string[],
  source: string | null,
  to: 'both' | 'working' | 'index',
): number {
  const { repository } = git;
  const { staged } = repository;
  const from = source === null ? staged : repository.filesOf(source);
  let count = 0;
  const working = workingIds(repository);
  for (const spec of specs) {
    const below = treePath(git, spec);
    // git restore takes away what the source does not have; git checkout leaves it.
    const known = to === 'both' ? from.keys() : new Set([...from.keys(), ...staged.keys()]);
    const found = matching(known, below);
    if (found.length === 0) throw new Fatal(`error: pathspec '${spec}' did not match any file(s) known to git\n`, 1);
    for (const path of found) {
      const blob = from.get(path);
      if (to !== 'index') {
        if (working.get(path) !== blob) count++;
        repository.put(path, blob ?? null);
      }
      if (to === 'working') continue;
      if (blob === undefined) staged.delete(path);
      else staged.set(path, blob);
    }
  }
  if (to !== 'working' && source !== null) repository.stage(staged);
  return count;
}

export const checkoutCommand: GitCommand = {
  name: 'checkout',
  summary: 'go to a branch or revision: NAME, to a new branch: -b NAME; restore files: [REVISION] -- FILE...',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands, paths } = readWords('checkout', args, [
      'b:',
      'B:',
      'f',
      'force',
      'q',
      'quiet',
      'detach',
    ]);
    const quiet: Git =
      options.has('q') || options.has('quiet') ? { ...git, context: { ...context, err: () => {} } } : git;
    const branch = options.get('b') ?? options.get('B');
    if (branch !== undefined) return switchToNew(quiet, branch, operands[0]);
    const [first, ...others] = operands;
    const isRevision = first !== undefined && repository.resolve(first).ok;
    const specs = paths ?? (isRevision ? others : operands);
    if (specs.length > 0) {
      const source = isRevision ? revisionOf(git, first) : null;
      if (first !== undefined && !isRevision && paths !== null) throw fatal(`invalid reference: ${first}`);
      const count = restoreFiles(git, specs, source, 'both');
      const from = source === null ? 'the index' : short(treeOf(git, source));
      if (paths === null) quiet.context.err(`Updated ${count} path${count === 1 ? '' : 's'} from ${from}\n`);
      return 0;
    }
    if (first === undefined) return 0;
    return switchTo(quiet, first, options.has('f') || options.has('force'));
  },
};

const treeOf = ({ repository }: Git, id: string): string => repository.objects.commit(id)?.tree ?? id;

export const switchCommand: GitCommand = {
  name: 'switch',
  summary: 'go to a branch: NAME, or to a new one: -c NAME',
  run(git, args) {
    const { options, operands } = readWords('switch', args, ['c:', 'create:', 'd', 'detach', 'f', 'force']);
    const branch = options.get('c') ?? options.get('create');
    if (branch !== undefined) return switchToNew(git, branch, operands[0]);
    const [name] = operands;
    if (name === undefined) throw fatal('missing branch or commit argument');
    const { repository } = git;
    if (repository.ref(`refs/heads/${name}`) === null && !options.has('d') && !options.has('detach')) {
      if (!repository.resolve(name).ok) throw fatal(`invalid reference: ${name}`);
      throw fatal(
        `a branch is expected, got commit '${name}'\nhint: If you want to detach HEAD at the commit, try again with the --detach option.`,
      );
    }
    return switchTo(git, name, options.has('f') || options.has('force'));
  },
};

export const restoreCommand: GitCommand = {
  name: 'restore',
  summary: 'restore files: [--staged] [--source=REVISION] FILE...',
  run(git, args) {
    const { repository } = git;
    const { options, operands, paths } = readWords('restore', args, ['s:', 'source:', 'S', 'staged', 'W', 'worktree']);
    const specs = [...operands, ...(paths ?? [])];
    if (specs.length === 0) throw fatal('you must specify path(s) to restore');
    const given = options.get('s') ?? options.get('source');
    const isStaged = options.has('S') || options.has('staged');
    const isWorking = options.has('W') || options.has('worktree') || !isStaged;
    const source = given === undefined ? (isStaged ? repository.head.id : null) : revisionOf(git, given);
    if (isStaged) restoreFiles(git, specs, source, 'index');
    if (isWorking) restoreFiles(git, specs, source, 'working');
    return 0;
  },
};

/** Takes HEAD on to a commit that goes on from where it is. */
export function fastForward(git: Git, to: string): number {
  const { repository, context } = git;
  const { id } = repository.head;
  if (id !== null && isAncestor(repository, to, id)) {
    context.out('Already up to date.\n');
    return 0;
  }
  if (id !== null && !isAncestor(repository, id, to)) throw fatal('Not possible to fast-forward, aborting.');
  const changes = fileChanges(git, repository.filesOf(id), repository.filesOf(to));
  move(git, to, false, 'merge');
  repository.moveHead(to);
  if (id !== null)
    context.out(`Updating ${short(id)}..${short(to)}\nFast-forward\n${statText(changes)}${modeLines(changes)}`);
  return 0;
}

export const mergeCommand: GitCommand = {
  name: 'merge',
  summary: 'take over the commits of a branch that goes on from here: BRANCH',
  run(git, args) {
    const { operands } = readWords('merge', args, ['ff-only']);
    const [name] = operands;
    if (name === undefined) throw fatal('No remote for the current branch.');
    const found = git.repository.resolve(name);
    if (!found.ok) throw new Fatal(`merge: ${name} - not something we can merge\n`, 1);
    return fastForward(git, found.value);
  },
};

export const tagCommand: GitCommand = {
  name: 'tag',
  summary: 'list tags, give a revision a name: NAME [REVISION], or take it away: -d NAME',
  run(git, args) {
    const { repository, context } = git;
    const { options, operands } = readWords('tag', args, ['d', 'l', 'f']);
    const [name, revision = 'HEAD'] = operands;
    if (name === undefined || options.has('l')) {
      for (const each of repository.refs('refs/tags/').keys()) context.out(`${each.slice('refs/tags/'.length)}\n`);
      return 0;
    }
    const ref = `refs/tags/${name}`;
    const old = repository.ref(ref);
    if (options.has('d')) {
      if (old === null) throw new Fatal(`error: tag '${name}' not found.\n`, 1);
      repository.removeRef(ref);
      context.out(`Deleted tag '${name}' (was ${short(old)})\n`);
      return 0;
    }
    if (!isBranchName(name)) throw fatal(`'${name}' is not a valid tag name.`);
    if (old !== null && !options.has('f')) throw fatal(`tag '${name}' already exists`);
    const id = repository.resolve(revision);
    if (!id.ok) throw fatal(`Failed to resolve '${revision}' as a valid ref.`);
    repository.setRef(ref, id.value);
    return 0;
  },
};

export const configCommand: GitCommand = {
  name: 'config',
  summary: 'a setting, such as user.name or user.email: KEY [VALUE]',
  run({ repository, context }, args) {
    const words = args.filter((word) => word !== '--local' && word !== '--global' && word !== '--get');
    const [key = '', value] = words;
    if (key === '-l' || key === '--list') {
      const text = context.files.readText(`${repository.gitDirectory}/config`);
      let section = '';
      for (const line of text.ok ? text.value.split('\n') : []) {
        section = /^\[(.*)\]/.exec(line)?.[1] ?? section;
        const [, name, set] = /^\s+([\w-]+) = (.*)$/.exec(line) ?? [];
        if (name !== undefined) context.out(`${section}.${name.toLowerCase()}=${set}\n`);
      }
      return 0;
    }
    if (!/^[\w-]+(\.[\w-]+)+$/.test(key)) throw new Fatal(`error: key does not contain a section: ${key}\n`, 1);
    if (value === undefined) {
      const found = repository.setting(key);
      if (found !== null) context.out(`${found}\n`);
      return found === null ? 1 : 0;
    }
    repository.set(key, value);
    return 0;
  },
};

/** For scripts: the name that a file's contents would have. */
export const hashObjectCommand: GitCommand = {
  name: 'hash-object',
  summary: 'the name of a file as an object: FILE...',
  run({ context, directory }, args) {
    const { operands } = readWords('hash-object', args, []);
    for (const name of operands) {
      const bytes = context.files.read(resolvePath(name, directory));
      if (!bytes.ok) throw fatal(`could not open '${name}' for reading: ${bytes.error}`);
      context.out(`${idOf('blob', bytes.value)}\n`);
    }
    return 0;
  },
};
