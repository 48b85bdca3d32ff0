import type { Command } from '../../commands/registry.ts';
import type { XenLab } from '../../lab/lab.ts';
import { consolePanel } from '../../lab/layout/panelKind.ts';
import { isUp } from '../../lab/xenActions.ts';
import { Deferred } from '../../widgets/deferred.ts';
import { type Scenario, type ScenarioName, scenarioNames, scenarioOf } from '../../xen/scenarios/scenarios.ts';
import type { SinglePanel } from '../panel.ts';

export const scenario: SinglePanel = {
  id: 'scenario',
  title: 'panel.scenario',
  help: 'help.scenario',
  places: { xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Scenario.tsx')),
  xenCommands,
};

function xenCommands(lab: XenLab): readonly Command[] {
  const { machine } = lab;
  const current = () => machine.view.scenario;
  const lacks = (name: ScenarioName) => Boolean(scenarioOf(name).needsLinux) && machine.view.lacksLinux;
  return [
    ...scenarioNames.map(
      (name): Command => ({
        id: `scenario.${name}`,
        label: (t) => (lacks(name) ? t('scenario.lacks', { scenario: t(`scenario.${name}`) }) : t(`scenario.${name}`)),
        menu: 'scenarios',
        predicate: () => isUp(lab) && !lacks(name),
        perform: () => void begin(lab, scenarioOf(name)),
      }),
    ),
    {
      id: 'scenario.reset',
      label: (t) => t('command.scenarioReset'),
      menu: 'scenarios',
      predicate: () => current() !== null,
      perform: () => void begin(lab, current()),
    },
    {
      id: 'scenario.leave',
      label: (t) => t('command.scenarioLeave'),
      menu: 'scenarios',
      predicate: () => current() !== null,
      perform: () => void machine.startScenario(null),
    },
  ];
}

/** Starts a scenario and shows what it is about, with the consoles of its domains. */
async function begin({ machine, dock }: XenLab, scenario: Scenario | null): Promise<void> {
  await machine.startScenario(scenario);
  if (machine.view.scenario !== scenario || !scenario) return;
  for (const domain of scenario.domains) dock.openBehind(consolePanel(domain));
  dock.open('scenario');
}
