import { createStore, type StoreApi } from 'zustand/vanilla';
import { type CardImage, cardUnit } from '../../../session/api/card.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import { type Connection, type ControlView, keepsFiles } from '../connection.ts';
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

/** What the guest has written is read at most so often, in milliseconds; and less often where reading takes long. */
const shortestPause = 1000;
const pausesPerRead = 10;

/**
 * The card in the board's SD slot. It is one of the user's files, and it stays in the slot when the board boots again.
 * What the guest has written to it becomes the file's contents when the card is read: soon after the guest has written, by
 * the user, and when it leaves the machine.
 */
export class CardSlot {
  readonly store: StoreApi<CardView> = createStore<CardView>(() => ({ card: null, readAt: null }));
  readonly #connection: Connection;
  readonly #keep: (card: UserGuest) => Promise<void>;
  /** The machine that is looked at, and what it had flushed then. */
  #seen = { epoch: 0, flushes: 0 };
  #isDue = false;
  #pause = shortestPause;
  /** Reads come one after the other. */
  #reading = Promise.resolve();

  /** @param keep lists a file of the user's and has the browser keep it */
  constructor(connection: Connection, keep: (card: UserGuest) => Promise<void>) {
    this.#connection = connection;
    this.#keep = keep;
    connection.onChange((view) => this.#look(view));
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
  read(): Promise<void> {
    const read = this.#reading.then(() => this.#read());
    this.#reading = read.catch(() => {});
    return read;
  }

  /** What goes into the slot of the next machine; null for an empty slot. */
  async image(): Promise<CardImage | null> {
    const { card } = this.store.getState();
    return card && imageOf(card);
  }

  /** Has the card read soon if the guest has written to it. */
  #look({ epoch, status }: ControlView): void {
    const flushes = status?.cardFlushes ?? 0;
    const isOther = epoch !== this.#seen.epoch;
    if (!isOther && flushes === this.#seen.flushes) return;
    this.#seen = { epoch, flushes };
    if (flushes === 0 || this.#isDue || !this.store.getState().card) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      void this.read();
    }, this.#pause);
  }

  async #read(): Promise<void> {
    const begun = performance.now();
    // The card of another machine is none of the user's files.
    const card = keepsFiles(this.#connection.view) ? this.store.getState().card : null;
    const image = card && (await this.#connection.look('card'));
    if (!card || !image || this.store.getState().card !== card) return;
    const { bytes, size } = image;
    this.store.setState({ readAt: this.#connection.view.status?.virtualNs ?? null });
    if (sameBytes(new Uint8Array(await card.file.arrayBuffer()), bytes)) return;
    // The worker's arrays are no SharedArrayBuffers, which the type does not say.
    const written: UserGuest = { ...card, file: new Blob([bytes as BlobPart]), size };
    if (this.store.getState().card === card) this.store.setState({ card: written });
    await this.#keep(written);
    this.#pause = Math.max(shortestPause, pausesPerRead * (performance.now() - begun));
  }
}

const imageOf = async (card: UserGuest): Promise<CardImage> => ({
  name: card.name,
  size: sizeOfCard(card),
  bytes: new Uint8Array(await card.file.arrayBuffer()),
});
