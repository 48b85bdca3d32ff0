import { expect, test } from 'vitest';
import type { Draft } from '../../storage/keptDrafts.ts';
import { Documents } from './documents.ts';

/** Documents with what the browser keeps of them. */
async function setUp(before: ReadonlyMap<string, Draft> = new Map()) {
  const kept = new Map<string, string>();
  const browser = { isFull: false };
  const documents = new Documents({
    keep: (path, { text }) => {
      if (!browser.isFull) kept.set(path, text);
      return !browser.isFull;
    },
    forget: (path) => void kept.delete(path),
    adopt: async () => before,
  });
  await documents.ready;
  return { documents, kept, browser, view: () => documents.store.getState() };
}

test('an unsaved text is kept, and forgotten when the file has it', async () => {
  const { documents, kept, view } = await setUp();
  documents.edit('/etc/a', 'mine', 'file');
  expect(view().unsaved).toEqual(['/etc/a']);
  expect(documents.flush()).toBe(true);
  expect(Object.fromEntries(kept)).toEqual({ '/etc/a': 'mine' });
  documents.edit('/etc/a', 'file', 'file');
  expect(view().unsaved).toEqual([]);
  expect(kept.size).toBe(0);
});

test('a page may not go while the browser has no room for a text', async () => {
  const { documents, kept, browser } = await setUp();
  browser.isFull = true;
  documents.edit('/etc/a', 'mine', 'file');
  expect(documents.flush()).toBe(false);
  browser.isFull = false;
  expect(documents.flush()).toBe(true);
  expect(kept.get('/etc/a')).toBe('mine');
});

test('the texts of the last visit are back, and say so until they are noted or saved', async () => {
  const { documents, view } = await setUp(new Map([['/etc/a', { text: 'mine', base: 'file' }]]));
  expect(view()).toEqual({ unsaved: ['/etc/a'], restored: ['/etc/a'] });
  expect(documents.draft('/etc/a')).toEqual({ text: 'mine', base: 'file' });
  documents.settle('/etc/a');
  expect(view()).toEqual({ unsaved: [], restored: [] });
});

test('the text goes with the file', async () => {
  const { documents, kept, view } = await setUp();
  documents.edit('/etc/a', 'mine', 'file');
  documents.move('/etc/a', '/etc/b');
  documents.flush();
  expect(view().unsaved).toEqual(['/etc/b']);
  expect(Object.fromEntries(kept)).toEqual({ '/etc/b': 'mine' });
});
