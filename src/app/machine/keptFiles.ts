import type { Keeping } from '../storage/keeping.ts';
import { ObjectStore } from '../storage/objectStore.ts';
import type { Guest, Role } from './guests.ts';

type UserGuest = Extract<Guest, { readonly origin: 'user' }>;

interface Row {
  readonly name: string;
  readonly role: Role;
  readonly file: Blob;
}

/** The user's files for the board, kept in the browser for the next visit. */
export class KeptFiles {
  readonly #keeping: Keeping;
  readonly #rows = new ObjectStore<Row>('el2lab', 'files', 'name');

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  async all(): Promise<UserGuest[]> {
    const rows = await this.#keeping.read(() => this.#rows.all(), []);
    return rows.map(({ name, role, file }) => ({ origin: 'user', name, role, file }));
  }

  keep({ name, role, file }: UserGuest): Promise<void> {
    return this.#keeping.write(name, () => this.#rows.put({ name, role, file }));
  }

  remove(name: string): Promise<void> {
    return this.#keeping.write(name, () => this.#rows.remove(name));
  }
}
