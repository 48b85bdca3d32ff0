import type { ComponentType } from 'react';

/** A component whose code comes when it is needed. Once it has come it is drawn at once: a key typed right after the one that asked for it is its own. */
export class Deferred<P extends object> {
  #component: ComponentType<P> | undefined;
  readonly #bring: () => Promise<{ readonly default: ComponentType<P> }>;

  constructor(bring: () => Promise<{ readonly default: ComponentType<P> }>) {
    this.#bring = bring;
  }

  /** The component, if its code has come. */
  get component(): ComponentType<P> | undefined {
    return this.#component;
  }

  /** Brings the code; rejects if it cannot be had, and may be asked again. */
  async load(): Promise<void> {
    this.#component ??= (await this.#bring()).default;
  }
}
