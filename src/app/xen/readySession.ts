import hello from '../../../guests/build/xen/hello.img?url';
import rogue from '../../../guests/build/xen/rogue.img?url';
import rtos from '../../../guests/build/xen/rtos.img?url';
import spin from '../../../guests/build/xen/spin.img?url';
import uart from '../../../guests/build/xen/uart.img?url';
import type { Dom0File } from '../../session/api/files.ts';
import type { Translate } from '../i18n/translate.ts';
import { fetchedGuests, type Guest, type Role } from '../machine/guests.ts';
import { fetchGuest, Unreadable } from '../machine/unreadable.ts';

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
const images = { 'hello.img': hello, 'rogue.img': rogue, 'rtos.img': rtos, 'spin.img': spin, 'uart.img': uart };

/** Fetches the guests, and Linux if it is wanted; throws `Unreadable`. */
export async function fetchGuests(translate: Translate, withLinux = false): Promise<Dom0File[]> {
  const linux = withLinux ? linuxFiles(await fetchedGuests()) : {};
  if (!linux) throw new Unreadable(translate('scenario.noImages'));
  return Promise.all(
    Object.entries({ ...images, ...linux }).map(async ([name, url]) => ({
      path: `/guests/${name}`,
      bytes: await fetchGuest(name, url, translate),
    })),
  );
}

/** Whether the page's server has a Linux for a domain. */
export const hasLinux = async (): Promise<boolean> => linuxFiles(await fetchedGuests()) !== null;

/** Linux and its RAM disk, by their names in /guests; null if the server does not have both. */
function linuxFiles(fetched: readonly Guest[]): Readonly<Record<string, string>> | null {
  const urlOf = (role: Role): string | undefined => {
    const found = fetched.find((guest) => guest.role === role);
    return found?.origin === 'fetched' ? found.url : undefined;
  };
  const [kernel, initrd] = [urlOf('kernel'), urlOf('initrd')];
  return kernel && initrd ? { 'linux.img': kernel, 'initrd.img': initrd } : null;
}
