/** Counts what a fuzzer has reached: under each heading, how often each thing by its name. */
export class Coverage {
  readonly #headings = new Map<string, Map<string, number>>();

  add(heading: string, name: string): void {
    let counts = this.#headings.get(heading);
    if (!counts) {
      counts = new Map();
      this.#headings.set(heading, counts);
    }
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  /** How often one thing was reached, or all things of a heading. */
  count(heading: string, name?: string): number {
    const counts = this.#headings.get(heading);
    if (name !== undefined) return counts?.get(name) ?? 0;
    return [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }

  /** The things of a heading that were reached, in alphabetical order. */
  names(heading: string): string[] {
    return [...(this.#headings.get(heading)?.keys() ?? [])].sort();
  }

  /** For a person: a line for each heading, the most frequent things first. */
  report(): string {
    return [...this.#headings]
      .map(([heading, counts]) => {
        const sorted = [...counts].sort(([, a], [, b]) => b - a);
        const shown = sorted.slice(0, 40).map(([name, count]) => `${name} ${count}`);
        const rest = sorted.length > shown.length ? ` and ${sorted.length - shown.length} more` : '';
        return `${heading} (${sorted.length}): ${shown.join(', ')}${rest}`;
      })
      .join('\n');
  }
}
