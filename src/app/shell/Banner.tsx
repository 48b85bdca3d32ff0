import { useTranslate } from '../i18n/useTranslate.ts';
import { useLab, useMachine } from '../lab/lab.ts';

/** Above the panels: the crash of the worker, or the refusal of a request. */
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
  if (refusal === null) return null;
  return (
    <section className="banner" role="alert">
      <p>{refusal}</p>
      <button type="button" onClick={() => machine.refuse(null)}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}
