import { expect, test } from 'vitest';
import { Keeping } from '../../storage/keeping.ts';
import type { TabChannel } from '../../storage/tabChannel.ts';
import type { UserGuest } from '../guests.ts';
import { type ForeignFile, type KeptFileRow, KeptFiles } from './keptFiles.ts';

/** Two tabs with one storage, and what each has heard of the other. */
function twoTabs() {
  const rows = new Map<string, KeptFileRow>();
  const channels: TabChannel[] = [];
  const tab = () => {
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of channels) if (other !== channel) other.onmessage?.(new MessageEvent('message', { data }));
      },
    };
    channels.push(channel);
    const heard: ForeignFile[] = [];
    const files = new KeptFiles(
      new Keeping(),
      (file) => heard.push(file),
      {
        all: async () => [...rows.values()],
        get: async (name) => rows.get(name),
        update: async (name, change) => {
          const changed = change(rows.get(name));
          if (changed) rows.set(name, changed);
        },
        remove: async (name) => void rows.delete(name),
      },
      channel,
    );
    return { files, heard };
  };
  return { rows, a: tab(), b: tab() };
}

const guest = (text: string): UserGuest => ({ origin: 'user', role: 'kernel', name: 'k.elf', file: new Blob([text]) });
const textIn = (rows: Map<string, KeptFileRow>) => rows.get('k.elf')?.file.text();
const settle = () => new Promise((resolve) => setTimeout(resolve));

test('a tab hears of another’s file, and does not overwrite it before the user has seen it', async () => {
  const { rows, a, b } = twoTabs();
  await a.files.keep(guest('one'));
  await settle();
  expect(await b.heard[0]?.theirs?.file.text()).toBe('one');
  await b.files.keep(guest('two'));
  expect(await textIn(rows)).toBe('one');
  expect(b.heard).toHaveLength(2);
  b.heard[1]?.accept();
  await b.files.keep(guest('two'));
  expect(await textIn(rows)).toBe('two');
  await settle();
  expect(await a.heard[0]?.theirs?.file.text()).toBe('two');
});

test('a tab hears that another has removed a file, and can keep it again', async () => {
  const { rows, a, b } = twoTabs();
  await a.files.keep(guest('one'));
  await b.files.all();
  await b.files.remove('k.elf');
  await settle();
  expect(a.heard).toMatchObject([{ name: 'k.elf', theirs: null }]);
  a.heard[0]?.accept();
  await a.files.keep(guest('one'));
  expect(await textIn(rows)).toBe('one');
});
