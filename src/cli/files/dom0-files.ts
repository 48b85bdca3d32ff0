import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NamedFile, RealXen } from '../../session/api/boot.ts';
import type { Dom0File } from '../../session/api/files.ts';
import { linuxConfigs, linuxImages } from '../../session/xen/linux-guests.ts';
import { serverRamdisk } from '../../session/xen/linux-server.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from './files.ts';

/** The built-in guests of Xen. This code runs in dist-cli, beside guests. */
const builtIn = fileURLToPath(new URL('../guests/build/xen', import.meta.url));

/** The images for /guests that are part of the program. */
export const builtInGuests = (): Dom0File[] =>
  filesBelow(builtIn, '/guests').filter(({ path }) => path.endsWith('.img'));

/** `npm run images` fetches to here. */
const images = fileURLToPath(new URL('../images', import.meta.url));

/** Linux for domains, with configs. Throws UsageError if it has not been fetched. */
export const linuxFiles = (): Dom0File[] => [
  ...linuxConfigs,
  ...Object.entries(linuxImages).map(([name, path]) => {
    const file = join(images, name);
    if (!existsSync(file))
      throw new UsageError(`images/${name} is not there: 'npm run images' fetches it from Debian.`);
    return { path, bytes: new Uint8Array(readFileSync(file)) };
  }),
];

/** The server of Linux domains. */
const server = fileURLToPath(new URL('../guests/build/linux/server.elf', import.meta.url));

/** Linux for the domains of stories, of which some serve. Throws UsageError if it has not been fetched. */
export function linuxForStories(): Dom0File[] {
  const linux = linuxFiles();
  return [...linux, ...serverRamdisk(linux, new Uint8Array(readFileSync(server)))];
}

/** The agent of the real Xen's Dom0. */
const agent = fileURLToPath(new URL('../guests/build/dom0/agent.elf', import.meta.url));

/** The real Xen and its Dom0. Throws UsageError if not all of it has been fetched. */
export function realXen(): RealXen {
  const fetched = (name: string): NamedFile => {
    const file = join(images, name);
    if (!existsSync(file))
      throw new UsageError(`images/${name} is not there: 'npm run images' fetches Xen and its Domain-0 from Debian.`);
    return { name, bytes: new Uint8Array(readFileSync(file)) };
  };
  return {
    xen: fetched('xen'),
    symbols: existsSync(join(images, 'xen-syms')) ? fetched('xen-syms') : undefined,
    kernel: fetched('Image'),
    deviceTree: fetched('zcu102.dtb'),
    ramdisks: ['initrd.gz', 'modules.gz', 'dom0.gz'].map(fetched),
    agent: new Uint8Array(readFileSync(agent)),
  };
}

/** The files below a directory, with their paths in Domain-0 below `at`. Throws UsageError. */
export function filesBelow(directory: string, at = ''): Dom0File[] {
  const attempt = <T>(path: string, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${path} cannot be read: ${reason(error)}.`);
    }
  };
  const entries: Dirent[] = attempt(directory, () => readdirSync(directory, { withFileTypes: true }));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const here = join(directory, entry.name);
      const there = `${at}/${entry.name}`;
      return entry.isDirectory()
        ? filesBelow(here, there)
        : [{ path: there, bytes: new Uint8Array(attempt(here, () => readFileSync(here))) }];
    });
}
