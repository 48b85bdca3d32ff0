import { createStore, type StoreApi } from 'zustand/vanilla';

/** Wall time for which sentences are gathered, so that several events are one announcement. */
const gatherMs = 600;
/** More sentences than this at once would be a flood: the last ones are said. */
const sentencesMax = 4;

interface Announcement {
  /** Tells an announcement from the one before, which may have the same text. */
  readonly number: number;
  readonly text: string;
}

/** Says to screen readers what happens elsewhere in the page, politely. */
export class Announcer {
  readonly store: StoreApi<Announcement> = createStore<Announcement>(() => ({ number: 0, text: '' }));
  #sentences: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param sentence in the user's language, without a full stop */
  say(sentence: string): void {
    this.#sentences = [...this.#sentences.filter((other) => other !== sentence), sentence].slice(-sentencesMax);
    this.#timer ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const text = this.#sentences.join('. ');
    this.#sentences = [];
    this.store.setState(({ number }) => ({ number: number + 1, text }));
  }
}
