/** What can enter a machine. Plain data, since journals keep it. */
import type { CardImage } from './card.ts';
import type { ConsoleId } from './console.ts';

export type Input =
  /** Bytes typed on a console. */
  | { readonly kind: 'keys'; readonly console: ConsoleId; readonly bytes: Uint8Array }
  /** The board's user button is pressed or released. */
  | { readonly kind: 'button'; readonly pressed: boolean }
  /** A card goes into the empty SD slot, or comes out of it. */
  | { readonly kind: 'insertCard'; readonly card: CardImage }
  | { readonly kind: 'ejectCard' }
  /**
   * Makes or replaces a file of Dom0, and makes the directories above it. An original counts as one of those that Dom0
   * starts with.
   */
  | { readonly kind: 'writeFile'; readonly path: string; readonly bytes: Uint8Array; readonly isOriginal?: boolean }
  /** Moves a file or directory of Dom0. */
  | { readonly kind: 'renameFile'; readonly path: string; readonly to: string }
  /** Removes a file of Dom0, or a directory that is empty. */
  | { readonly kind: 'removeFile'; readonly path: string }
  | { readonly kind: 'makeDirectory'; readonly path: string }
  /** The files of Dom0 that were deferred have been written; not all, if some could not be had. */
  | { readonly kind: 'deferredCame'; readonly isComplete: boolean };
