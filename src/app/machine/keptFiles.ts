import type { Guest, Role } from './guests.ts';
import { ObjectStore } from './objectStore.ts';

type UserGuest = Extract<Guest, { readonly origin: 'user' }>;

interface Row {
  readonly name: string;
  readonly role: Role;
  readonly file: Blob;
}

/** The user's files for the board, kept in the browser for the next visit. Methods reject where the browser refuses. */
export class KeptFiles {
  readonly #rows = new ObjectStore<Row>('el2lab', 'files', 'name');

  async all(): Promise<UserGuest[]> {
    return (await this.#rows.all()).map(({ name, role, file }) => ({ origin: 'user', name, role, file }));
  }

  keep({ name, role, file }: UserGuest): Promise<void> {
    return this.#rows.put({ name, role, file });
  }

  remove(name: string): Promise<void> {
    return this.#rows.remove(name);
  }
}
