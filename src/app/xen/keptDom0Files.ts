import type { Dom0File, UserFiles } from '../../session/api/files.ts';
import { ObjectStore } from '../machine/objectStore.ts';

/** A path in Domain-0 that the user has changed: to these bytes, or, with null, by removing what was there. */
interface Row {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

/** The folders of Domain-0 whose files are the user's; others hold what programs write. */
const keptFolders = ['/etc/', '/guests/', '/root/'];

export const isKept = (path: string): boolean => keptFolders.some((folder) => path.startsWith(folder));

/** The user's changes to Domain-0's files, kept in the browser. Methods reject where the browser refuses. */
export class KeptDom0Files {
  readonly #rows = new ObjectStore<Row>('el2lab.dom0', 'dom0', 'path');

  async all(): Promise<UserFiles> {
    const rows = await this.#rows.all();
    return {
      files: rows.flatMap(({ path, bytes }): Dom0File[] => (bytes ? [{ path, bytes }] : [])),
      removed: rows.flatMap(({ path, bytes }) => (bytes ? [] : [path])),
    };
  }

  /** @param bytes null: the user has removed what was there */
  keep(path: string, bytes: Uint8Array | null): Promise<void> {
    return this.#rows.put({ path, bytes });
  }

  /** Forgets a change: the file is Domain-0's original again. */
  forget(path: string): Promise<void> {
    return this.#rows.remove(path);
  }

  clear(): Promise<void> {
    return this.#rows.clear();
  }
}
