/** Files that come from the user's computer into Domain-0. */
import { folderOf, kindOfUpload, type UploadKind } from '../../xen/files/uploadKind.ts';
import type { XenLab } from '../lab.ts';
import { pickFiles } from './browserFiles.ts';
import { takeZips } from './zips.ts';

/** A file on its way, and where it is to go. */
export interface Upload {
  readonly file: File;
  readonly kind: UploadKind;
  readonly folder: string;
}

/** Asks where files are to go. What each file is says where it belongs. */
export async function askWhere({ overlay }: XenLab, files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  const uploads = await Promise.all(
    files.map(async (file): Promise<Upload> => {
      const kind = await kindOfUpload(file);
      return { file, kind, folder: folderOf(file.name, kind) };
    }),
  );
  overlay.setState({ open: 'upload', uploads });
}

/** Has the user pick files, and asks where they are to go; zips are unpacked. */
export const upload = async (lab: XenLab): Promise<void> => askWhere(lab, takeZips(lab, await pickFiles()));

/** Puts files into folders of Domain-0, shows them in the tree, and offers to take that back. */
export async function putFiles(
  { machine, dock, undo }: XenLab,
  uploads: readonly Omit<Upload, 'kind'>[],
): Promise<void> {
  const { files } = machine;
  const done: { readonly path: string; readonly before: Uint8Array | null }[] = [];
  for (const { file, folder } of uploads) {
    const path = `${folder}/${file.name}`;
    const before = files.all.some((other) => other.path === path) ? await files.read(path) : null;
    if (await files.write(path, new Uint8Array(await file.arrayBuffer()))) done.push({ path, before });
  }
  const [first] = done;
  if (!first) return;
  dock.open('files');
  files.show(first.path);
  undo.offer({
    text: (t) => t('undo.uploaded', { paths: done.map(({ path }) => path).join(', '), count: done.length }),
    undo: async () => {
      for (const { path, before } of done) await (before ? files.write(path, before) : files.remove(path));
    },
  });
}
