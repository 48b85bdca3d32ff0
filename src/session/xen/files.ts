/** Dom0's files as a front door sees them, with what has changed since the start. */
import { assert } from '../../base/assert.ts';
import type { Held, Holdable } from '../../base/held-objects.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { bytes, list, nullable, record, text, whole } from '../../base/shape.ts';
import { type FileError, type FileSystem, resolvePath } from '../../dom0/os/files.ts';
import type { Dom0File, FileChanges, FileEntry, UserFiles } from '../api/files.ts';
import type { Input } from '../api/input.ts';
import type { FilesView } from '../dom0.ts';

/** So many changes are kept, the newest. */
const changesMax = 1000;
/** What an operation on a file has come to: an error with the path that it is about. */
const entered = (path: string, done: Result<null>, bytes = 0): Result<number> =>
  done.ok ? ok(bytes) : err(`${path}: ${done.error}.`);

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** A file; null for the bytes that it had at the start. */
interface SavedFile {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

/** Files and what has changed, beside the files of the start. */
export interface FilesState {
  readonly folders: readonly string[];
  readonly files: readonly SavedFile[];
  /** Those that came later and count as files of the start. */
  readonly originals: readonly Dom0File[];
  readonly changes: readonly string[];
  readonly end: number;
}

export const filesState = record<FilesState>({
  folders: list(text),
  files: list(record<SavedFile>({ path: text, bytes: nullable(bytes) })),
  originals: list(record<Dom0File>({ path: text, bytes })),
  changes: list(text),
  end: whole(),
});

export class Dom0Files implements FilesView, Holdable {
  private readonly files: FileSystem;
  /** The files that Dom0 starts with. */
  private readonly seed = new Map<string, Uint8Array>();
  /** By path: the bytes of the files at the start, before which nothing had changed. */
  private readonly first: ReadonlyMap<string, Uint8Array>;
  private readonly firstSeed: ReadonlyMap<string, Uint8Array>;
  private _changes: string[] = [];
  private _end = 0;
  private isMoving = false;

  constructor(files: FileSystem, seed: readonly Dom0File[], user: UserFiles) {
    this.files = files;
    for (const { path, bytes } of seed) this.writeOriginal(path, bytes);
    for (const { path, bytes } of user.files) if (!this.isUsersDisk(resolvePath(path))) this.write(path, bytes);
    for (const path of user.removed) if (!this.isUsersDisk(resolvePath(path))) files.remove(resolvePath(path));
    this.first = new Map(this.all());
    this.firstSeed = new Map(this.seed);
    files.onChange = (path) => {
      if (!this.isMoving) this.noteChange(path);
    };
  }

  /** Number of changes so far. */
  get end(): number {
    return this._end;
  }

  /** What has changed since there were `from` changes. */
  changes(from: number): FileChanges {
    const first = this._end - this._changes.length;
    return {
      paths: this._changes.slice(Math.max(from - first, 0)),
      end: this._end,
      missed: from < first,
      removed: [...this.seed.keys()].filter((path) => !this.files.exists(path)).sort(),
    };
  }

  list(path: string, deep = false): Result<FileEntry[], FileError> {
    const directory = resolvePath(path);
    const listed = this.files.list(directory);
    if (!listed.ok) return listed;
    return ok(
      listed.value.flatMap(({ name, isDirectory, size }) => {
        const whole = resolvePath(name, directory);
        const entry: FileEntry = {
          path: whole,
          isDirectory,
          isDisk: this.isUsersDisk(whole),
          size,
          changed: !isDirectory && this.isChanged(whole),
        };
        const inside = isDirectory && deep ? this.list(whole, true) : null;
        return [entry, ...(inside?.ok ? inside.value : [])];
      }),
    );
  }

  /** A copy of a part of a file's bytes, at most `length` from an offset on. */
  readAt(path: string, offset: number, length: number): Result<Uint8Array, FileError> {
    return this.files.readAt(resolvePath(path), offset, length);
  }

  /** A copy of a file's bytes. */
  read(path: string): Result<Uint8Array, FileError> {
    const bytes = this.files.read(resolvePath(path));
    return bytes.ok ? ok(bytes.value.slice()) : bytes;
  }

  /** Makes or replaces a file, and makes the directories above it. */
  write(path: string, bytes: Uint8Array): Result<null, FileError> {
    const whole = resolvePath(path);
    const made = this.files.makePath(resolvePath('..', whole));
    return made.ok ? this.files.write(whole, bytes) : made;
  }

