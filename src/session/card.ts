/** The card in the board's SD slot: from an image to a disk, and back. */
import { assert } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ZynqMp } from '../soc/board/zynqmp.ts';
import { chunkSize, type Disk, isZero, MemoryChunks, SparseDisk, sectorSize } from '../soc/storage/disk.ts';
import { type CardImage, cardSizeError } from './api/card.ts';
import type { CardState } from './snapshot/snapshot.ts';

/** Puts a card with an image's contents into the slot. The error is one sentence for the user. */
export function insertCard(board: ZynqMp, { name, size, bytes, isReadOnly = false }: CardImage): Result<number> {
  const wrong =
    cardSizeError(size) ?? (bytes.length > size ? `has contents of ${bytes.length} bytes for ${size}` : null);
  if (wrong !== null) return err(`${name} ${wrong}.`);
  if (board.card) return err('There is a card in the SD slot: eject it first.');
  board.insertCard(new SparseDisk(size / sectorSize, { base: bytes, isReadOnly }));
  return ok(0);
}

/** Takes the card out of the slot. The error is one sentence for the user. */
export function ejectCard(board: ZynqMp): Result<number> {
  if (!board.card) return noCard;
  board.ejectCard();
  return ok(0);
}

/** The card's contents as an image, up to the last chunk that is not zero. */
export function readCard(disk: Disk, name: string): CardImage {
  const size = disk.sectors * sectorSize;
  const chunk = new Uint8Array(chunkSize);
  let end = 0;
  for (let at = 0; at < size; at += chunkSize) {
    const part = chunk.subarray(0, Math.min(chunkSize, size - at));
    disk.read(at / sectorSize, part);
    if (!isZero(part)) end = at + part.length;
  }
  const bytes = new Uint8Array(end);
  if (end > 0) disk.read(0, bytes);
  return { name, size, bytes, isReadOnly: disk.isReadOnly };
}

export const noCard = err('There is no card in the SD slot.');

/** The card as it is now. */
export function saveCard(disk: Disk): CardState {
  const chunks: [number, Uint8Array][] = [];
  const size = disk.sectors * sectorSize;
  for (let at = 0; at < size; at += chunkSize) {
    const chunk = new Uint8Array(Math.min(chunkSize, size - at));
    disk.read(at / sectorSize, chunk);
    if (!isZero(chunk)) chunks.push([at / chunkSize, chunk]);
  }
  return { sectors: disk.sectors, isReadOnly: disk.isReadOnly, chunks };
}

/** A card in memory with saved contents. Throws AssertionError where they do not fit. */
export function loadCard({ sectors, isReadOnly, chunks }: CardState): Disk {
  assert(cardSizeError(sectors * sectorSize) === null, 'a card of that size');
  const store = new MemoryChunks();
  for (const [index, bytes] of chunks) {
    const whole = new Uint8Array(chunkSize);
    whole.set(bytes);
    store.write(index, 0, whole);
  }
  return new SparseDisk(sectors, { isReadOnly, store: () => store });
}
