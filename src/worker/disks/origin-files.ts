/** A pool's files in the browser's private file system of this origin (File System standard, 2023). */
import { memoryFiles, type PoolFiles } from './chunk-pool.ts';
import { MemoryFile } from './sync-file.ts';

const names = { chunks: 'chunks', index: ['index-0', 'index-1'] } as const;

const folderOf = async (name: string): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });

/** Opens them; nobody else can open them until they are closed. Rejects where the browser refuses. */
export async function openFiles(folder: string): Promise<PoolFiles> {
  const handles = await folderOf(folder);
  const open = async (name: string): Promise<FileSystemSyncAccessHandle> =>
    (await handles.getFileHandle(name, { create: true })).createSyncAccessHandle();
  const opened: FileSystemSyncAccessHandle[] = [];
  try {
    for (const name of [names.chunks, ...names.index]) opened.push(await open(name));
  } catch (error) {
    for (const handle of opened) handle.close();
    throw error;
  }
  const [chunks, first, second] = opened as [
    FileSystemSyncAccessHandle,
    FileSystemSyncAccessHandle,
    FileSystemSyncAccessHandle,
  ];
  return { chunks, index: [first, second] };
}

/** Copies of them in memory, while another tab has them open: all of one commit. */
export async function copyOfFiles(folder: string): Promise<PoolFiles> {
  const handles = await folderOf(folder);
  const read = async (name: string): Promise<File> => (await handles.getFileHandle(name)).getFile();
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      const files = memoryFiles();
      const before = await Promise.all(names.index.map(read));
      await copy(await read(names.chunks), files.chunks);
      await Promise.all(before.map((file, i) => copy(file, files.index[i as 0 | 1])));
      const after = await Promise.all(names.index.map(read));
      if (after.every((file, i) => file.size === before[i]?.size && file.lastModified === before[i]?.lastModified))
        return files;
    } catch {
      // The other tab has written meanwhile.
    }
  }
  return memoryFiles();
}

async function copy(file: File, to: PoolFiles['chunks']): Promise<void> {
  for (let at = 0; at < file.size; at += MemoryFile.blockSize)
    to.write(new Uint8Array(await file.slice(at, at + MemoryFile.blockSize).arrayBuffer()), { at });
}
