import agentUrl from '../../../guests/build/dom0/agent.elf?url';
import type { RealXen } from '../../session/api/boot.ts';
import type { Dom0File } from '../../session/api/files.ts';
import type { Translate } from '../i18n/translate.ts';
import { fetchedImages } from '../machine/guests.ts';
import { fetchGuest, Unreadable } from '../machine/unreadable.ts';
import { linuxFiles } from './linux.ts';

export { agentUrl };

/** Fetches the real Xen with what its Domain-0 is made of; throws `Unreadable`, also where the page's server has not all of it. */
export async function fetchRealXen(translate: Translate): Promise<RealXen> {
  const urls = await fetchedImages();
  const fetched = async (name: string) => {
    const url = urls.get(name);
    if (url === undefined) throw new Unreadable(translate('story.noImages'));
    return { name, bytes: await fetchGuest(name, url, translate) };
  };
  const [xen, symbols, kernel, deviceTree, ...ramdisks] = await Promise.all([
    fetched('xen'),
    // Images that were fetched before have none.
    urls.has('xen-syms') ? fetched('xen-syms') : undefined,
    fetched('Image'),
    fetched('zcu102.dtb'),
    ...['initrd.gz', 'modules.gz', 'dom0.gz'].map(fetched),
  ]);
  return { xen, symbols, kernel, deviceTree, ramdisks, agent: await fetchGuest('agent', agentUrl, translate) };
}

/** Linux for domains, which is in this Domain-0 from the start. */
export async function fetchLinux(translate: Translate): Promise<Dom0File[]> {
  const files = Object.entries((await linuxFiles()) ?? {});
  return Promise.all(files.map(async ([path, url]) => ({ path, bytes: await fetchGuest(path, url, translate) })));
}
