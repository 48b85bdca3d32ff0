/** What differs between two sets of files, and how git prints that. */
import { countChanges, hunks } from './diff.ts';

const decoder = new TextDecoder();
const none = '0000000';

/** A file that differs: its contents on both sides, null where it is not there. */
export interface FileChange {
  readonly path: string;
  readonly before: { readonly id: string; readonly bytes: Uint8Array } | null;
  readonly after: { readonly id: string; readonly bytes: Uint8Array } | null;
}

export type Files = ReadonlyMap<string, string>;

/** The paths of which two sets of files have different blobs, in order. */
export function changedPaths(before: Files, after: Files): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

export const letterOf = (isBefore: boolean, isAfter: boolean): 'A' | 'D' | 'M' =>
  !isBefore ? 'A' : isAfter ? 'M' : 'D';

/** As Git sees it: a zero byte in the beginning. */
const isBinary = (bytes: Uint8Array): boolean => bytes.subarray(0, 8000).includes(0);

const textOf = (side: FileChange['before']): string => (side ? decoder.decode(side.bytes) : '');
const isBinaryChange = ({ before, after }: FileChange): boolean =>
  [before, after].some((side) => side !== null && isBinary(side.bytes));

export function patch(change: FileChange): string {
  const { path, before, after } = change;
  const mode = before ? (after ? null : 'deleted file mode 100644') : 'new file mode 100644';
  const ids = `${before?.id.slice(0, 7) ?? none}..${after?.id.slice(0, 7) ?? none}`;
  const [from, to] = [before ? `a/${path}` : '/dev/null', after ? `b/${path}` : '/dev/null'];
  let text = `diff --git a/${path} b/${path}\n${mode === null ? '' : `${mode}\n`}index ${ids}${mode === null ? ' 100644' : ''}\n`;
  if (isBinaryChange(change)) return `${text}Binary files ${from} and ${to} differ\n`;
  const body = hunks(textOf(before), textOf(after));
  if (body !== '') text += `--- ${from}\n+++ ${to}\n${body}`;
  return text;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

export function summary(changes: readonly FileChange[]): string {
  let added = 0;
  let removed = 0;
  for (const change of changes.filter((each) => !isBinaryChange(each))) {
    const counts = countChanges(textOf(change.before), textOf(change.after));
    added += counts.added;
    removed += counts.removed;
  }
  const parts = [` ${plural(changes.length, 'file')} changed`];
  if (added > 0 || removed === 0) parts.push(`${plural(added, 'insertion')}(+)`);
  if (removed > 0 || added === 0) parts.push(`${plural(removed, 'deletion')}(-)`);
  return changes.length === 0 ? '' : `${parts.join(', ')}\n`;
}

/** `create mode 100644 a` and the like, as after a commit. */
export const modeLines = (changes: readonly FileChange[]): string =>
  changes
    .flatMap(({ path, before, after }) =>
      before && after ? [] : [` ${before ? 'delete' : 'create'} mode 100644 ${path}\n`],
    )
    .join('');

/** `--stat`, for 80 columns. */
export function statText(changes: readonly FileChange[]): string {
  const rows = changes.map((change) => {
    const counts = countChanges(textOf(change.before), textOf(change.after));
    return { ...change, ...counts, isBinary: isBinaryChange(change), total: counts.added + counts.removed };
  });
  const most = Math.max(0, ...rows.map(({ total }) => total));
  const width = Math.max(0, ...rows.map(({ path }) => path.length));
  const digits = Math.max(String(most).length, rows.some((row) => row.isBinary) ? 3 : 0);
  const room = Math.max(10, 80 - width - digits - 6);
  const scale = (count: number): number =>
    most <= room || count === 0 ? count : 1 + Math.floor((count * (room - 1)) / most);
  const lines = rows.map(({ path, added, removed, total, isBinary: binary, before, after }) => {
    const name = ` ${path.padEnd(width)} | `;
    if (binary)
      return `${name}${'Bin'.padStart(digits)} ${before?.bytes.length ?? 0} -> ${after?.bytes.length ?? 0} bytes\n`;
    const graph = '+'.repeat(scale(added)) + '-'.repeat(scale(removed));
    return `${name}${String(total).padStart(digits)}${graph === '' ? '' : ` ${graph}`}\n`;
  });
  return lines.join('') + summary(changes);
}
