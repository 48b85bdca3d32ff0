/** git bundle and git clone: a repository in one file, and out of it. */
import { baseName, resolvePath } from '../../os/files.ts';
import { type Bundle, bundleOf, readBundle, unpackInto } from '../bundle.ts';
import { Repository } from '../repository.ts';
import { fastForward, isAncestor } from './branches.ts';
import { Fatal, fatal, type Git, type GitCommand, readWords, revisionOf } from './command.ts';

function read({ context, directory }: Git, name: string): Bundle {
  const file = context.files.read(resolvePath(name, directory));
  if (!file.ok) throw fatal(`could not open '${name}' for reading: ${file.error}`);
  const bundle = readBundle(file.value);
  if (!bundle.ok) throw new Fatal(`error: '${name}' ${bundle.error}\n`, 1);
  return bundle.value;
}

function create(git: Git, words: readonly string[]): number {
  const { repository, context, directory } = git;
  const { options, operands } = readWords('bundle', words, ['all', 'q', 'quiet']);
  const [name, ...revisions] = operands;
  if (name === undefined) throw fatal('need a <file> argument');
  const refs = new Map<string, string>();
  const { head } = repository;
  if (options.has('all')) for (const [ref, id] of repository.refs()) refs.set(ref, id);
  for (const word of revisions) {
    const id = revisionOf(git, word);
    const ref = ['', 'refs/tags/', 'refs/heads/'].find((prefix) => repository.ref(prefix + word) !== null);
    refs.set(word === 'HEAD' || ref === undefined ? 'HEAD' : ref + word, id);
  }
  if (options.has('all') && head.id !== null) refs.set('HEAD', head.id);
  if (refs.size === 0) throw fatal('Refusing to create empty bundle.');
  const written = context.files.write(resolvePath(name, directory), bundleOf(repository, refs));
  if (!written.ok) throw fatal(`cannot create '${name}': ${written.error}`);
  return 0;
}

export const bundleCommand: GitCommand = {
  name: 'bundle',
  summary: 'the repository in one file: create FILE --all, verify FILE, list-heads FILE, unbundle FILE',
  run(git, [what, ...words]) {
    const { context } = git;
    if (what === 'create') return create(git, words);
    const [name] = words;
    if (name === undefined || !['verify', 'list-heads', 'unbundle'].includes(what ?? ''))
      throw new Fatal(
        'usage: git bundle create <file> <git-rev-list args>\n   or: git bundle verify <file>\n   or: git bundle list-heads <file>\n   or: git bundle unbundle <file>\n',
        129,
      );
    const { refs, prerequisites, pack } = read(git, name);
    const list = [...refs].map(([ref, id]) => `${id} ${ref}\n`).join('');
    if (what === 'unbundle') {
      const unpacked = unpackInto(git.repository.objects, pack);
      if (!unpacked.ok) throw new Fatal(`error: '${name}' ${unpacked.error}\n`, 1);
    }
    if (what === 'verify') {
      context.out(`The bundle contains ${refs.size === 1 ? 'this ref' : `these ${refs.size} refs`}:\n${list}`);
      if (prerequisites.length === 0) context.out('The bundle records a complete history.\n');
      context.err(`${name} is okay\n`);
    } else context.out(list);
    return 0;
  },
};

