import { expect, test } from 'vitest';
import { loadCatalogue, type PlainKey, type Translate, translator } from '../i18n/translate.ts';
import type { Command } from './registry.ts';
import { scoreOf, searchTerms } from './search.ts';

const command = (id: string, label: Command['label'], endsSession?: true): Command => ({
  id,
  label,
  perform: () => {},
  ...(endsSession && { endsSession }),
});

/** The way to a panel, and a story by its name. */
const wayTo = (id: string, title: PlainKey) =>
  command(`panel.${id}`, (t: Translate) => t('command.focus', { panel: t(title) }));
const commands = [
  command('story.linux', (t) => t('story.linux')),
  command('story.network', (t) => t('story.network')),
  command('story.leave', (t) => t('command.storyLeave'), true),
  command('machine.reset', (t) => t('command.reset'), true),
  command('layout.reset', (t) => t('command.resetLayout')),
  wayTo('network', 'panel.network'),
  wayTo('latency', 'panel.latency'),
  wayTo('cpu', 'panel.cpu'),
];

test.each([
  ['network', 'panel.network'],
  ['ネットワーク', 'panel.network'],
  ['reset', 'layout.reset'],
  ['linux', 'story.linux'],
  ['two linux', 'story.network'],
])('%s finds %s first', async (search, id) => {
  await loadCatalogue('ja');
  const translators = { en: translator('en'), ja: translator('ja') };
  const scores = commands.map((each) => scoreOf(each, search, searchTerms(each, translators)));
  expect(commands[scores.indexOf(Math.max(...scores))]?.id).toBe(id);
});
