/** A Git repository in Dom0's files (gitrepository-layout(5)), with its working tree around it. */
import { err, ok, type Result } from '../../base/result.ts';
import { type FileSystem, resolvePath } from '../os/files.ts';
import {
  type Commit,
  commitBytes,
  directoryMode,
  fileMode,
  idOf,
  Objects,
  readTree,
  type Signature,
  type TreeEntry,
  treeBytes,
} from './objects.ts';
import { indexBytes, readIndex, type Staged } from './staging.ts';

/** Where HEAD is: on a branch that may have no commit yet, or detached at a commit. */
export interface Head {
  readonly branch: string | null;
  readonly id: string | null;
}

const branchPrefix = 'refs/heads/';
const isId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** A name that a branch may have, in the part of git-check-ref-format(1) that matters here. */
export const isBranchName = (name: string): boolean =>
  name !== '' && !/^[-/.]|\.\.|[\s~^:?*[\\\x7f]|@\{|\/\/|\.lock$|[/.]$/.test(name) && name !== 'HEAD';

export class Repository {
  readonly objects: Objects;
  private readonly git: string;

  private constructor(
    readonly files: FileSystem,
    /** The directory above `.git`. */
    readonly root: string,
  ) {
    this.git = resolvePath('.git', root);
    this.objects = new Objects(files, `${this.git}/objects`);
  }

  /** The repository whose working tree is a directory, whether there is one yet or not. */
  static at(files: FileSystem, root: string): Repository {
    return new Repository(files, root);
  }

  /** The repository in a directory or in one above it. */
  static find(files: FileSystem, directory: string): Repository | null {
    for (let at = directory; ; at = resolvePath('..', at)) {
      const repository = new Repository(files, at);
      if (repository.exists) return repository;
      if (at === '/') return null;
    }
  }

  /** Makes a repository in a directory, or opens the one that is there. */
  static init(files: FileSystem, root: string): { readonly repository: Repository; readonly isNew: boolean } {
    const repository = new Repository(files, root);
    const git = repository.git;
    const isNew = !repository.exists;
    for (const directory of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
      files.makePath(`${git}/${directory}`);
    if (isNew) {
      files.write(`${git}/HEAD`, `ref: ${branchPrefix}main\n`);
      files.write(
        `${git}/config`,
        '[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = false\n\tlogallrefupdates = true\n',
      );
    }
    return { repository, isNew };
  }

  get exists(): boolean {
    return this.files.exists(`${this.git}/HEAD`);
  }

  get gitDirectory(): string {
    return this.git;
  }

  get head(): Head {
    const text = this.text('HEAD').trim();
    const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1] ?? null;
    return { branch, id: branch === null ? (isId(text) ? text : null) : this.ref(branchPrefix + branch) };
  }

  /** Puts HEAD on a branch, or on a commit. */
  setHead(to: { readonly branch: string } | { readonly id: string }): void {
    this.files.write(`${this.git}/HEAD`, 'branch' in to ? `ref: ${branchPrefix}${to.branch}\n` : `${to.id}\n`);
  }

  /** Moves what HEAD is on to a commit. */
  moveHead(id: string): void {
    const { branch } = this.head;
    if (branch === null) this.setHead({ id });
    else this.setRef(branchPrefix + branch, id);
  }

  /** The commit of a reference by its whole name, such as `refs/heads/main`. */
  ref(name: string): string | null {
    const loose = this.text(name).trim();
    if (isId(loose)) return loose;
    return this.packedRefs().get(name) ?? null;
  }

  setRef(name: string, id: string): void {
    const path = `${this.git}/${name}`;
    this.files.makePath(resolvePath('..', path));
    this.files.write(path, `${id}\n`);
  }

  removeRef(name: string): void {
    this.files.remove(`${this.git}/${name}`);
    const packed = this.packedRefs();
    if (packed.delete(name))
      this.files.write(`${this.git}/packed-refs`, [...packed].map(([ref, id]) => `${id} ${ref}\n`).join(''));
  }

  /** All references below a prefix, by their whole names, in order. */
  refs(prefix = 'refs/'): Map<string, string> {
    const found = this.packedRefs();
    for (const path of this.files.walk(`${this.git}/refs`)) {
      const name = path.slice(this.git.length + 1);
      const id = this.ref(name);
      if (id !== null) found.set(name, id);
    }
    return new Map([...found].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  get branches(): string[] {
    return [...this.refs(branchPrefix).keys()].map((name) => name.slice(branchPrefix.length));
  }

  /** The commit that a revision names: HEAD, a branch, a tag, the beginning of a name; with `~2` or `^` behind it. */
  resolve(revision: string): Result<string, 'none' | 'ambiguous'> {
    const [, base = '', steps = ''] = /^(.*?)((?:~\d*|\^)*)$/.exec(revision) ?? [];
    const start = this.resolveBase(base);
    if (!start.ok) return start;
    let id = start.value;
    for (const [step] of steps.matchAll(/~\d*|\^/g)) {
      const count = step === '^' || step === '~' ? 1 : Number(step.slice(1));
      for (let i = 0; i < count; i++) {
        const parent = this.objects.commit(id)?.parents[0];
        if (parent === undefined) return err('none');
        id = parent;
      }
    }
    return ok(id);
  }

  private resolveBase(base: string): Result<string, 'none' | 'ambiguous'> {
    if (base === 'HEAD' || base === '@') {
      const { id } = this.head;
      return id === null ? err('none') : ok(id);
    }
    for (const prefix of ['', 'refs/', 'refs/tags/', branchPrefix]) {
      const id = base === '' ? null : this.ref(prefix + base);
      if (id !== null) return ok(id);
    }
    return /^[0-9a-f]{4,40}$/.test(base) ? this.objects.find(base) : err('none');
  }

  /** What the index holds. */
  get staged(): Map<string, string> {
    const file = this.files.read(`${this.git}/index`);
    return file.ok ? readIndex(file.value) : new Map();
  }

  stage(staged: Staged): void {
    this.files.write(`${this.git}/index`, indexBytes(staged));
  }

  /** The blobs of a commit or a tree, by path. */
  filesOf(id: string | null): Map<string, string> {
    const found = new Map<string, string>();
    const add = (tree: string, prefix: string, depth: number): void => {
      for (const { mode, name, id } of readTree(this.objects.readAs('tree', tree) ?? new Uint8Array())) {
        // A guest of the format: a tree that holds itself cannot be made, but depth is bounded all the same.
        if (mode === directoryMode && depth < 64) add(id, `${prefix}${name}/`, depth + 1);
        else if (mode !== directoryMode) found.set(prefix + name, id);
      }
    };
    if (id !== null) add(this.objects.commit(id)?.tree ?? id, '', 0);
    return found;
  }

  /** The files in the working tree by path, without those of Git, and without disks. */
  get working(): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    const prefix = this.root === '/' ? '/' : `${this.root}/`;
    for (const path of this.files.walk(this.root)) {
      if (path.startsWith(`${this.git}/`) || this.files.isDisk(path)) continue;
      const bytes = this.files.read(path);
      if (bytes.ok) found.set(path.slice(prefix.length), bytes.value);
    }
    return found;
  }

  /** Writes or removes a file of the working tree. */
  put(path: string, id: string | null): void {
    const whole = resolvePath(path, this.root);
    if (id === null) {
      this.files.remove(whole);
      for (let above = resolvePath('..', whole); above !== this.root; above = resolvePath('..', above))
        if (!this.files.remove(above).ok) break;
      return;
    }
    const bytes = this.objects.readAs('blob', id);
    const now = this.files.read(whole);
    if (!bytes || (now.ok && idOf('blob', now.value) === id)) return;
    this.files.makePath(resolvePath('..', whole));
    this.files.write(whole, bytes);
  }

  /** Writes the trees of these files; returns the name of the first. */
  writeTree(staged: Staged): string {
    interface Directory {
      readonly files: TreeEntry[];
      readonly directories: Map<string, Directory>;
    }
    const make = (): Directory => ({ files: [], directories: new Map() });
    const root = make();
    for (const [path, id] of staged) {
      const names = path.split('/');
      let at = root;
      for (const name of names.slice(0, -1)) {
        const next = at.directories.get(name) ?? make();
        at.directories.set(name, next);
        at = next;
      }
      at.files.push({ mode: fileMode, name: names.at(-1) as string, id });
    }
    const write = ({ files, directories }: Directory): string => {
      const inside = [...directories].map(([name, each]) => ({ mode: directoryMode, name, id: write(each) }));
      return this.objects.write('tree', treeBytes([...files, ...inside]));
    };
    return write(root);
  }

  /** Makes a commit of what is staged and moves HEAD to it. It is never earlier than the commit before it. */
  commit(
    message: string,
    who: Signature,
    { parents = this.headList(), author }: { parents?: readonly string[]; author?: Signature } = {},
  ): string {
    const before = Math.max(0, ...parents.map((id) => this.objects.commit(id)?.committer.time ?? 0));
    const committer = { ...who, time: Math.max(who.time, before) };
    const tree = this.writeTree(this.staged);
    const commit: Commit = { tree, parents, author: author ?? committer, committer, message };
    const id = this.objects.write('commit', commitBytes(commit));
    this.moveHead(id);
    return id;
  }

  /** Commits from these on, newest first; of the same time, children first. */
  *history(...from: readonly string[]): Generator<{ readonly id: string; readonly commit: Commit }> {
    const seen = new Set<string>(from);
    const queue = [...seen].flatMap((id) => this.dated(id));
    for (let next = queue.shift(); next; next = queue.shift()) {
      yield next;
      for (const parent of next.commit.parents) {
        if (seen.has(parent)) continue;
        seen.add(parent);
        for (const each of this.dated(parent)) {
          const later = queue.findIndex(({ commit }) => commit.committer.time < each.commit.committer.time);
          queue.splice(later < 0 ? queue.length : later, 0, each);
        }
      }
    }
  }

  /** A setting, such as `user.name`; null if there is none. */
  setting(key: string): string | null {
    const [section = '', name = ''] = splitKey(key);
    let current = '';
    let found: string | null = null;
    for (const line of this.text('config').split('\n')) {
      current = /^\s*\[([\w.-]+)\]/.exec(line)?.[1]?.toLowerCase() ?? current;
      const [, word = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (current === section && word.toLowerCase() === name) found = value.replace(/^"(.*)"$/, '$1');
    }
    return found;
  }

  set(key: string, value: string): void {
    const [section = '', name = ''] = splitKey(key);
    const lines = this.text('config').trimEnd().split('\n');
    const begin = lines.findIndex((line) => line.trim().toLowerCase() === `[${section}]`);
    const line = `\t${key.slice(key.lastIndexOf('.') + 1)} = ${value}`;
    if (begin < 0) lines.push(`[${section}]`, line);
    else {
      const rest = lines.slice(begin + 1);
      const next = rest.findIndex((each) => each.trimStart().startsWith('['));
      const end = begin + 1 + (next < 0 ? rest.length : next);
      const at = lines.findIndex(
        (each, i) => i > begin && i < end && each.split('=')[0]?.trim().toLowerCase() === name,
      );
      if (at < 0) lines.splice(end, 0, line);
      else lines[at] = line;
    }
    this.files.write(`${this.git}/config`, `${lines.join('\n')}\n`);
  }

  private dated(id: string): { id: string; commit: Commit }[] {
    const commit = this.objects.commit(id);
    return commit ? [{ id, commit }] : [];
  }

  private headList(): string[] {
    const { id } = this.head;
    return id === null ? [] : [id];
  }

  private packedRefs(): Map<string, string> {
    const lines = this.text('packed-refs').split('\n');
    return new Map(
      lines.flatMap((line): [string, string][] => {
        const [id = '', name = ''] = line.split(' ');
        return isId(id) && name !== '' ? [[name, id]] : [];
      }),
    );
  }

  private text(name: string): string {
    const text = this.files.readText(`${this.git}/${name}`);
    return text.ok ? text.value : '';
  }
}

const splitKey = (key: string): [section: string, name: string] => {
  const dot = key.lastIndexOf('.');
  return [key.slice(0, dot).toLowerCase(), key.slice(dot + 1).toLowerCase()];
};
