import type { Keeping } from '../../storage/keeping.ts';
import { ObjectStore } from '../../storage/objectStore.ts';
import { newStamp, openChannel, type TabChannel } from '../../storage/tabChannel.ts';
import type { UserGuest } from '../guests.ts';

export interface KeptFileRow extends Omit<UserGuest, 'origin'> {
  /** Tells this version of the row from all others. */
  readonly stamp?: string;
}

/** Another tab's version of a file that this page has not seen: null if it has removed the file. */
export interface ForeignFile {
  readonly name: string;
  readonly theirs: UserGuest | null;
  /** The user has seen it: this page may overwrite it. */
  readonly accept: () => void;
}

/** Where the files are kept. */
type Rows = Pick<ObjectStore<KeptFileRow>, 'all' | 'get' | 'update' | 'remove'>;

const guestOf = ({ name, role, file, size }: KeptFileRow): UserGuest => ({ origin: 'user', name, role, file, size });

/**
 * The user's files for the board, kept in the browser for the next visit. What another tab has written is not
 * overwritten before the user has seen it.
 */
export class KeptFiles {
  readonly #keeping: Keeping;
  readonly #foreign: (file: ForeignFile) => void;
  readonly #rows: Rows;
  readonly #channel: TabChannel | null;
  /** By name: the version that this page has read or written. */
  readonly #seen = new Map<string, string | undefined>();

  /** @param foreign is told what another tab has done */
  constructor(
    keeping: Keeping,
    foreign: (file: ForeignFile) => void,
    rows: Rows = new ObjectStore<KeptFileRow>('el2lab', 'files', 'name'),
    channel = openChannel('el2lab.files'),
  ) {
    this.#keeping = keeping;
    this.#foreign = foreign;
    this.#rows = rows;
    this.#channel = channel;
    if (channel) channel.onmessage = ({ data }) => void this.#hear(data);
  }

  async all(): Promise<UserGuest[]> {
    const rows = await this.#keeping.read(() => this.#rows.all(), []);
    for (const { name, stamp } of rows) this.#seen.set(name, stamp);
    return rows.map(guestOf);
  }

  keep({ name, role, file, size }: UserGuest): Promise<void> {
    return this.#keeping.write(name, async () => {
      const stamp = newStamp();
      const met: { foreign?: KeptFileRow } = {};
      await this.#rows.update(name, (now) => {
        if (now && (!this.#seen.has(name) || now.stamp !== this.#seen.get(name))) {
          met.foreign = now;
          return undefined;
        }
        return { name, role, file, size, stamp };
      });
      if (met.foreign) {
        this.#tell(name, met.foreign);
        return;
      }
      this.#seen.set(name, stamp);
      this.#channel?.postMessage(name);
    });
  }

  remove(name: string): Promise<void> {
    return this.#keeping.write(name, async () => {
      await this.#rows.remove(name);
      this.#seen.delete(name);
      this.#channel?.postMessage(name);
    });
  }

  /** Another tab has changed a file. */
  async #hear(name: unknown): Promise<void> {
    if (typeof name !== 'string') return;
    const row = await this.#keeping.read(() => this.#rows.get(name), undefined);
    if (row ? row.stamp !== this.#seen.get(name) : this.#seen.has(name)) this.#tell(name, row);
  }

  #tell(name: string, row: KeptFileRow | undefined): void {
    this.#foreign({
      name,
      theirs: row ? guestOf(row) : null,
      accept: () => {
        if (row) this.#seen.set(name, row.stamp);
        else this.#seen.delete(name);
      },
    });
  }
}