  /** Takes an input that is about files; null for any other. The result is how many bytes were taken. */
  enter(input: Input): Result<number> | null {
    switch (input.kind) {
      case 'writeFile': {
        const { path, bytes, isOriginal } = input;
        return entered(path, isOriginal ? this.writeOriginal(path, bytes) : this.write(path, bytes), bytes.length);
      }
      case 'renameFile':
        return entered(input.to, this.rename(input.path, input.to));
      case 'removeFile':
        return entered(input.path, this.remove(input.path));
      case 'makeDirectory':
        return entered(input.path, this.makeDirectory(input.path));
      default:
        return null;
    }
  }

  /** The same for a file that counts as one that Dom0 starts with. A disk that the user's domains have written to stays. */
  writeOriginal(path: string, bytes: Uint8Array): Result<null, FileError> {
    const whole = resolvePath(path);
    this.seed.set(whole, bytes);
    return this.isUsersDisk(whole) ? ok(null) : this.write(whole, bytes);
  }

  rename(from: string, to: string): Result<null, FileError> {
    return this.files.rename(resolvePath(from), resolvePath(to));
  }

  /** Removes a file, or a directory that is empty. */
  remove(path: string): Result<null, FileError> {
    return this.files.remove(resolvePath(path));
  }

  makeDirectory(path: string): Result<null, FileError> {
    return this.files.mkdir(resolvePath(path));
  }

  /** What has changed since the start is known of all moments: to go to another one is a change, too. */
  heldState(): Held {
    const seed = [...this.seed];
    return {
      restore: () => {
        this.seed.clear();
        for (const [path, now] of seed) this.seed.set(path, now);
      },
      bytes: 0,
    };
  }

  /** Goes to another moment, and notes which files differ there. */
  moveBy(move: () => void): void {
    const before = this.contents();
    this.isMoving = true;
    move();
    this.isMoving = false;
    const after = this.contents();
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(path), after.get(path)];
      if (was !== is && !(was && is && same(was, is))) this.noteChange(path);
    }
  }

  /** Not for files among which there are disks of the user's. */
  saveState(): FilesState {
    return {
      folders: [...this.folders('/')],
      files: [...this.all()].map(([path, now]) => ({ path, bytes: now === this.first.get(path) ? null : now })),
      originals: [...this.seed].flatMap(([path, now]) =>
        now === this.firstSeed.get(path) ? [] : [{ path, bytes: now }],
      ),
      changes: this._changes,
      end: this._end,
    };
  }

  /**
   * Continues from a saved state of files with the same start. What has changed since the start is that of the state
   * for new files
   * alone; for others going there is a change, too. Throws AssertionError.
   */
  loadState(state: FilesState): void {
    const isNew = this._end === 0;
    this.moveBy(() => this.replace(state));
    if (!isNew) return;
    this._changes = [...state.changes];
    this._end = state.end;
  }

  private replace({ folders, files, originals }: FilesState): void {
    for (const [path] of this.all()) this.files.remove(path);
    for (const path of [...this.folders('/')].reverse()) this.files.remove(path);
    const add = (path: string, done: Result<null, FileError>): void => assert(done.ok, `${path} can be made`);
    for (const path of folders) add(path, this.files.mkdir(path));
    for (const file of files) {
      const was = file.bytes ?? this.first.get(file.path);
      assert(was, `${file.path} is a file of the start`);
      add(file.path, this.files.write(file.path, was));
    }
    for (const { path, bytes: now } of originals) this.seed.set(path, now);
  }

  private noteChange(path: string): void {
    this._changes.push(path);
    this._end++;
    if (this._changes.length > 2 * changesMax) this._changes = this._changes.slice(-changesMax);
  }

  /** All files, and what is in those that are no disks. */
  private contents(): Map<string, Uint8Array | null> {
    const contents = new Map<string, Uint8Array | null>();
    for (const path of this.files.walk('/')) {
      const read = this.files.isDisk(path) ? null : this.files.read(path);
      contents.set(path, read?.ok ? read.value : null);
    }
    return contents;
  }

  /** Paths and bytes of all files. */
  private *all(): Generator<[string, Uint8Array]> {
    for (const path of this.files.walk('/')) {
      const read = this.files.read(path);
      if (read.ok) yield [path, read.value];
    }
  }

  /** All folders below one, each behind the one that it is in. */
  private *folders(directory: string): Generator<string> {
    const listed = this.files.list(directory);
    for (const { name, isDirectory } of listed.ok ? listed.value : []) {
      if (!isDirectory) continue;
      const path = resolvePath(name, directory);
      yield path;
      yield* this.folders(path);
    }
  }

  /** Whether a file is a disk whose contents are not those that it started with. */
  private isUsersDisk(path: string): boolean {
    return this.files.isDisk(path) && this.files.originalOfDisk(path) === null;
  }

  private isChanged(path: string): boolean {
    if (this.isUsersDisk(path)) return true;
    const seed = this.seed.get(path);
    const now = this.files.read(path);
    return !seed || !now.ok || (now.value !== seed && !same(now.value, seed));
  }
}
