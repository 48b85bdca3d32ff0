import type { FileEntry } from '../../../session/api/files.ts';

/** A path that no file has yet: a number goes before its ending, if it has to. */
export function unusedPath(path: string, files: readonly Pick<FileEntry, 'path'>[]): string {
  const taken = new Set(files.map((file) => file.path));
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : path.replace(/(\.\w+)?$/, `-${n}$1`);
    if (!taken.has(candidate)) return candidate;
  }
}

/** The path and the text of a new config in a folder. The text is that of a guest that prints a greeting. */
export function newConfig(
  folder: string,
  files: readonly FileEntry[],
): { readonly path: string; readonly text: string } {
  const path = unusedPath(`${folder}/new.cfg`, files);
  const name = path.slice(path.lastIndexOf('/') + 1, -'.cfg'.length);
  return { path, text: `name   = "${name}"\nkernel = "/guests/hello.img"\nmemory = 16\nvcpus  = 1\n` };
}
