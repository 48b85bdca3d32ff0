/** Differences between texts, as `git diff` prints them. */

/** A run of lines that differ: `count` lines from `at` on in each text; where one has none, lines were added or removed. */
interface Change {
  readonly before: number;
  readonly after: number;
  readonly removed: number;
  readonly added: number;
}

/** Beyond so many differences, the texts are taken to differ from the first to the last of them. */
const editsMax = 500;
const contextLines = 3;

/** Lines with their line feeds; the last may have none. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986): which lines of each text the other lacks. */
function changedLines(a: readonly string[], b: readonly string[]): { removed: boolean[]; added: boolean[] } {
  const removed = a.map(() => false);
  const added = b.map(() => false);
  let first = 0;
  while (first < a.length && first < b.length && a[first] === b[first]) first++;
  let endA = a.length;
  let endB = b.length;
  while (endA > first && endB > first && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const n = endA - first;
  const m = endB - first;
  // By the number of edits: how far each diagonal is reached.
  const reached: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  search: for (let edits = 0; edits <= n + m; edits++) {
    if (edits > editsMax) {
      removed.fill(true, first, endA);
      added.fill(true, first, endB);
      return { removed, added };
    }
    reached.push(new Map(furthest));
    const next = new Map(furthest);
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (next.get(k - 1) ?? -1) < (next.get(k + 1) ?? -1));
      let x = down ? (next.get(k + 1) ?? 0) : (next.get(k - 1) ?? 0) + 1;
      while (x < n && x - k < m && a[first + x] === b[first + x - k]) x++;
      next.set(k, x);
      if (x >= n && x - k >= m) break search;
    }
    furthest = next;
  }
  let x = n;
  let y = m;
  for (let edits = reached.length - 1; edits > 0; edits--) {
    const v = reached[edits] as Map<number, number>;
    const k = x - y;
    const down = k === -edits || (k !== edits && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const startX = v.get(from) ?? 0;
    const startY = startX - from;
    if (down) added[first + startY] = true;
    else removed[first + startX] = true;
    x = startX;
    y = startY;
  }
  slide(a, removed);
  slide(b, added);
  return { removed, added };
}

/** Where a run of changed lines could as well be further down, it is there, as Git has it. */
function slide(lines: readonly string[], changed: boolean[]): void {
  for (let start = changed.indexOf(true); start >= 0; ) {
    let end = start;
    while (changed[end]) end++;
    while (end < lines.length && lines[start] === lines[end]) {
      changed[start++] = false;
      changed[end++] = true;
      while (changed[end]) end++;
    }
    start = changed.indexOf(true, end);
  }
}

function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  const { removed, added } = changedLines(a, b);
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (!removed[i] && !added[j]) {
      i++;
      j++;
      continue;
    }
    const [before, after] = [i, j];
    while (removed[i]) i++;
    while (added[j]) j++;
    changes.push({ before, after, removed: i - before, added: j - after });
  }
  return changes;
}

/** How many lines differ, for `--stat`. */
export function countChanges(before: string, after: string): { readonly removed: number; readonly added: number } {
  const changes = changesOf(linesOf(before), linesOf(after));
  return {
    removed: changes.reduce((sum, { removed }) => sum + removed, 0),
    added: changes.reduce((sum, { added }) => sum + added, 0),
  };
}

/** The hunks of a unified diff; empty if the texts are the same. */
export function hunks(before: string, after: string): string {
  const a = linesOf(before);
  const b = linesOf(after);
  const groups: Change[][] = [];
  for (const change of changesOf(a, b)) {
    const last = groups.at(-1)?.at(-1);
    if (last && change.before - (last.before + last.removed) <= 2 * contextLines) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => hunk(a, b, group)).join('');
}

function hunk(a: readonly string[], b: readonly string[], changes: readonly Change[]): string {
  const first = changes[0] as Change;
  const last = changes.at(-1) as Change;
  const above = Math.min(contextLines, first.before);
  const start = first.before - above;
  const end = Math.min(a.length, last.before + last.removed + contextLines);
  const startAfter = first.after - above;
  const endAfter = last.after + last.added + (end - last.before - last.removed);
  const range = (from: number, count: number): string =>
    count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`;
  const heading = a.slice(0, start).findLast((line) => /^[A-Za-z_$]/.test(line));
  const title = heading === undefined ? '' : ` ${heading.slice(0, 80).trimEnd()}`;
  let text = `@@ -${range(start, end - start)} +${range(startAfter, endAfter - startAfter)} @@${title}\n`;
  const put = (sign: string, lines: readonly string[]): void => {
    for (const line of lines)
      text += line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
  };
  let at = start;
  for (const { before, after, removed, added } of changes) {
    put(' ', a.slice(at, before));
    put('-', a.slice(before, before + removed));
    put('+', b.slice(after, after + added));
    at = before + removed;
  }
  put(' ', a.slice(at, end));
  return text;
}
