// The runs of the rows, out of what a console printed when.

/** @typedef {import('./run.ts').Printed} Printed */
/** @typedef {import('./run.ts').MachineCounts} MachineCounts */

/**
 * What a row took, in milliseconds: of wall time, of processor time of all threads and of the machine's thread alone, and by
 * Linux's own clock; what it printed, with its exit code; what the machine did meanwhile, and the milliseconds that each part
 * of it took.
 * @typedef {{ wallMs: number, cpuMs: number, threadMs: number, guestMs: number, text: string, counts: MachineCounts,
 *   parts: Record<string, number> }} Run
 */

/** @type {MachineCounts} */
const noCounts = {
  instructions: 0,
  exceptions: 0,
  interrupts: 0,
  dataTlbMisses: 0,
  codeTlbMisses: 0,
  regions: 0,
  modules: 0,
};

/**
 * @param {MachineCounts} from
 * @param {MachineCounts} to
 */
const difference = (from, to) => ({
  instructions: to.instructions - from.instructions,
  exceptions: to.exceptions - from.exceptions,
  interrupts: to.interrupts - from.interrupts,
  dataTlbMisses: to.dataTlbMisses - from.dataTlbMisses,
  codeTlbMisses: to.codeTlbMisses - from.codeTlbMisses,
  regions: to.regions - from.regions,
  modules: to.modules - from.modules,
});

/**
 * The rows' runs. The first is the boot, until the first program begins.
 * @param {readonly Printed[]} printed
 * @returns {Run[]}
 */
export function runsOf(printed) {
  /** @type {Run[]} */
  const runs = [];
  let begun = { wallMs: 0, cpuMs: 0, threadMs: 0, guestMs: 0, counts: noCounts };
  /** @type {Record<string, number>} */
  let parts = {};
  let text = '';
  let rest = '';
  for (const { text: part, wallMs, cpuMs, threadMs = Number.NaN, counts = noCounts, parts: more = {} } of printed) {
    for (const [name, ms] of Object.entries(more)) parts[name] = (parts[name] ?? 0) + ms;
    const lines = (rest + part.replaceAll('\r', '')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, what, seconds, exit] = /^=== (begin|end) \d+ ([\d.]+) ?(\d*)$/.exec(line) ?? [];
      if (what === undefined) {
        text += `${line}\n`;
        continue;
      }
      const now = { wallMs, cpuMs, threadMs, guestMs: Number(seconds) * 1e3, counts };
      if (what === 'end' || runs.length === 0) {
        runs.push({
          wallMs: now.wallMs - begun.wallMs,
          cpuMs: now.cpuMs - begun.cpuMs,
          threadMs: now.threadMs - begun.threadMs,
          guestMs: now.guestMs - begun.guestMs,
          counts: difference(begun.counts, counts),
          text: what === 'end' ? `${text}exit ${exit}` : '',
          parts,
        });
      }
      begun = now;
      text = '';
      parts = {};
    }
  }
  return runs;
}
