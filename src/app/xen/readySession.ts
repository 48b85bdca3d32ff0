import server from '../../../guests/build/linux/server.elf?url';
import disk from '../../../guests/build/xen/disk.img?url';
import dma from '../../../guests/build/xen/dma.img?url';
import exits from '../../../guests/build/xen/exits.img?url';
import hello from '../../../guests/build/xen/hello.img?url';
import monitor from '../../../guests/build/xen/monitor.img?url';
import net from '../../../guests/build/xen/net.img?url';
import rogue from '../../../guests/build/xen/rogue.img?url';
import rtos from '../../../guests/build/xen/rtos.img?url';
import spin from '../../../guests/build/xen/spin.img?url';
import uart from '../../../guests/build/xen/uart.img?url';
import worker from '../../../guests/build/xen/worker.img?url';
import type { Dom0File } from '../../session/api/files.ts';
import { linuxConfigs } from '../../session/xen/linux-guests.ts';
import { serverRamdisk } from '../../session/xen/linux-server.ts';
import type { Translate } from '../i18n/translate.ts';
import { fetchGuest, Unreadable } from '../machine/unreadable.ts';
import { linuxFiles } from './linux.ts';

/** The seed of all randomness in the session: the same inputs at the same virtual times give the same run. */
export const seed = 1;

/** Domain-0's /etc/rc.local creates the domains of the ready session. */
export const readySession = {
  seed,
  startsDomains: true,
  script: null,
  interactive: true,
} as const;

/** The guests in Domain-0's /guests. */
export const guestImages: Readonly<Record<string, string>> = {
  'disk.img': disk,
  'dma.img': dma,
  'exits.img': exits,
  'hello.img': hello,
  'monitor.img': monitor,
  'net.img': net,
  'rogue.img': rogue,
  'rtos.img': rtos,
  'spin.img': spin,
  'uart.img': uart,
  'worker.img': worker,
};

/** Fetches the guests, Linux's files if they are wanted at once for a story, and configs for it; throws `Unreadable`. */
export async function fetchGuests(translate: Translate, withLinux = false): Promise<Dom0File[]> {
  const linux = withLinux ? await linuxFiles() : {};
  if (!linux) throw new Unreadable(translate('story.noImages'));
  const guests = Object.entries(guestImages).map(([name, url]) => [`/guests/${name}`, url] as const);
  const fetched = await Promise.all(
    [...guests, ...Object.entries(linux)].map(async ([path, url]) => ({
      path,
      bytes: await fetchGuest(path.slice(path.lastIndexOf('/') + 1), url, translate),
    })),
  );
  const serving = withLinux ? serverRamdisk(fetched, await fetchGuest('server', server, translate)) : [];
  return [...linuxConfigs, ...fetched, ...serving];
}
