/** The `compare` command: the same domains on the model of Xen and on the real one. */
import { maxCpus, maxMemoryMiB } from '../../session/api/boot.ts';
import type { Dom0File } from '../../session/api/files.ts';
import { comparedDomain, comparison } from '../../session/comparison/comparison.ts';
import { type Difference, differenceOf, differences } from '../../session/comparison/differences.ts';
import { Session } from '../../session/session.ts';
import { type Experiment, type ExperimentStatus, formatValue } from '../../session/stories/experiment.ts';
import { firstFiles } from '../../session/xen/first-files.ts';
import { ExitCode, UsageError } from '../exit-code.ts';
import { builtInGuests, filesBelow, realXen } from '../files/dom0-files.ts';
import { type CompareOptions, compareHelp, parseCompareOptions } from '../options/compare-options.ts';
import { message } from '../run/messages.ts';
import { command } from './command.ts';

export const compareCommand = command({
  name: 'compare',
  summary: 'run the same domains on the model of Xen and on the real one',
  help: compareHelp,
  parse: parseCompareOptions,
  async run(options) {
    const user = options.files === null ? [] : filesBelow(options.files);
    const domains = options.configs.map((name) => domainOf(name, [...firstFiles, ...user]));
    const experiment = comparison(domains, options.seconds);
    const first = measured(start(options, user, experiment, false));
    const second = measured(start(options, user, experiment, true));
    if (!first || !second) return ExitCode.failed;
    const rows = differences(first, second);
    process.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : tableOf(rows));
    for (const { error } of [first, second]) if (error !== null) message(error);
    return first.state === 'done' && second.state === 'done' ? ExitCode.done : ExitCode.failed;
  },
});

/** Throws UsageError. */
function domainOf(name: string, files: readonly Dom0File[]): NonNullable<ReturnType<typeof comparedDomain>> {
  const path = `/etc/xen/${name}.cfg`;
  const file = files.findLast((each) => each.path === path);
  if (!file) throw new UsageError(`Domain-0 has no ${path}; --files gives it more.`);
  const domain = comparedDomain(path, new TextDecoder().decode(file.bytes));
  if (!domain) throw new UsageError(`xl would refuse ${path}: 'el2lab xen' with 'xl create -n ${path}' says why.`);
  return domain;
}

/** Starts the model or the real Xen. Throws UsageError. */
function start(
  { seed, xenArgs }: CompareOptions,
  files: readonly Dom0File[],
  experiment: Experiment,
  isReal: boolean,
): Session {
  message(isReal ? 'the real Xen boots' : 'the model boots');
  const session = new Session(() => performance.now());
  const started = session.startXen({
    machine: { cpus: maxCpus, memoryMiB: maxMemoryMiB, el: 2 },
    real: isReal ? realXen() : undefined,
    commandLine: xenArgs,
    costs: true,
    seed,
    guests: builtInGuests(),
    user: { files, removed: [] },
    startsDomains: false,
    script: null,
    interactive: true,
  });
  if (!started.ok) throw new UsageError(started.error);
  session.experiment(experiment, seed);
  return session;
}

function measured(session: Session): ExperimentStatus | null {
  session.setPace('unlimited');
  session.run();
  let typed = '';
  for (;;) {
    const status = session.measured;
    if (status?.state !== 'running') return status;
    if (status.typed !== typed) message(status.typed);
    typed = status.typed;
    if (session.advance(100) === null) return session.measured;
  }
}

function tableOf(rows: readonly Difference[]): string {
  const head = ['Domain', 'Quantity', 'Model', 'Binary', 'Difference'];
  const cells = rows.map((row) => {
    const value = (number: number | null) => (number === null ? '-' : `${formatValue(number)} ${row.unit}`);
    return [row.domain, row.quantity, value(row.model), value(row.binary), differenceOf(row) ?? '-'];
  });
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  return [head, ...cells]
    .map(
      (row) =>
        `${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}\n`,
    )
    .join('');
}
