import { useTranslate } from '../i18n/useTranslate.ts';
import { useXen, useXenLab } from '../lab/lab.ts';
import { scenarioNames } from '../xen/scenarios/scenarios.ts';
import './scenarioList.css';

/** A button for each scenario; the one that runs is marked. */
export function ScenarioList() {
  const t = useTranslate();
  const { commands } = useXenLab();
  const current = useXen(({ scenario }) => scenario?.name);
  const lacksLinux = useXen((view) => view.lacksLinux);
  return (
    <>
      <p className="scenarios">
        {scenarioNames.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === current}
            aria-disabled={name === 'linux' && lacksLinux}
            onClick={() => commands.perform(`scenario.${name}`)}
          >
            {t(`scenario.${name}`)}
          </button>
        ))}
      </p>
      {lacksLinux && <p className="muted">{t('scenario.noImages')}</p>}
    </>
  );
}
