import { guestVolumePath, linuxImages } from '../../session/xen/linux-guests.ts';
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

/** The paths of Linux's files in Domain-0, and of the volume that is made of them. */
export const pathsOf = (files: LinuxFiles): string[] => [...Object.keys(files), guestVolumePath];

/**
 * Puts Linux into Domain-0, a program of which waits for it. Its files are large, so they come only then, and from the
 * browser's cache after the first time. A file that is there stays.
 */
export async function placeLinux(connection: Connection, files: LinuxFiles): Promise<void> {
  const { epoch } = connection.view;
  const isComplete = await place(connection, files, epoch);
  if (connection.view.epoch === epoch) await connection.look('deferredCame', { isComplete });
}

/** Writes the files. Returns whether all are there. */
async function place(connection: Connection, files: LinuxFiles, epoch: number): Promise<boolean> {
  try {
    for (const [path, url] of Object.entries(files)) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      const there = (await connection.look('listFiles', { path: folder })) ?? [];
      if (there.some((file) => file.path === path)) continue;
      const response = await fetch(url);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok || connection.view.epoch !== epoch) return false;
      await connection.look('writeFile', { path, bytes, isOriginal: true });
    }
    return true;
  } catch (error) {
    console.warn('Linux is not in Domain-0:', error);
    return false;
  }
}
