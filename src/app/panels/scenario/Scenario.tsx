import { ScenarioList } from '../../guide/ScenarioList.tsx';
import { type Try, tries } from '../../guide/tries.ts';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useXen, useXenLab } from '../../lab/lab.ts';
import { editorPanel } from '../../lab/layout/panelKind.ts';
import { typeInDom0 } from '../../lab/xenActions.ts';
import './scenario.css';

/** What the scenario that runs shows, and what to try in it. */
export default function Scenario() {
  const t = useTranslate();
  const g = useGuide();
  const { commands, dock } = useXenLab();
  const scenario = useXen((view) => view.scenario);
  if (!scenario)
    return (
      <div className="scenario">
        <p>{g('scenarios.choose')}</p>
        <ScenarioList />
      </div>
    );
  return (
    <div className="scenario">
      <h2>{t(`scenario.${scenario.name}`)}</h2>
      <p>{g(`about.${scenario.name}`)}</p>
      <p className="scenarios">
        {g('scenarios.configs')}
        {scenario.domains.map((domain) => (
          <button
            key={domain}
            type="button"
            className="command"
            onClick={() => dock.focus(editorPanel(`/etc/xen/${domain}.cfg`))}
          >
            /etc/xen/{domain}.cfg
          </button>
        ))}
      </p>
      <h2>{g('scenarios.try')}</h2>
      <ol>
        {tries[scenario.name].map((each) => (
          <Attempt key={each.name} attempt={each} />
        ))}
      </ol>
      <p>
        <button type="button" onClick={() => commands.perform('scenario.reset')}>
          {t('command.scenarioReset')}
        </button>{' '}
        <button type="button" onClick={() => commands.perform('scenario.leave')}>
          {t('command.scenarioLeave')}
        </button>
      </p>
      <h2>{g('scenarios.others')}</h2>
      <ScenarioList />
    </div>
  );
}

function Attempt({ attempt: { name, panel, command } }: { readonly attempt: Try }) {
  const t = useTranslate();
  const g = useGuide();
  const lab = useXenLab();
  return (
    <li>
      {g(`try.${name}`)}{' '}
      {command && (
        <button
          type="button"
          className="command"
          title={t('latency.types')}
          onClick={() => void typeInDom0(lab, command)}
        >
          {command}
        </button>
      )}
      {panel && (
        <button type="button" onClick={() => lab.dock.focus(panel)}>
          {g('tour.there')}
        </button>
      )}
      <br />
      <span className="muted">
        {g('scenarios.expect')} {g(`expect.${name}`)}
      </span>
    </li>
  );
}
