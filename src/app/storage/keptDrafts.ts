import * as z from 'zod/mini';

const draftSchema = z.object({
  /** The user's text. */
  text: z.string(),
  /** The file's text from which it began. */
  base: z.string(),
});
export type Draft = z.infer<typeof draftSchema>;

const keptSchema = z.extend(draftSchema, { at: z.number() });

/** What is needed of the browser; the tests have their own. */
export interface DraftBrowser {
  /** Throws where the browser refuses. */
  readonly storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  /** Absent without a secure context. */
  readonly locks: Pick<LockManager, 'request'> | undefined;
}

const prefix = 'el2lab.draft';
/** So long a page that is just being reloaded may take to go, in ms. */
const goneMs = 2000;

const lockOf = (page: string): string => `${prefix} ${page}`;

/**
 * Texts that are not saved, kept in the browser's local storage: it is written before the page goes. Each page has its
 * own, as two tabs may edit the same file. A new page takes over those of pages that are gone.
 */
export class KeptDrafts {
  readonly #browser: DraftBrowser;
  readonly #page: string;

  constructor(
    browser: DraftBrowser = { storage: () => localStorage, locks: navigator.locks },
    page = `${Date.now()}-${Math.random().toString(36).slice(2)}`,
  ) {
    this.#browser = browser;
    this.#page = page;
    // Held until the page goes.
    browser.locks?.request(lockOf(page), () => new Promise(() => {})).catch(() => {});
  }

  /** Keeps a text; returns whether the browser has it. */
  keep(path: string, draft: Draft): boolean {
    try {
      this.#browser.storage().setItem(this.#key(path), JSON.stringify({ ...draft, at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  }

  forget(path: string): void {
    try {
      this.#browser.storage().removeItem(this.#key(path));
    } catch {
      // Where nothing can be removed, nothing was kept.
    }
  }

  /** Takes over the texts of pages that are gone, by path. Of two for the same file, the older waits for another time. */
  async adopt(): Promise<ReadonlyMap<string, Draft>> {
    const taken = new Map<string, z.infer<typeof keptSchema> & { readonly key: string }>();
    const pages = new Set(this.#keys().map(([page]) => page));
    await Promise.all(
      [...pages].map((page) =>
        this.#ifGone(page, () => {
          for (const [other, path] of this.#keys()) {
            if (other !== page) continue;
            const key = `${lockOf(page)} ${path}`;
            const kept = this.#read(key);
            if (kept && kept.at >= (taken.get(path)?.at ?? 0)) taken.set(path, { ...kept, key });
          }
        }),
      ),
    );
    for (const [path, { key, ...draft }] of taken) if (this.keep(path, draft)) this.#browser.storage().removeItem(key);
    return taken;
  }

  /** Of all kept texts: page and path. */
  #keys(): [page: string, path: string][] {
    try {
      const storage = this.#browser.storage();
      return Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? '').flatMap((key) => {
        const [, page, path] = key.match(/^el2lab\.draft (\S+) (.*)$/s) ?? [];
        return page && path && page !== this.#page ? [[page, path]] : [];
      });
    } catch {
      return [];
    }
  }

  #read(key: string): z.infer<typeof keptSchema> | null {
    try {
      return keptSchema.parse(JSON.parse(this.#browser.storage().getItem(key) ?? ''));
    } catch {
      return null;
    }
  }

  async #ifGone(page: string, take: () => void): Promise<void> {
    const { locks } = this.#browser;
    // Without locks nothing tells whether the page is still open. Its text is taken, as it may be the only one.
    if (!locks) return take();
    try {
      await locks.request(lockOf(page), { signal: AbortSignal.timeout(goneMs) }, take);
    } catch {
      // The page is open, and has its texts itself.
    }
  }

  #key(path: string): string {
    return `${lockOf(this.#page)} ${path}`;
  }
}
