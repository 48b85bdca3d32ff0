import type { Dom0File } from '../../session/api/files.ts';
import type { Connection } from '../machine/connection.ts';
import { fetchedGuests, type Role } from '../machine/guests.ts';

const config = `# Debian's Linux, unmodified, as a domain with two vCPUs. Create it and stay on its console:
#   xl create -c /etc/xen/linux.cfg           (Ctrl-] leaves the console)
# Its kernel and RAM disk come into /guests soon after the start if the page's server has them: "npm run images" fetches
# them from Debian, and "npm start" serves them. From elsewhere, upload an arm64 Image and a RAM disk of your own.
name    = "linux"
kernel  = "/guests/linux.img"
ramdisk = "/guests/initrd.img"
memory  = 256
vcpus   = 2
extra   = "console=hvc0"
`;

/** A config for Linux as a domain; its comment says where its files come from. */
export const linuxConfig: Dom0File = { path: '/etc/xen/linux.cfg', bytes: new TextEncoder().encode(config) };

/** Linux in Domain-0. */
export const linuxKernel = '/guests/linux.img';

/** Where files are fetched from, by their names in /guests. */
export type LinuxFiles = Readonly<Record<string, string>>;

/** Linux and its RAM disk on the page's server; null if it does not have both. */
export async function linuxFiles(): Promise<LinuxFiles | null> {
  const fetched = await fetchedGuests();
  const urlOf = (role: Role): string | undefined => {
    const found = fetched.find((guest) => guest.role === role);
    return found?.origin === 'fetched' ? found.url : undefined;
  };
  const [kernel, initrd] = [urlOf('kernel'), urlOf('initrd')];
  return kernel && initrd ? { 'linux.img': kernel, 'initrd.img': initrd } : null;
}

/**
 * Puts Linux into Domain-0's /guests. Its files are large, so they come while Xen runs already, and from the browser's
 * cache after the first time. A file that is there stays.
 */
export async function placeLinux(connection: Connection, files: LinuxFiles): Promise<void> {
  const { epoch } = connection.view;
  try {
    const there = (await connection.look('listFiles', { path: '/guests' })) ?? [];
    for (const [name, url] of Object.entries(files)) {
      const path = `/guests/${name}`;
      if (there.some((file) => file.path === path)) continue;
      const response = await fetch(url, { priority: 'low' });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok || connection.view.epoch !== epoch) return;
      await connection.look('writeFile', { path, bytes, isOriginal: true });
    }
  } catch (error) {
    console.warn('Linux is not in /guests:', error);
  }
}
