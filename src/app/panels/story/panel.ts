import { type Story, type StoryName, storyNames, storyOf } from '../../../session/stories/stories.ts';
import type { Command } from '../../commands/registry.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import type { XenLab } from '../../lab/lab.ts';
import { consolePanel, storyPanel } from '../../lab/layout/panelKind.ts';
import { isUp } from '../../lab/xenActions.ts';
import { Deferred } from '../../widgets/deferred.ts';
import type { ManyPanels } from '../panel.ts';

/** A layout of another version may name a story that is no more. */
const titleOf = (name: string): PlainKey => `story.${storyNames.find((each) => each === name) ?? 'isolation'}`;

export const story: ManyPanels = {
  id: 'story',
  titleOf: (name, t) => t(titleOf(name)),
  nameOf: (name, t) => t('story.name', { story: t(titleOf(name)) }),
  help: 'help.story',
  places: { xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Story.tsx')),
  xenCommands,
};

function xenCommands(lab: XenLab): readonly Command[] {
  const { machine, dock } = lab;
  return [
    ...storyNames.map(
      (name): Command => ({
        id: `story.${name}`,
        label: (t) => t(`story.${name}`),
        menu: 'stories',
        predicate: () => isUp(lab),
        perform: () => dock.open(storyPanel(name)),
      }),
    ),
    {
      id: 'story.leave',
      label: (t) => t('command.storyLeave'),
      menu: 'stories',
      predicate: () => machine.view.story !== null,
      endsSession: true,
      perform: () => void machine.startStory(null),
    },
  ];
}

/** Starts a story on a new machine, with the consoles of its domains, and measures its figures if that is wanted. */
export async function begin({ machine, dock }: XenLab, name: StoryName, measures: boolean): Promise<void> {
  const started: Story = storyOf(name);
  await machine.startStory(started, measures);
  if (machine.view.story !== started) return;
  for (const domain of started.domains) dock.openBehind(consolePanel(domain));
}
