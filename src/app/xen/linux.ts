import { linuxImages } from '../../session/xen/linux-guests.ts';
import type { Connection } from '../machine/connection.ts';
import { fetchedImages } from '../machine/guests.ts';

/** Linux in Domain-0. */
export const linuxKernel = linuxImages.Image;

/** Where files are fetched from, by their paths in Domain-0. */
export type LinuxFiles = Readonly<Record<string, string>>;

/** Linux for domains on the page's server; null if it lacks the kernel, or all to start it with. */
export async function linuxFiles(): Promise<LinuxFiles | null> {
  const urls = await fetchedImages();
  const found = Object.entries(linuxImages).flatMap(([name, path]) => {
    const url = urls.get(name);
    return url === undefined ? [] : [[path, url] as const];
  });
  return urls.has('Image') && found.length > 1 ? Object.fromEntries(found) : null;
}

/**
 * Puts Linux into Domain-0. Its files are large, so they come while Xen runs already, and from the browser's cache
 * after the first time. A file that is there stays.
 */
export async function placeLinux(connection: Connection, files: LinuxFiles): Promise<void> {
  const { epoch } = connection.view;
  try {
    for (const [path, url] of Object.entries(files)) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      const there = (await connection.look('listFiles', { path: folder })) ?? [];
      if (there.some((file) => file.path === path)) continue;
      const response = await fetch(url, { priority: 'low' });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok || connection.view.epoch !== epoch) return;
      await connection.look('writeFile', { path, bytes, isOriginal: true });
    }
  } catch (error) {
    console.warn('Linux is not in Domain-0:', error);
  }
}
