import { err, ok, type Result } from '../../../base/result.ts';
import type { FileEntry } from '../../../session/api/files.ts';
import type { ZipFault } from '../../storage/zip/readZip.ts';

/** Folders of Domain-0 that a zip may name. */
const folders = ['etc', 'guests', 'root'];
/** What Apple's and other file managers add. */
const isLitter = (name: string): boolean => /^__MACOSX\/|(^|\/)(\.DS_Store|Thumbs\.db)$/.test(name);

const longest = { name: 255, path: 1000 } as const;

/** Whether each part of a name can be a file's or a folder's in Domain-0 and is read as it is written. */
const isGood = (name: string): boolean =>
  name.length <= longest.path &&
  name
    .split('/')
    .every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        part.length <= longest.name &&
        !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/u.test(part),
    );

/**
 * Where files of a zip go in Domain-0, by their names in it. Names in etc, guests and root are paths there; a folder
 * around all of them does not count. A file in no folder goes where a dropped one goes.
 * @param present what Domain-0 has
 */
export function placesOf(
  names: readonly string[],
  present: readonly Pick<FileEntry, 'path' | 'isDirectory'>[],
): Result<ReadonlyMap<string, string>, ZipFault> {
  const wanted = names.filter((name) => !isLitter(name));
  const bad = wanted.find((name) => !isGood(name));
  if (bad !== undefined) return err({ kind: 'name', name: bad });
  const around = folderAround(wanted);
  const places = new Map<string, string>();
  const taken = new Set<string>();
  const directories = new Set(present.filter(({ isDirectory }) => isDirectory).map(({ path }) => path));
  const files = new Set(present.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path));
  for (const name of wanted) {
    const path = placeOf(name.slice(around.length));
    if (path === null) return err({ kind: 'elsewhere', name });
    const above = parents(path);
    if (taken.has(path) || directories.has(path) || above.some((folder) => files.has(folder) || taken.has(folder)))
      return err({ kind: 'twice', name });
    for (const folder of above) directories.add(folder);
    taken.add(path);
    places.set(name, path);
  }
  return ok(places);
}

/** A folder in which all files are, with its `/`; empty if there is none, or if it is one of Domain-0's. */
function folderAround(names: readonly string[]): string {
  const [first = '', ...rest] = names.map((name) => name.slice(0, name.indexOf('/') + 1));
  return folders.includes(first.slice(0, -1)) || rest.some((other) => other !== first) ? '' : first;
}

function placeOf(name: string): string | null {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return name.endsWith('.cfg') ? `/etc/xen/${name}` : `/guests/${name}`;
  return folders.includes(first) ? `/${name}` : null;
}

/** The folders above a path. */
export function parents(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}
