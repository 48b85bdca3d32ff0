import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Translate } from '../i18n/translate.ts';

/** So long after the last deed its undoing is offered, in ms. */
const offeredMs = 120_000;

/** Something that the user has done and can take back. */
export interface Deed {
  /** What was done, as a sentence. */
  readonly text: (t: Translate) => string;
  readonly undo: () => Promise<unknown>;
  /** Called when it cannot be undone any more: what was kept for that can go. */
  readonly lapse?: () => void;
  /** Whether a whole machine waits for that. Of those there is one at a time. */
  readonly isMachine?: boolean;
}

interface UndoView {
  /** The oldest first. */
  readonly deeds: readonly Deed[];
}

/** What the user can take back, the last first. */
export class Undo {
  readonly store: StoreApi<UndoView> = createStore<UndoView>(() => ({ deeds: [] }));
  #timer: ReturnType<typeof setTimeout> | undefined;

  get last(): Deed | undefined {
    return this.store.getState().deeds.at(-1);
  }

  /** Offers to take something back. */
  offer(deed: Deed): void {
    const { deeds } = this.store.getState();
    const lapsed = deed.isMachine ? deeds.filter(({ isMachine }) => isMachine) : [];
    this.store.setState({ deeds: [...deeds.filter((other) => !lapsed.includes(other)), deed] });
    for (const other of lapsed) other.lapse?.();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.lapse(), offeredMs);
  }

  /** Takes back the last deed. */
  async undo(): Promise<void> {
    const deed = this.last;
    if (!deed) return;
    this.store.setState(({ deeds }) => ({ deeds: deeds.filter((other) => other !== deed) }));
    await deed.undo();
  }

  /** Takes back no more of what was offered. */
  lapse(): void {
    const { deeds } = this.store.getState();
    this.store.setState({ deeds: [] });
    for (const deed of deeds) deed.lapse?.();
  }
}
