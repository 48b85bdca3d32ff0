import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FileEntry, UserFiles } from '../../../session/api/files.ts';
import { type Connection, type ControlView, isPast, keepsFiles } from '../../machine/connection.ts';
import type { Keeping } from '../../storage/keeping.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import { Conflicts } from './conflicts.ts';
import { isKept, isOfGit, KeptDom0Files, type KeptListener, type KeptRow } from './keptDom0Files.ts';

/** Folders of Domain-0 that the page shows. */
const shownFolders = ['/etc', '/guests', '/root', '/dev/vg', '/var/lib/xen/images'] as const;
/** A large file is read in parts of so many bytes. */
const partSize = 8 * 2 ** 20;

/** The folder that the page shows in which a path is; empty if it is in none. */
export const rootOf = (path: string): string =>
  shownFolders.find((folder) => path === folder || path.startsWith(`${folder}/`)) ?? '';

interface FilesView {
  /** Files and folders, by path, without those of Git. */
  readonly files: readonly FileEntry[];
  /** Paths of files that Domain-0 starts with and that are gone. */
  readonly removed: readonly string[];
  /** A file that the tree is to bring into view; null once it has. */
  readonly wanted: string | null;
}

/** Domain-0's files. What the user changes, the browser keeps for the next start. */
export class Dom0Files {
  readonly store: StoreApi<FilesView> = createStore<FilesView>(() => ({ files: [], removed: [], wanted: null }));
  readonly conflicts = new Conflicts();
  readonly #connection: Connection;
  readonly #keeping: Keeping;
  readonly #kept: KeptDom0Files;
  readonly #listeners = new Set<(path: string) => void>();
  #epoch = 0;
  /** How many changes to the machine's files the page has followed; -1 before it has listed them. */
  #seen = -1;
  #isFollowing = false;
  /** Paths of what differs in a past moment: the browser keeps what they are in the present, or where the machine goes on. */
  readonly #waiting = new Set<string>();
  #everything: readonly FileEntry[] = [];

