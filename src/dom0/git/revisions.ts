/** The revisions of a config and which of them runs, as the page shows them. Looking changes nothing. */
import type { DomainRecord } from '../libxl/context.ts';
import type { FileSystem } from '../os/files.ts';
import { bundleOf } from './bundle.ts';
import { configDirectory } from './keeper.ts';
import { idOf } from './objects.ts';
import { Repository } from './repository.ts';

/** A commit that has changed a file. */
export interface FileRevision {
  /** The whole name of the commit. */
  readonly id: string;
  readonly message: string;
  readonly author: string;
  /** Seconds since 1970, of Dom0's clock. */
  readonly time: number;
  /** The name of the file's contents; null where it was removed. */
  readonly blob: string | null;
}

/** A domain that was made from a file. */
export interface RunningRevision {
  readonly domid: number;
  /** The commit in which the file was as it was when the domain was made; null if it is in none. */
  readonly id: string | null;
  /** Whether the file is another one now. */
  readonly hasChanged: boolean;
}

export interface FileHistory {
  /** The branch; null if HEAD is detached, or if there is no repository. */
  readonly branch: string | null;
  /** The names of all branches, in order. */
  readonly branches: readonly string[];
  /** Newest first. */
  readonly revisions: readonly FileRevision[];
  readonly running: readonly RunningRevision[];
}

const revisionsMax = 500;
const prefix = `${configDirectory}/`;
const encoder = new TextEncoder();

/** The history of a file below /etc/xen. */
export function historyOf(files: FileSystem, records: ReadonlyMap<number, DomainRecord>, path: string): FileHistory {
  const repository = Repository.at(files, configDirectory);
  const { head } = repository;
  const name = path.startsWith(prefix) ? path.slice(prefix.length) : null;
  const revisions: FileRevision[] = [];
  if (name !== null && head.id !== null)
    for (const { id, commit } of repository.history(head.id)) {
      if (revisions.length >= revisionsMax) break;
      const blob = repository.filesOf(id).get(name) ?? null;
      const before = commit.parents.map((parent) => repository.filesOf(parent).get(name) ?? null);
      if (before.length === 0 ? blob === null : before.every((each) => each === blob)) continue;
      const { author, message } = commit;
      revisions.push({ id, message: message.trim(), author: author.name, time: author.time, blob });
    }
  const now = files.read(path);
  const present = now.ok ? idOf('blob', now.value) : null;
  const running = [...records].flatMap(([domid, { source, text, startTime }]): RunningRevision[] => {
    if (source !== path) return [];
    const blob = idOf('blob', encoder.encode(text));
    const same = revisions.filter((revision) => revision.blob === blob);
    // The newest that was there when the domain was made; a repository that is younger has the text all the same.
    const made = same.find(({ time }) => time <= startTime / 1e9) ?? same.at(-1);
    return [{ domid, id: made?.id ?? null, hasChanged: blob !== present }];
  });
  const branches = [...repository.refs()].flatMap(([ref]) => /^refs\/heads\/(.*)/.exec(ref)?.[1] ?? []);
  return { branch: head.branch, branches, revisions, running };
}

/** A file below /etc/xen as it was in a commit; null if it was not there. */
export function fileIn(files: FileSystem, id: string, path: string): Uint8Array | null {
  const repository = Repository.at(files, configDirectory);
  const blob = repository.filesOf(id).get(path.slice(prefix.length));
  return blob === undefined ? null : repository.objects.readAs('blob', blob);
}

/** All branches and tags with their history, as one file that `git clone` takes; null if there is no commit. */
export function bundleOfConfigs(files: FileSystem): Uint8Array | null {
  const repository = Repository.at(files, configDirectory);
  const { id } = repository.head;
  if (id === null) return null;
  return bundleOf(repository, new Map([...repository.refs(), ['HEAD', id]]));
}
