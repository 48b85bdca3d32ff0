import { expect, test } from 'vitest';
import { type DraftBrowser, KeptDrafts } from './keptDrafts.ts';

/** A browser with its local storage, and the locks of pages that are open. */
class Browser implements DraftBrowser {
  readonly items = new Map<string, string>();
  readonly held = new Set<string>();
  isBlocked = false;

  readonly storage = () => {
    if (this.isBlocked) throw new DOMException('', 'SecurityError');
    const { items } = this;
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
      key: (index: number) => [...items.keys()][index] ?? null,
      get length() {
        return items.size;
      },
    };
  };

  // Only the two forms that the class uses.
  readonly locks = {
    request: async (name: string, ...rest: unknown[]) => {
      const callback = rest.at(-1) as () => unknown;
      if (rest.length === 1) {
        this.held.add(name);
        return;
      }
      if (this.held.has(name)) throw new DOMException('', 'AbortError');
      return callback();
    },
  } as unknown as DraftBrowser['locks'];

  page(name: string): KeptDrafts {
    return new KeptDrafts(this, name);
  }

  close(name: string): void {
    this.held.delete(`el2lab.draft ${name}`);
  }
}

const draft = (text: string) => ({ text, base: 'file' });
const texts = async (drafts: KeptDrafts) =>
  Object.fromEntries([...(await drafts.adopt())].map(([path, { text }]) => [path, text]));

test('a page takes over the texts of a page that is gone, and not those of one that is open', async () => {
  const browser = new Browser();
  browser.page('a').keep('/etc/xen/my file.cfg', draft('a'));
  browser.page('b').keep('/etc/b', draft('b'));
  browser.close('a');
  const next = browser.page('c');
  expect(await next.adopt()).toEqual(new Map([['/etc/xen/my file.cfg', expect.objectContaining(draft('a'))]]));
  browser.close('c');
  expect(await texts(browser.page('d'))).toEqual({ '/etc/xen/my file.cfg': 'a' });
});

test('of two texts of one file the newer comes first, and the older is not lost', async () => {
  const browser = new Browser();
  browser.items.set('el2lab.draft a /etc/x', JSON.stringify({ ...draft('old'), at: 1 }));
  browser.items.set('el2lab.draft b /etc/x', JSON.stringify({ ...draft('new'), at: 2 }));
  const next = browser.page('c');
  expect(await texts(next)).toEqual({ '/etc/x': 'new' });
  next.forget('/etc/x');
  browser.close('c');
  expect(await texts(browser.page('d'))).toEqual({ '/etc/x': 'old' });
});

test('without locks the texts of all other pages are taken', async () => {
  const browser = new Browser();
  browser.page('a').keep('/etc/a', draft('a'));
  expect(await texts(new KeptDrafts({ storage: browser.storage, locks: undefined }, 'b'))).toEqual({ '/etc/a': 'a' });
});

test('what is not a draft is left alone, and a browser that refuses keeps none', async () => {
  const browser = new Browser();
  browser.items.set('el2lab.settings', '{}');
  browser.items.set('el2lab.draft a /etc/x', 'no JSON');
  browser.items.set('el2lab.draft a /etc/y', '{"text":1}');
  const drafts = browser.page('b');
  expect(await texts(drafts)).toEqual({});
  browser.isBlocked = true;
  expect(drafts.keep('/etc/x', draft('x'))).toBe(false);
  expect(await texts(drafts)).toEqual({});
  drafts.forget('/etc/x');
});
