import * as z from 'zod/mini';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { remember } from '../settings/settings.ts';

const storageKey = 'el2lab.introduction';

/** Steps of the tour. */
export const tourSteps = 5;

/** A value of another version or shape is ignored: the visitor is a newcomer then. */
const savedSchema = z.object({
  version: z.literal(1),
  visited: z.boolean(),
  /** The step at which the tour goes on; null before it begins, and after its end. */
  step: z.nullable(z.int().check(z.minimum(0), z.maximum(tourSteps - 1))),
});
type Saved = z.infer<typeof savedSchema>;

interface IntroductionView {
  readonly step: number | null;
  /** Whether the tour is on the page now. */
  readonly isShown: boolean;
}

function load(): Saved {
  try {
    return savedSchema.parse(JSON.parse(localStorage.getItem(storageKey) ?? ''));
  } catch {
    return { version: 1, visited: false, step: null };
  }
}

/** How far the visitor has been introduced to the page; the browser remembers it. */
export class Introduction {
  readonly store: StoreApi<IntroductionView>;
  #saved = load();

  constructor() {
    this.store = createStore<IntroductionView>(() => ({ step: this.#saved.step, isShown: false }));
  }

  /** The page is shown. Calls back if the visitor sees it for the first time. */
  arrive(welcome: () => void): void {
    if (this.#saved.visited) return;
    this.#save({ visited: true });
    welcome();
  }

  /** Begins the tour, or goes on where it was left. */
  show(): void {
    this.go(this.store.getState().step ?? 0);
  }

  go(step: number): void {
    this.#save({ step });
    this.store.setState({ step, isShown: true });
  }

  /** Takes the tour away; it can go on later. */
  leave(): void {
    this.store.setState({ isShown: false });
  }

  /** Ends the tour; it begins anew the next time. */
  end(): void {
    this.#save({ step: null });
    this.store.setState({ step: null, isShown: false });
  }

  #save(part: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...part };
    remember(storageKey, this.#saved);
  }
}
