import type { MachineEnd, Status } from '../../../session/api/status.ts';
import { Term } from '../../guide/Term.tsx';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useMachine } from '../../lab/lab.ts';
import { formatFigure, formatVirtualTime } from '../../machine/text/format.ts';
import { seed } from '../../xen/readySession.ts';
import { resetText } from '../announce/resetText.ts';
import { UpdateOffer } from '../update/UpdateOffer.tsx';

interface Shown {
  readonly sign: string;
  readonly text: PlainKey;
}

const crashed: Shown = { sign: '✕', text: 'state.crashed' };
const starting: Shown = { sign: '○', text: 'state.starting' };

/** The sign and the word for a state: its shape alone tells it too. */
function shownState(status: Status): Shown {
  switch (status.state) {
    case 'empty':
      return { sign: '○', text: 'state.empty' };
    case 'paused':
      if (status.time?.isPast) return { sign: '◀❚', text: 'state.past' };
      return { sign: '❚❚', text: 'state.paused' };
    case 'running':
      return { sign: '▶', text: 'state.running' };
    case 'waiting':
      return { sign: '◔', text: 'state.waiting' };
    case 'ended':
      return { sign: '■', text: status.end === null ? 'state.poweredOff' : endTexts[status.end] };
  }
}

const endTexts: Readonly<Record<MachineEnd, PlainKey>> = {
  'power-off': 'state.poweredOff',
  reset: 'state.resetByGuest',
  'reset-loop': 'state.resetLoop',
};

/** The machine's state, time, speed and description, from the worker's status. */
export function StatusBar() {
  const t = useTranslate();
  const { commands } = useLab();
  const status = useMachine((view) => view.status);
  const hasCrashed = useMachine((view) => view.crash !== null);
  const { sign, text } = hasCrashed ? crashed : status ? shownState(status) : starting;
  return (
    <footer className="status">
      <span className={hasCrashed ? 'state fault' : 'state'} data-state={hasCrashed ? 'crashed' : status?.state}>
        <span className="sign" aria-hidden="true">
          {sign}
        </span>
        <span role="status">{t(text)}</span>
      </span>
      {status && status.state !== 'empty' && (
        <>
          <span className="figure" data-figure="virtual-time">
            <Term word="virtualTime">{formatVirtualTime(status.virtualNs)}</Term>
          </span>
          <span data-figure="speed">
            <Term word="realTime">{t('status.speed', { factor: formatFigure(status.speed) })}</Term>
          </span>
          <span data-figure="mips">
            <Term word="mips">{formatFigure(status.mips)} MIPS</Term>
          </span>
          {status.resets.last && (
            <span title={resetText(t, status.resets.last)} data-figure="resets">
              {t('resets.figure', { count: status.resets.count })}
            </span>
          )}
          <button
            type="button"
            className="pace"
            title={t('command.pace')}
            onClick={() => commands.perform('machine.pace')}
          >
            {t(status.pace === 'unlimited' ? 'status.unlimited' : 'status.realTime')}
          </button>
        </>
      )}
      <span className="space" />
      <UpdateOffer />
      {status && status.state !== 'empty' && (
        <span data-figure="machine">
          {status.hypervisor
            ? t('status.xen', {
                xen: t(status.kernel === 'Xen' ? 'status.model' : 'mode.real'),
                scheduler: status.hypervisor.scheduler,
                cores: status.machine.cpus,
                memory: status.machine.memoryMiB,
                free: Math.floor(status.hypervisor.freeKib / 1024),
                seed,
              })
            : t('status.board', { cores: status.machine.cpus, memory: status.machine.memoryMiB })}
        </span>
      )}
    </footer>
  );
}