  /** @param keep makes what keeps the user's files in the browser */
  constructor(
    connection: Connection,
    keeping: Keeping,
    keep = (listener: KeptListener) => new KeptDom0Files(keeping, listener),
  ) {
    this.#connection = connection;
    this.#keeping = keeping;
    this.#kept = keep({ foreign: (row) => void this.#compare(row), lost: () => this.#lost() });
    connection.onChange((view) => this.#follow(view));
  }

  /** Whether some change of the user's is in this page alone. */
  get isAtRisk(): boolean {
    return this.#kept.isAtRisk;
  }

  get all(): readonly FileEntry[] {
    return this.store.getState().files;
  }

  /** Those of Git, too, which no list shows. */
  get everything(): readonly FileEntry[] {
    return this.#everything;
  }

  /** Has the tree bring a file into view, or with null no other. */
  show(wanted: string | null): void {
    this.store.setState({ wanted });
  }

  /** A file's bytes, or null if it cannot be read. */
  read(path: string): Promise<Uint8Array | null> {
    return this.#connection.look('readFile', { path });
  }

  /** A file of any size to be downloaded, or null if it cannot be read. */
  async parts(path: string): Promise<Uint8Array[] | null> {
    const parts: Uint8Array[] = [];
    for (let offset = 0; ; offset += partSize) {
      const part = await this.#connection.look('readFilePart', { path, offset, length: partSize });
      if (!part) return null;
      parts.push(part);
      if (part.length < partSize) return parts;
    }
  }

  /**
   * Makes or replaces a file; resolves to whether it was written. The browser keeps it at once: the machine may be busy,
   * such as with the files of Linux.
   */
  async write(path: string, bytes: Uint8Array): Promise<boolean> {
    const entry = this.all.find((file) => file.path === path);
    if (this.#isKept(path) && !entry?.isDirectory && !entry?.isDisk) void this.#kept.keep(path, async () => bytes);
    const isWritten = await this.#connection.request(() => this.#connection.ask('writeFile', { path, bytes }));
    if (!isWritten) await this.keepNow(path);
    return isWritten;
  }

  /** Removes a file, or a folder that is empty. */
  remove(path: string): Promise<boolean> {
    return this.#connection.request(() => this.#connection.ask('removeFile', { path }));
  }

  makeFolder(path: string): Promise<boolean> {
    return this.#connection.request(() => this.#connection.ask('makeDirectory', { path }));
  }

  rename(path: string, to: string): Promise<boolean> {
    return this.#connection.request(() => this.#connection.ask('renameFile', { path, to }));
  }

  /** Calls back with the path of each file that has changed. Returns what ends that. */
  onFile(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the browser, or else the page, has kept of the user's files. */
  async kept(): Promise<UserFiles> {
    const kept = await this.#kept.all();
    // The next machine has the other tab's versions, if the user has none.
    for (const { path, by } of this.conflicts.store.getState().all)
      if (by === 'tab' && !this.#kept.has(path)) this.conflicts.settle(path);
    return kept;
  }

  /** Forgets all files of the user's; returns them. */
  forget(): Promise<UserFiles> {
    return this.#kept.clear();
  }

  /** Has the browser keep the files of a machine that a link or a file has brought; returns those that it kept before. */
  async adopt(): Promise<UserFiles> {
    const before = await this.#kept.clear();
    for (const path of this.#changed) await this.keepNow(path);
    return before;
  }

  /** Has the browser keep changes again that were forgotten. */
  async restore({ files, removed }: UserFiles): Promise<void> {
    for (const { path, bytes } of files) await this.#kept.keep(path, async () => bytes);
    for (const path of removed) await this.#kept.keep(path, async () => null);
  }

  /** Has the browser keep a file as it is now. */
  async keepNow(path: string): Promise<void> {
    await this.#keep(path, this.#everything, this.store.getState().removed);
  }

  #follow({ status, epoch }: ControlView): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#seen = -1;
      this.#waiting.clear();
    }
    if (!status?.dom0) return;
    const mayBeKept = this.#waiting.size > 0 && !isPast(this.#connection.view);
    if (status.dom0.files > this.#seen || mayBeKept) void this.#followChanges();
  }

  /** Lists the files again, tells the listeners which have changed, and has the browser keep the user's. */
  async #followChanges(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    const epoch = this.#epoch;
    const changes = await this.#connection.look('fileChanges', { from: Math.max(0, this.#seen) });
    if (changes && epoch === this.#epoch) {
      this.#seen = changes.end;
      const files = await this.#list();
      const paths = changes.missed
        ? [...files.filter((file) => file.changed).map((file) => file.path), ...changes.removed]
        : [...new Set(changes.paths)];
      const waiting = isPast(this.#connection.view) ? [] : [...this.#waiting];
      for (const path of waiting) this.#waiting.delete(path);
      // Begun before the list shows the change: nothing is said to be kept before it is.
      for (const path of new Set([...paths, ...waiting])) void this.#keep(path, files, changes.removed);
      this.#everything = files;
      this.store.setState({ files: files.filter(({ path }) => !isOfGit(`${path}/`)), removed: changes.removed });
      for (const path of paths) for (const listener of this.#listeners) listener(path);
    }
    this.#isFollowing = false;
    this.#follow(this.#connection.view);
  }

  async #list(): Promise<FileEntry[]> {
    const folders = await Promise.all(
      shownFolders.map(async (path) => [
        { path, isDirectory: true, isDisk: false, size: 0, changed: false },
        ...((await this.#connection.look('listFiles', { path, deep: true })) ?? []),
      ]),
    );
    return folders.flat();
  }

  /** Has the browser keep the current state of a path. */
  async #keep(path: string, files: readonly FileEntry[], removed: readonly string[]): Promise<void> {
    if (isPast(this.#connection.view)) this.#waiting.add(path);
    if (!this.#isKept(path)) return;
    const entry = files.find((file) => file.path === path);
    if (entry?.isDirectory) return;
    // A disk is kept with the disks; what was kept of it as a file is not needed any more.
    const isOriginal = entry ? !entry.changed || entry.isDisk : !removed.includes(path);
    // An entry that cannot be read is none of a machine that is gone.
    const read = async () => (entry && !entry.isDisk ? ((await this.read(path)) ?? undefined) : null);
    await this.#kept.keep(path, read, isOriginal);
  }

  /** Another tab has written another version of a file, or the same. */
  async #compare(theirs: KeptRow): Promise<void> {
    // A machine that is only starting takes the other tab's version by itself.
    if (!this.#connection.view.status?.dom0 || !keepsFiles(this.#connection.view)) return;
    const { path, bytes } = theirs;
    const accept = () => this.#kept.accept(theirs);
    if (sameBytes(await this.read(path), bytes)) {
      accept();
      this.conflicts.settle(path);
    } else this.conflicts.put({ path, theirs: bytes, by: 'tab', accept });
  }

  /** The browser has removed what it kept: the user's files are in the machine alone. */
  #lost(): void {
    this.#keeping.lost(this.#changed.filter(isKept), (path) => this.keepNow(path));
  }

  /** Paths of what the user has changed. */
  get #changed(): string[] {
    const { removed } = this.store.getState();
    return [...this.#everything.filter(({ changed }) => changed).map(({ path }) => path), ...removed];
  }

  /** Whether the browser keeps what becomes of a file. */
  #isKept(path: string): boolean {
    const { view } = this.#connection;
    return isKept(path) && keepsFiles(view) && !isPast(view);
  }
}
