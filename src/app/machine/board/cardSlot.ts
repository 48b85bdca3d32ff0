import { createStore, type StoreApi } from 'zustand/vanilla';
import { type CardImage, cardUnit } from '../../../session/api/card.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import type { Connection } from '../connection.ts';
import type { UserGuest } from '../guests.ts';

interface CardView {
  /** What is in the slot, as the page knows it; null for an empty slot. */
  readonly card: UserGuest | null;
  /** The virtual time at which its contents were read, in nanoseconds; null for those that it was inserted with. */
  readonly readAt: number | null;
}

/** A size in bytes as a card may have it. */
const cardSize = (bytes: number): number => Math.max(1, Math.ceil(bytes / cardUnit)) * cardUnit;

/** The size of a card in bytes. */
export const sizeOfCard = ({ file, size }: UserGuest): number => size ?? cardSize(file.size);

/**
 * The card in the board's SD slot. It is one of the user's files, and it stays in the slot when the board boots again.
 * What the guest has written to it becomes the file's contents when the card is read: by the user, and when it leaves the
 * machine.
 */
export class CardSlot {
  readonly store: StoreApi<CardView> = createStore<CardView>(() => ({ card: null, readAt: null }));
  readonly #connection: Connection;
  readonly #keep: (card: UserGuest) => Promise<void>;

  /** @param keep lists a file of the user's and has the browser keep it */
  constructor(connection: Connection, keep: (card: UserGuest) => Promise<void>) {
    this.#connection = connection;
    this.#keep = keep;
  }

  /** Puts a card into the slot of the running machine, in place of another. */
  async insert(card: UserGuest): Promise<void> {
    await this.eject();
    const image = await imageOf(card);
    if (await this.#connection.request(() => this.#connection.ask('insertCard', { card: image })))
      this.store.setState({ card, readAt: null });
  }

  /** Takes the card out; what was written to it stays in its file. */
  async eject(): Promise<void> {
    await this.read();
    if (!this.store.getState().card) return;
    await this.#connection.look('ejectCard');
    this.store.setState({ card: null, readAt: null });
  }

  /** Reads what is on the card in the machine now, and has the browser keep it. */
  async read(): Promise<void> {
    const { card } = this.store.getState();
    const image = card && (await this.#connection.look('card'));
    if (!card || !image) return;
    const { bytes, size } = image;
    this.store.setState({ readAt: this.#connection.view.status?.virtualNs ?? null });
    if (sameBytes(new Uint8Array(await card.file.arrayBuffer()), bytes)) return;
    // The worker's arrays are no SharedArrayBuffers, which the type does not say.
    const written: UserGuest = { ...card, file: new Blob([bytes as BlobPart]), size };
    this.store.setState({ card: written });
    await this.#keep(written);
  }

  /** What goes into the slot of the next machine; null for an empty slot. */
  async image(): Promise<CardImage | null> {
    const { card } = this.store.getState();
    return card && imageOf(card);
  }
}

const imageOf = async (card: UserGuest): Promise<CardImage> => ({
  name: card.name,
  size: sizeOfCard(card),
  bytes: new Uint8Array(await card.file.arrayBuffer()),
});
