import { useControl, useLab, useTranslate } from '../lab.ts';

/** What went wrong, above the panels: a worker that crashed, or a request that was declined. */
export function Banner() {
  const t = useTranslate();
  const { commands, control } = useLab();
  const crash = useControl((view) => view.crash);
  const refusal = useControl((view) => view.refusal);
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
      <button type="button" onClick={() => control.refuse(null)}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}
