/** A card for the board's SD slot. Plain data, since journals keep it. */
export interface CardImage {
  /** What the user calls it. */
  readonly name: string;
  /** In bytes: a multiple of `cardUnit`, up to `maximumCardSize`. */
  readonly size: number;
  /** The card's contents from its start; behind them are zeros. Nothing changes these bytes. */
  readonly bytes: Uint8Array;
  readonly isReadOnly?: boolean | undefined;
}

export const cardUnit = 512 * 1024;
export const maximumCardSize = 2 ** 30;

/** Why a card cannot have this size, as the end of a sentence for the user; null if it can. */
export function cardSizeError(size: number): string | null {
  if (size > 0 && size % cardUnit === 0 && size <= maximumCardSize) return null;
  return `has ${size} bytes: a card has a multiple of 512 KiB, up to 1 GiB`;
}
