import { useState } from 'react';
import { resetLoop } from '../../session/api/status.ts';
import { useTranslate } from '../i18n/useTranslate.ts';
import { useLab, useMachine } from '../lab/lab.ts';
import { resetText } from './resetText.ts';

/** Above the panels: the crash of the worker, the refusal of a request, or that the machine was reset. */
export function Banner() {
  const t = useTranslate();
  const { commands, machine } = useLab();
  const crash = useMachine((view) => view.crash);
  const refusal = useMachine((view) => view.refusal);
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
  if (refusal === null) return <ResetNotice />;
  return (
    <section className="banner" role="alert">
      <p>{refusal}</p>
      <button type="button" onClick={() => machine.refuse(null)}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}

/** Says of each reset what it was and that the machine has started again, until the user dismisses it. */
function ResetNotice() {
  const t = useTranslate();
  const epoch = useMachine((view) => view.epoch);
  const resets = useMachine((view) => view.status?.resets);
  const loops = useMachine((view) => view.status?.end === 'reset-loop');
  const [dismissed, setDismissed] = useState({ epoch: -1, count: 0 });
  if (!resets?.last || (dismissed.epoch === epoch && dismissed.count === resets.count)) return null;
  const { count, last } = resets;
  return (
    <section className="banner notice" role="status">
      <p>{loops ? t('resets.loop', resetLoop) : `${resetText(t, last)} ${t('resets.count', { count })}`}</p>
      <button type="button" onClick={() => setDismissed({ epoch, count })}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}
