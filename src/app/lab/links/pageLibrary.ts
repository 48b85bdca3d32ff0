import type { Dom0File } from '../../../session/api/files.ts';
import type { Library } from '../../../session/snapshot/link.ts';
import { filesOf } from '../../../session/stories/files.ts';
import { storyNames, storyOf } from '../../../session/stories/stories.ts';
import { linuxConfigs } from '../../../session/xen/linux-guests.ts';
import { builtInGuests, fetchedImages } from '../../machine/guests.ts';
import { inJapanese } from '../../xen/files/firstFilesJa.ts';
import { linuxFiles } from '../../xen/linux.ts';
import { guestImages } from '../../xen/readySession.ts';
import { agentUrl } from '../../xen/realXen.ts';

type Load = () => Promise<Uint8Array>;

const fetched =
  (url: string): Load =>
  async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  };

/**
 * What every page has: the built-in guests, what `npm run images` has fetched, and Domain-0's first files of the ready session
 * and of the stories, in both languages.
 */
export class PageLibrary implements Library {
  readonly #ready: Promise<void>;
  readonly #files = new Map<string, Load>();
  readonly #loaded = new Map<string, Promise<Uint8Array | null>>();
  /** Names by what journals call them. */
  readonly #names = new Map<string, string[]>();

  constructor() {
    for (const guest of builtInGuests)
      if (guest.origin !== 'user') this.#add(guest.name, `guests/${guest.name}`, fetched(guest.url));
    for (const [name, url] of Object.entries(guestImages))
      this.#add(`/guests/${name}`, `guests/xen/${name}`, fetched(url));
    this.#add('agent', 'guests/dom0/agent.elf', fetched(agentUrl));
    this.#addTexts();
    this.#ready = this.#addImages();
  }

  async namesFor(called: string): Promise<readonly string[]> {
    await this.#ready;
    return this.#names.get(called) ?? [];
  }

  async load(name: string): Promise<Uint8Array | null> {
    await this.#ready;
    const load = this.#files.get(name);
    const loaded = this.#loaded.get(name) ?? load?.().catch(() => null) ?? Promise.resolve(null);
    this.#loaded.set(name, loaded);
    return loaded;
  }

  #add(called: string, name: string, load: Load): void {
    this.#files.set(name, load);
    this.#names.set(called, [...(this.#names.get(called) ?? []), name]);
  }

  #addTexts(): void {
    const sets: readonly (readonly [string, readonly Dom0File[]])[] = [
      ['first', linuxConfigs],
      ...storyNames.map((name) => [`story/${name}`, filesOf(storyOf(name))] as const),
    ];
    for (const [set, files] of sets) {
      for (const { path, bytes } of files) this.#add(path, `${set}/en${path}`, async () => bytes);
      for (const { path, bytes } of inJapanese(files)) this.#add(path, `${set}/ja${path}`, async () => bytes);
    }
  }

  async #addImages(): Promise<void> {
    // A plain host has none.
    const urls = await fetchedImages().catch(() => new Map<string, string>());
    for (const [name, url] of urls) this.#add(name, `images/${name}`, fetched(url));
    const [initrd, modules] = [urls.get('initrd.gz'), urls.get('modules.gz')];
    if (initrd && modules)
      this.#add('initrd.gz', 'images/initrd.gz+modules.gz', async () => {
        const parts = await Promise.all([initrd, modules].map((url) => fetched(url)()));
        return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
      });
    for (const [path, url] of Object.entries((await linuxFiles().catch(() => null)) ?? {}))
      this.#add(path, `domains${path}`, fetched(url));
  }
}
