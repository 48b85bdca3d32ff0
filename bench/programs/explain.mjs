// What bounds each row: where the machine's thread was, and what the machine did, by the instruction.

/** @typedef {import('./runs.mjs').Run} Run */

/**
 * Prints a line of the table.
 * @param {readonly string[]} cells
 */
const line = ([name = '', ...cells]) => console.log(name.padEnd(24) + cells.map((cell) => cell.padStart(12)).join(''));

/**
 * @param {readonly string[]} names
 * @param {readonly Run[]} runs
 */
export function explain(names, runs) {
  const parts = Object.keys(runs[0]?.parts ?? {});
  console.log(
    "\nWhere the machine's thread was, in percent of the samples; the last column is other threads' processor time beside it.",
  );
  line(['', 'samples s', ...parts, 'others']);
  for (const [i, { parts: took, cpuMs, threadMs }] of runs.entries()) {
    const all = Object.values(took).reduce((sum, ms) => sum + ms, 0);
    const share = (/** @type {number} */ ms) => ((100 * ms) / all).toFixed(0);
    const others = ((100 * (cpuMs - threadMs)) / threadMs).toFixed(0);
    line([names[i] ?? '', (all / 1e3).toFixed(2), ...parts.map((part) => share(took[part] ?? 0)), others]);
  }
  console.log(
    '\nWhat the machine did: millions of instructions, those in a second of its thread, and for each million of them:',
  );
  line(['', 'million', 'MIPS', 'data misses', 'code misses', 'exceptions', 'interrupts', 'regions', 'modules']);
  for (const [i, { counts, threadMs }] of runs.entries()) {
    const { instructions, dataTlbMisses, codeTlbMisses, exceptions, interrupts, regions, modules } = counts;
    const each = [dataTlbMisses, codeTlbMisses, exceptions, interrupts, regions, modules];
    line([
      names[i] ?? '',
      (instructions / 1e6).toFixed(0),
      (instructions / 1e3 / threadMs).toFixed(0),
      ...each.map((count) => ((count * 1e6) / instructions).toFixed(count * 1e5 > instructions ? 0 : 2)),
    ]);
  }
}
