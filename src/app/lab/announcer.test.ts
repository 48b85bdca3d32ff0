import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DomainInfo } from '../../session/api/hypervisor.ts';
import { loadCatalogue, translator } from '../i18n/translate.ts';
import { changesOf } from './announceDomains.ts';
import { Announcer } from './announcer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what happens at once is one announcement, each sentence once, and a flood ends in its last sentences', () => {
  const announcer = new Announcer();
  const said: string[] = [];
  announcer.store.subscribe(({ text }) => said.push(text));
  announcer.say('a');
  announcer.say('b');
  announcer.say('a');
  vi.runAllTimers();
  for (let n = 0; n < 100; n++) announcer.say(`${n}`);
  vi.runAllTimers();
  announcer.say('again');
  vi.runAllTimers();
  announcer.say('again');
  vi.runAllTimers();
  expect(said).toEqual(['b. a', '96. 97. 98. 99', 'again', 'again']);
});

const domain = (id: number, name: string, letters = '-b----'): DomainInfo => ({
  id,
  name,
  colour: id,
  letters,
  states: [],
  shutdown: null,
  memoryKib: 0,
  vcpus: [],
  time: 0,
  pool: 0,
  scheduling: {},
  consoles: [],
  attached: false,
});

const dom0 = domain(0, 'Domain-0');

test.each([
  ['the first list of a machine', [], [dom0], []],
  ['creations', [dom0], [dom0, domain(1, 'a'), domain(2, 'b')], ['Created: a and b']],
  ['a crash', [dom0, domain(1, 'a')], [dom0, domain(1, 'a', '---sc-')], ['a has crashed']],
  ['a crash that was known', [dom0, domain(1, 'a', '----c-')], [dom0, domain(1, 'a', '----c-')], []],
  ['a shutdown', [dom0, domain(1, 'a')], [dom0, domain(1, 'a', '---s--')], ['a has shut down']],
  ['an end', [dom0, domain(1, 'a')], [dom0], ['Ended: a']],
  ['a reboot', [dom0, domain(1, 'a')], [dom0, domain(2, 'a')], ['Restarted: a']],
  ['another machine', [dom0, domain(1, 'a')], [], []],
  ['a change of who runs', [dom0, domain(1, 'a')], [dom0, domain(1, 'a', 'r-----')], []],
] as const)('%s', (_, before, now, expected) => {
  expect(changesOf(before, now, translator('en'), 'en')).toEqual(expected);
});

test('in Japanese', async () => {
  await loadCatalogue('ja');
  const created = changesOf([dom0], [dom0, domain(1, 'a'), domain(2, 'b')], translator('ja'), 'ja');
  expect(created).toEqual(['作成されたドメイン: a、b']);
});
