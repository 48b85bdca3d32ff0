/** The least number of characters to insert, delete, change or swap with the next to turn one word into the other. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps = Math.min(steps, at(i - 2, j - 2) + 1);
      rows[i]?.push(steps);
    }
  }
  return at(a.length, b.length);
}

/** The words that a mistyped one may mean, the likeliest first. */
export function nearest(text: string, words: Iterable<string>): string[] {
  const limit = Math.min(3, Math.ceil(text.length / 3));
  return [...words]
    .filter((word) => Math.abs(word.length - text.length) <= limit)
    .map((word) => ({ word, steps: editDistance(text, word) }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps)
    .map(({ word }) => word);
}
