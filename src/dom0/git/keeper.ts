/**
 * Keeps revisions of /etc/xen: whenever a file there has been saved, by whatever program or by the page, a commit of the
 * repository in /etc/xen/.git has it. The repository is made at the first save; its first commit has the files as they
 * were when Dom0 started. In a repository that the user has made, the user commits.
 */
import type { Nanoseconds } from '../../xen/time/time.ts';
import { milliseconds, seconds } from '../../xen/time/time.ts';
import { dom0Costs } from '../os/costs.ts';
import type { FileSystem } from '../os/files.ts';
import { compute, quietly, Signal, sleep, type Task } from '../os/task.ts';
import { changedPaths, letterOf } from './changes.ts';
import { idOf } from './objects.ts';
import { Repository } from './repository.ts';

export const configDirectory = '/etc/xen';
/** In a repository's config: whether each save becomes a commit. */
const automatic = 'revisions.auto';
/** A program may write a file in several steps: a save is over when so long nothing has been written. */
const settled = milliseconds(100);
/** A larger file is no config: it is left to the user. */
const sizeMax = 2 ** 20;

const keeper = { name: 'Domain-0', email: 'root@domain-0', zone: '+0000' } as const;

export interface KeeperHost {
  readonly files: FileSystem;
  now(): Nanoseconds;
}

/** The process that keeps revisions. */
export class RevisionKeeper {
  private readonly host: KeeperHost;
  private readonly saved = new Signal('revisions');
  private hasChanged = false;
  /** The files as they were when it started. */
  private first: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(host: KeeperHost) {
    this.host = host;
  }

  *run(): Task<number> {
    const { files } = this.host;
    this.first = contents(Repository.at(files, configDirectory));
    files.watch(configDirectory, (path) => {
      if (path.startsWith(`${configDirectory}/.git`)) return;
      this.hasChanged = true;
      this.saved.raise();
    });
    return yield* this.keepAll();
  }

  private *keepAll(): Task<number> {
    for (;;) {
      yield* quietly(
        this.saved,
        () => this.hasChanged,
        () => this.keepAll(),
      );
      while (this.hasChanged) {
        this.hasChanged = false;
        yield* sleep(settled);
      }
      if (keep(this.host, this.first)) yield* compute(dom0Costs.smallProgram);
    }
  }
}

const contents = (repository: Repository): Map<string, Uint8Array> =>
  new Map([...repository.working].filter(([, { length }]) => length <= sizeMax));

/** Commits what has changed; returns whether there was anything. */
function keep(host: KeeperHost, first: ReadonlyMap<string, Uint8Array>): boolean {
  const { files } = host;
  const found = Repository.at(files, configDirectory);
  const working = contents(found);
  const who = { ...keeper, time: Math.floor(host.now() / seconds(1)) };
  if (!found.exists) {
    if (changedPaths(ids(first), ids(working)).length === 0) return false;
    Repository.init(files, configDirectory);
    found.set(automatic, 'true');
    stage(found, first);
    found.commit('The files as Domain-0 started with them\n', who);
  }
  if (found.setting(automatic) !== 'true') return false;
  const before = found.filesOf(found.head.id);
  const after = ids(working);
  const changed = changedPaths(before, after);
  if (changed.length === 0) return false;
  stage(found, working);
  found.commit(`${messageOf(changed, before, after)}\n`, who);
  return true;
}

const ids = (files: ReadonlyMap<string, Uint8Array>): Map<string, string> =>
  new Map([...files].map(([path, bytes]) => [path, idOf('blob', bytes)]));

const stage = (repository: Repository, files: ReadonlyMap<string, Uint8Array>): void =>
  repository.stage(new Map([...files].map(([path, bytes]) => [path, repository.objects.write('blob', bytes)])));

const verbs = { A: 'Add', D: 'Remove', M: 'Save' } as const;
/** So many names fit into a line. */
const namesMax = 3;

function messageOf(
  paths: readonly string[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string {
  const [first, ...others] = new Set(paths.map((path) => letterOf(before.has(path), after.has(path))));
  const verb = first && others.length === 0 ? verbs[first] : 'Change';
  return `${verb} ${paths.length > namesMax ? `${paths.length} files` : paths.join(', ')}`;
}
