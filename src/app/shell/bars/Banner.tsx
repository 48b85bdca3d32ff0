import { useState } from 'react';
import { resetLoop } from '../../../session/api/status.ts';
import { useRefusals } from '../../i18n/machine/useRefusals.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useMachine } from '../../lab/lab.ts';
import { formatSeconds } from '../../machine/text/format.ts';
import { resetText } from '../announce/resetText.ts';

/** Above the panels: the crash of the worker, the refusal of a request, or that the machine was reset. */
export function Banner() {
  const t = useTranslate();
  const { commands, machine } = useLab();
  const crash = useMachine((view) => view.crash);
  const refusal = useMachine((view) => view.refusal);
  const [dismissed, dismiss] = useState<Dismissed>({ epoch: -1, count: 0 });
  if (crash) {
    return (
      <section className="banner fault" role="alert">
        <p>
          <strong>{t('crash.title', { message: crash.message })}</strong> {t('crash.kept')}
        </p>
        <button type="button" onClick={() => commands.perform('machine.restart')}>
          {t('crash.restart')}
        </button>
        <details>
          <summary>{t('crash.stack')}</summary>
          <pre>{crash.stack}</pre>
        </details>
      </section>
    );
  }
  if (refusal === null)
    return (
      <>
        <PastNotice />
        <ResetNotice dismissed={dismissed} dismiss={dismiss} />
      </>
    );
  return (
    <section className="banner" role="alert">
      <Refusal text={refusal} />
      <button type="button" onClick={() => machine.refuse(null)}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}

/** A refusal in the page's language. */
function Refusal({ text }: { readonly text: string }) {
  return <p>{useRefusals().refusal(text)}</p>;
}

/** Says that the machine is in its past, and what can be done there. */
function PastNotice() {
  const t = useTranslate();
  const { commands } = useLab();
  const isPast = useMachine((view) => view.status?.time?.isPast ?? false);
  const isSeeking = useMachine((view) => view.status?.time?.isSeeking ?? false);
  const foundNothing = useMachine((view) => view.status?.time?.foundNothing ?? false);
  const at = useMachine((view) => formatSeconds(view.status?.virtualNs ?? 0));
  const present = useMachine((view) => formatSeconds(view.status?.time?.presentNs ?? 0));
  if (!isPast && !foundNothing) return null;
  return (
    <section className="banner notice past">
      <p role="status">
        {isPast && <strong>{isSeeking ? t('time.seeking') : t('time.past', { at, present })}</strong>}{' '}
        {foundNothing && t('time.nothing')}
      </p>
      {isPast &&
        ['time.present', 'time.fork'].map((id) => (
          <button key={id} type="button" onClick={() => commands.perform(id)}>
            {commands.get(id).label(t)}
          </button>
        ))}
    </section>
  );
}

interface Dismissed {
  readonly epoch: number;
  readonly count: number;
}

interface ResetNoticeProps {
  readonly dismissed: Dismissed;
  readonly dismiss: (resets: Dismissed) => void;
}

/** Says of each reset what it was and that the machine has started again, until the user dismisses it. */
function ResetNotice({ dismissed, dismiss }: ResetNoticeProps) {
  const t = useTranslate();
  const epoch = useMachine((view) => view.epoch);
  const count = useMachine((view) => view.status?.resets.count ?? 0);
  const cause = useMachine((view) => view.status?.resets.last?.cause);
  const virtualNs = useMachine((view) => view.status?.resets.last?.virtualNs ?? 0);
  const loops = useMachine((view) => view.status?.end === 'reset-loop');
  if (!cause || (dismissed.epoch === epoch && dismissed.count === count)) return null;
  const happened = `${resetText(t, { cause, virtualNs })} ${t('resets.count', { count })}`;
  return (
    <section className="banner notice">
      <p>{loops ? t('resets.loop', resetLoop) : happened}</p>
      <button type="button" onClick={() => dismiss({ epoch, count })}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}