export const cloneCommand: GitCommand = {
  name: 'clone',
  summary: 'make a repository out of a bundle: BUNDLE [DIRECTORY]',
  run(git, args) {
    const { context, directory } = git;
    const { operands } = readWords('clone', args, ['q', 'quiet']);
    const [name, target = baseName(name ?? '').replace(/\.bundle$/, '')] = operands;
    if (name === undefined) throw fatal('You must specify a repository to clone.');
    if (!context.files.exists(resolvePath(name, directory))) throw fatal(`repository '${name}' does not exist`);
    const root = resolvePath(target, directory);
    const listed = context.files.list(root);
    if (listed.ok && listed.value.length > 0)
      throw fatal(`destination path '${target}' already exists and is not an empty directory.`);
    const { refs, pack } = read(git, name);
    context.err(`Cloning into '${target}'...\n`);
    context.files.makePath(root);
    const { repository } = Repository.init(context.files, root);
    const unpacked = unpackInto(repository.objects, pack);
    if (!unpacked.ok) throw fatal(`'${name}' ${unpacked.error}`);
    const heads = [...refs].filter(([ref]) => ref.startsWith('refs/heads/'));
    for (const [ref, id] of refs) if (/^refs\/(heads|tags)\//.test(ref)) repository.setRef(ref, id);
    const at = refs.get('HEAD');
    const branch =
      heads.find(([ref, id]) => id === at && ref === 'refs/heads/main') ??
      heads.find(([, id]) => id === at) ??
      heads[0];
    if (branch) repository.setHead({ branch: branch[0].slice('refs/heads/'.length) });
    else if (at !== undefined) repository.setHead({ id: at });
    const files = repository.filesOf(repository.head.id);
    for (const [path, id] of files) repository.put(path, id);
    repository.stage(files);
    return 0;
  },
};

/** Takes a bundle's branches into the repository under other names; the working tree stays. */
export const fetchCommand: GitCommand = {
  name: 'fetch',
  summary: "take a bundle's branches over under names of your own: BUNDLE 'refs/heads/*:refs/heads/PREFIX/*'",
  run(git, args) {
    const { repository, context } = git;
    const [name, ...specs] = readWords('fetch', args, ['q', 'quiet']).operands;
    if (name === undefined) throw fatal('No remote repository specified.');
    const { refs, pack } = read(git, name);
    const wanted = specs.flatMap((spec) => mapped(refs, spec));
    const unpacked = unpackInto(repository.objects, pack);
    if (!unpacked.ok) throw fatal(`'${name}' ${unpacked.error}`);
    const lines: string[] = [];
    let code = 0;
    for (const { from, to, id, isForced } of wanted) {
      const before = repository.ref(to);
      if (before === id) continue;
      const goesOn = before === null || isAncestor(repository, before, id);
      const range = (dots: string): string => `${before?.slice(0, 7)}${dots}${id.slice(0, 7)}`;
      const line = (flag: string, what: string, why = ''): void => {
        lines.push(` ${flag} ${what.padEnd(17)} ${shortRef(from).padEnd(10)} -> ${shortRef(to)}${why}\n`);
      };
      if (!goesOn && !isForced) {
        line('!', '[rejected]', '  (non-fast-forward)');
        code = 1;
        continue;
      }
      repository.setRef(to, id);
      if (before === null) line('*', to.startsWith('refs/tags/') ? '[new tag]' : '[new branch]');
      else if (goesOn) line(' ', range('..'));
      else line('+', range('...'), '  (forced update)');
    }
    if (lines.length > 0) context.err(`From ${name}\n${lines.join('')}`);
    return code;
  },
};

const shortRef = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

/** The references that a refspec names, `[+]FROM:TO`, each with one `*` or none (git-fetch(1)). */
function mapped(refs: ReadonlyMap<string, string>, spec: string) {
  const isForced = spec.startsWith('+');
  const [pattern = '', target] = spec.slice(isForced ? 1 : 0).split(':');
  if (target === undefined || !target.startsWith('refs/')) throw fatal(`invalid refspec '${spec}'`);
  const full = (ref: string): string => (ref.startsWith('refs/') || ref === 'HEAD' ? ref : `refs/heads/${ref}`);
  const [prefix = '', suffix] = full(pattern).split('*');
  const found = [...refs].flatMap(([from, id]) => {
    if (suffix === undefined) return from === prefix ? [{ from, to: target, id, isForced }] : [];
    if (!from.startsWith(prefix) || !from.endsWith(suffix)) return [];
    const middle = from.slice(prefix.length, from.length - suffix.length);
    return [{ from, to: target.replace('*', middle), id, isForced }];
  });
  if (found.length === 0 && suffix === undefined) throw fatal(`couldn't find remote ref ${pattern}`);
  return found;
}

/** Takes a bundle's commits into the repository, and the working tree on to those of its branch. */
export const pullCommand: GitCommand = {
  name: 'pull',
  summary: 'take over the commits of a bundle that go on from here: BUNDLE [BRANCH]',
  run(git, args) {
    const { repository, context } = git;
    const { operands } = readWords('pull', args, ['ff-only', 'q', 'quiet']);
    const [name, branch] = operands;
    if (name === undefined) throw fatal('No remote repository specified.');
    const { refs, pack } = read(git, name);
    const id = refs.get(branch === undefined ? 'HEAD' : `refs/heads/${branch}`);
    if (id === undefined) throw fatal(`couldn't find remote ref ${branch ?? 'HEAD'}`);
    const unpacked = unpackInto(repository.objects, pack);
    if (!unpacked.ok) throw fatal(`'${name}' ${unpacked.error}`);
    context.err(`From ${name}\n * branch            ${(branch ?? 'HEAD').padEnd(10)} -> FETCH_HEAD\n`);
    return fastForward(git, id);
  },
};
