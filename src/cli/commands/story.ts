/** The `story` command: a system of domains, and what is measured on it. */
import { maxCpus, maxMemoryMiB } from '../../session/api/boot.ts';
import { noUserFiles } from '../../session/api/files.ts';
import type { Session } from '../../session/session.ts';
import {
  type Experiment,
  type ExperimentStatus,
  formatValue,
  holds,
  isWithin,
  type MeasuredPlot,
} from '../../session/stories/experiment.ts';
import { experiments } from '../../session/stories/experiments.ts';
import { filesOf } from '../../session/stories/files.ts';
import { type Story, storyNames, storyOf } from '../../session/stories/stories.ts';
import { ExitCode, UsageError } from '../exit-code.ts';
import { builtInGuests, linuxForStories } from '../files/dom0-files.ts';
import { parseStoryOptions, type StoryOptions, storyHelp } from '../options/story-options.ts';
import { message } from '../run/messages.ts';
import { type Guest, type Outcome, resetEnd, run } from '../run/runner.ts';
import { command } from './command.ts';

export const storyCommand = command({
  name: 'story',
  summary: 'run a story: a system of domains with figures that are measured on it',
  help: storyHelp,
  parse: parseStoryOptions,
  async run(options) {
    const { name } = options;
    if (name === null) {
      process.stdout.write(storyNames.map((each) => `${each.padEnd(12)} ${summaryOf(storyOf(each))}\n`).join(''));
      return ExitCode.done;
    }
    const experiment = experiments[name];
    if (!experiment) throw new UsageError(`Nothing is measured in the story '${name}': it is one to try in the page.`);
    return run(options, (session) => start(session, storyOf(name), experiment, options));
  },
});

const summaryOf = ({ name, domains, needsLinux }: Story): string =>
  [
    domains.join(', '),
    experiments[name] ? `${experiments[name].figures.length} figures` : 'in the page',
    ...(needsLinux ? ['needs the Linux of npm run images'] : []),
  ].join('; ');

/** Throws UsageError. */
function start(session: Session, story: Story, experiment: Experiment, { seed, onReset }: StoryOptions): Guest {
  const started = session.startXen({
    machine: { cpus: story.cpus ?? maxCpus, memoryMiB: maxMemoryMiB, el: 2, onReset },
    commandLine: story.xenWords ?? '',
    costs: true,
    seed,
    guests: [...builtInGuests(), ...(story.needsLinux ? linuxForStories() : []), ...filesOf(story)],
    user: noUserFiles,
    startsDomains: true,
    script: null,
    interactive: true,
  });
  if (!started.ok) throw new UsageError(started.error);
  session.experiment(experiment, seed);
  return new StoryGuest(session, experiment);
}

class StoryGuest implements Guest {
  readonly terminal = null;
  readonly keyboard = 'dom0';
  readonly #session: Session;
  readonly #experiment: Experiment;
  readonly #measured = new Set<string>();
  #typed = '';

  constructor(session: Session, experiment: Experiment) {
    this.#session = session;
    this.#experiment = experiment;
  }

  /** Shows what is typed into Domain-0 and at the domains' consoles, and each figure once it is measured. */
  printed(): null {
    const { typed, figures } = this.#session.statusOf(this.#experiment) ?? { typed: '', figures: [] };
    for (const { id, label, value, unit } of figures) {
      if (value === null || this.#measured.has(id)) continue;
      this.#measured.add(id);
      message(`  ${label}: ${formatValue(value)} ${unit}`.trimEnd());
    }
    if (typed !== this.#typed) message(typed);
    this.#typed = typed;
    return null;
  }

  ended(): Outcome | null {
    const status = this.#session.statusOf(this.#experiment);
    if (!status) return null;
    if (status.state === 'running' && this.#session.state !== 'ended') return null;
    process.stdout.write([tableOf(status), ...status.plots.map(tableOfBars)].filter(Boolean).join('\n'));
    if (status.state === 'failed') return { code: ExitCode.failed, message: status.error ?? '' };
    if (status.state === 'running')
      return resetEnd(this.#session) ?? { code: ExitCode.failed, message: 'The machine has been turned off.' };
    return holds(status)
      ? { code: ExitCode.done, message: 'All figures are within their bounds.' }
      : { code: ExitCode.failed, message: 'A figure is not within its bounds.' };
  }

  userQuit(): Outcome {
    return { code: ExitCode.done, message: 'You have ended the run.' };
  }

  close(): void {}

  figures(): Record<string, unknown> {
    const figures = this.#session.statusOf(this.#experiment)?.figures ?? [];
    return { figures: Object.fromEntries(figures.map(({ id, value }) => [id, value])) };
  }
}

/** The figures, one a line. */
function tableOf({ figures }: ExperimentStatus): string {
  const rows = figures.map((figure) => {
    const { label, value, unit, bounds, published } = figure;
    const [least, most] = bounds.map(formatValue);
    const verdict = value === null ? 'not measured' : isWithin(figure) ? 'ok' : 'OUT OF BOUNDS';
    return [
      label,
      value === null ? '-' : `${formatValue(value)} ${unit}`.trim(),
      `${least} to ${most} ${unit}`.trim(),
      verdict,
      published?.value ?? '',
    ];
  });
  return aligned([['Figure', 'Measured', 'Bounds', '', 'Published'], ...rows]);
}

/** What a plot compares by bars, a row for each of its colours. Lines have too many points for a table: empty. */
function tableOfBars({ label, unit, x, lines }: MeasuredPlot): string {
  if (typeof x === 'string' || lines.length === 0) return '';
  const rows = lines.map(({ name, points }) => [
    name,
    ...x.map((_, place) => {
      const point = points.find(([at]) => at === place);
      return point ? formatValue(point[1]) : '-';
    }),
  ]);
  return aligned([[unit === '' ? label : `${label}, ${unit}`, ...x], ...rows]);
}

/** Rows of a table as lines, with columns as wide as they need. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lineOf = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${lineOf(row).trimEnd()}\n`).join('');
}
