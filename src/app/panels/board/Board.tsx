import type { CoreActivity } from '../../../session/api/status.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useBoard, useBoardLab, useSettings } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/text/format.ts';
import { GuestList } from './GuestList.tsx';
import { MachineFile } from './MachineFile.tsx';
import { NextBoot } from './NextBoot.tsx';
import './board.css';

/** What the machine can boot next, the machine, and the guest on it. What can be chosen comes first, above the fold. */
export default function Board() {
  const t = useTranslate();
  return (
    <div className="board">
      <h2>{t('board.guests')}</h2>
      <GuestList />
      <BootProgress />
      <h2>{t('board.nextBoot')}</h2>
      <NextBoot />
      <h2>{t('board.title')}</h2>
      <MachineFacts />
      <MachineFile />
      <h2>{t('board.guest')}</h2>
      <GuestFacts />
    </div>
  );
}

const coreStates: Readonly<Record<CoreActivity, PlainKey>> = {
  off: 'core.off',
  suspended: 'core.suspended',
  running: 'core.running',
  waiting: 'core.waiting',
};

function MachineFacts() {
  const t = useTranslate();
  const { dock } = useBoardLab();
  const machine = useBoard((view) => view.status?.machine);
  if (!machine) return null;
  return (
    <>
      <dl className="facts">
        <dt>{t('board.cores')}</dt>
        <dd>{t('board.coreCount', { count: machine.cpus })}</dd>
        <dt>{t('board.memory')}</dt>
        <dd>{machine.memoryMiB} MiB</dd>
        <dt>{t('board.console')}</dt>
        <dd>{t('board.uart')}</dd>
      </dl>
      <CoreList />
      <p className="links">
        {(['cpu', 'card', 'network'] as const).map((panel) => (
          <button key={panel} type="button" className="quiet" onClick={() => dock.focus(panel)}>
            {t(panel === 'cpu' ? 'board.history' : `panel.${panel}`)}
          </button>
        ))}
      </p>
    </>
  );
}

/** Each core's state and utilisation. */
function CoreList() {
  const t = useTranslate();
  // As one string, so that only a visible change is drawn.
  const shown = useBoard((view) =>
    view.status?.cores.map(({ state, utilisation }) => `${state} ${Math.round(utilisation * 100)}`).join(),
  );
  if (!shown) return null;
  return (
    <ul className="cores" aria-label={t('board.coreStates')}>
      {shown.split(',').map((core, index) => {
        const [state, percent] = core.split(' ') as [CoreActivity, string];
        const name = t('board.core', { core: index, state: t(coreStates[state]) });
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a core is its number
          <li key={index}>
            <span>{name}</span>
            <meter aria-label={t('board.utilisation', { core: index })} min={0} max={100} value={Number(percent)} />
            <span className="figure">{percent} %</span>
          </li>
        );
      })}
    </ul>
  );
}

/** The file that is being read for a boot; then the stages of a Linux boot with the kernel's own times. */
function BootProgress() {
  const t = useTranslate();
  const reading = useBoard((view) => view.reading);
  const milestones = useBoard((view) => view.milestones);
  if (reading !== null) return <p className="muted">{t('boot.reading', { name: reading })}</p>;
  if (milestones.length === 0) return null;
  return (
    <ol className="milestones" aria-label={t('boot.progress')}>
      {milestones.map(({ key, ns }) => (
        <li key={key} className={ns === null ? 'muted' : undefined}>
          <span className="sign" aria-hidden="true">
            {ns === null ? '○' : '●'}
          </span>
          <span>{t(key)}</span>
          <span className="figure">{ns === null ? t('boot.pending') : formatSeconds(ns)}</span>
        </li>
      ))}
    </ol>
  );
}

function GuestFacts() {
  const t = useTranslate();
  const language = useSettings((settings) => settings.language);
  const booted = useBoard((view) => view.booted);
  const el = useBoard((view) => view.status?.machine.el);
  if (!booted) return <p className="muted">{t('board.noGuest')}</p>;
  const { set, summary } = booted;
  return (
    <dl className="facts">
      <dt>{t('board.name')}</dt>
      <dd>{[set.kernel, set.initrd, set.deviceTree].flatMap((file) => file?.name ?? []).join(', ')}</dd>
      <dt>{t('board.format')}</dt>
      <dd>{summary.format === 'ELF' ? 'ELF64' : 'arm64 Image'}</dd>
      <dt>{t('board.entry')}</dt>
      <dd className="mono">0x{summary.entry.toString(16)}</dd>
      <dt>{t('board.loaded')}</dt>
      <dd>{t('board.bytes', { count: summary.loaded.toLocaleString(language) })}</dd>
      {el && (
        <>
          <dt>{t('board.el')}</dt>
          <dd>EL{el}</dd>
        </>
      )}
    </dl>
  );
}
