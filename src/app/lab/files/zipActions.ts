/** Domain-0's files as a zip, and back. */
import { translator } from '../../i18n/translate.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import { readZip, type ZipFault, zipLimits } from '../../storage/zip/readZip.ts';
import { writeZip } from '../../storage/zip/writeZip.ts';
import { isOfGit } from '../../xen/files/keptDom0Files.ts';
import { parents, placesOf } from '../../xen/files/zipPlaces.ts';
import type { XenLab } from '../lab.ts';
import { download } from './browserFiles.ts';

/**
 * Gives the user a zip of Domain-0's files: all below /etc and /root, and of the other folders what is the user's. The
 * guests that come with the page are in every copy of it. The repository of /etc/xen is in it, as any git reads it. Disks that were written to are too large for a zip: they are
 * downloaded one by one.
 */
export async function exportFiles({ machine }: XenLab): Promise<void> {
  const entries = machine.files.everything.filter(
    ({ path, isDirectory, isDisk, changed }) => !isDirectory && !isDisk && (changed || /^\/(etc|root)\//.test(path)),
  );
  const files = await Promise.all(
    entries.map(async ({ path }) => ({ name: path.slice(1), bytes: await machine.files.read(path) })),
  );
  const zip = await writeZip(files.flatMap(({ name, bytes }) => (bytes ? [{ name, bytes }] : [])));
  download(`el2lab-files-${new Date().toISOString().slice(0, 10)}.zip`, zip);
}

/** A file of a zip in its place, with what is there now. */
interface Import {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Null if there is none. */
  readonly before: Uint8Array | null;
}

/**
 * Puts the files of a zip into Domain-0. What would be replaced is shown and asked for; all of it can be taken back.
 * A zip that is not as it should be is refused as a whole.
 */
export async function importZip(lab: XenLab, file: File): Promise<void> {
  const { machine, settings, undo } = lab;
  const { files } = machine;
  const zip = file.name;
  const refuse = (kind: ZipFault['kind'] | 'same', name = '') =>
    machine.refuse(
      translator(settings.getState().language)(`zip.${kind}`, {
        zip,
        name: JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name),
        files: zipLimits.files,
        mib: zipLimits.bytes / 2 ** 20,
      }),
    );
  machine.refuse(null);
  if (file.size > zipLimits.bytes) return refuse('tooLarge');
  const read = await readZip(new Uint8Array(await file.arrayBuffer()));
  const places = read.ok
    ? placesOf(
        read.value.map(({ name }) => name),
        files.all,
      )
    : read;
  if (!read.ok || !places.ok) {
    const fault = read.ok ? !places.ok && places.error : read.error;
    return fault ? refuse(fault.kind, 'name' in fault ? fault.name : '') : undefined;
  }

  const known = new Set(files.all.map(({ path }) => path));
  const all = await Promise.all(
    read.value.map(async ({ name, bytes }): Promise<Import | null> => {
      const path = places.value.get(name);
      return path === undefined ? null : { path, bytes, before: known.has(path) ? await files.read(path) : null };
    }),
  );
  // A repository that is here goes on: the zip's own would take it back to what it was.
  const hasRepository = files.everything.some(({ path }) => isOfGit(path));
  const imports = all.flatMap((each) =>
    each && !sameBytes(each.bytes, each.before) && !(hasRepository && isOfGit(each.path)) ? [each] : [],
  );
  if (imports.length === 0) return refuse('same');
  const replaced = imports.filter(({ before }) => before !== null);
  if (replaced.length > 0 && !(await isReplacing(lab, zip, replaced))) return;

  const done: Import[] = [];
  for (const each of imports) {
    if (!(await files.write(each.path, each.bytes))) break;
    done.push(each);
  }
  if (done.length === 0) return;
  undo.offer({
    text: (t) => t('undo.imported', { zip, count: done.length }),
    undo: async () => {
      for (const { path, before } of done) await (before ? files.write(path, before) : files.remove(path));
      const made = new Set(done.flatMap(({ path }) => parents(path)).filter((folder) => !known.has(folder)));
      // The deepest first. A folder in which there is something else by now stays.
      for (const folder of [...made].sort().reverse()) await machine.look('removeFile', { path: folder });
    },
  });
}

/** Asks whether a zip may replace files. */
const isReplacing = ({ question }: XenLab, zip: string, replaced: readonly Import[]): Promise<boolean> =>
  new Promise((answer) => {
    question.setState({
      asked: {
        text: (t) => t('zip.question', { zip, count: replaced.length }),
        items: replaced.map(({ path }) => path),
        yes: 'zip.import',
        answer,
      },
    });
  });
