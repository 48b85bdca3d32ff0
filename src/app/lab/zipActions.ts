/** Domain-0's files as a zip, and back. The code of zips comes when it is used. */
import { download } from './browserFiles.ts';
import type { XenLab } from './lab.ts';

/**
 * Gives the user a zip of Domain-0's files: all below /etc and /root, and of /guests what is the user's. The guests
 * that come with the page are in every copy of it.
 */
export async function exportFiles({ machine }: XenLab): Promise<void> {
  const { writeZip } = await import('../storage/zip/writeZip.ts');
  const entries = machine.files.all.filter(
    ({ path, isDirectory, changed }) => !isDirectory && (changed || !path.startsWith('/guests/')),
  );
  const files = await Promise.all(
    entries.map(async ({ path }) => ({ name: path.slice(1), bytes: await machine.files.read(path) })),
  );
  const zip = await writeZip(files.flatMap(({ name, bytes }) => (bytes ? [{ name, bytes }] : [])));
  download(`el2lab-files-${new Date().toISOString().slice(0, 10)}.zip`, zip);
}
