import type { ComponentType } from 'react';

/**
 * A component whose code is loaded when it is needed. Once loaded, it is drawn at once, and gets the keys typed from
 * then on.
 */
export class Deferred<P extends object> {
  #component: ComponentType<P> | undefined;
  readonly #bring: () => Promise<{ readonly default: ComponentType<P> }>;

  constructor(bring: () => Promise<{ readonly default: ComponentType<P> }>) {
    this.#bring = bring;
  }

  /** The component, once its code is loaded. */
  get component(): ComponentType<P> | undefined {
    return this.#component;
  }

  /** Loads the code. If that rejects, it can be tried again. */
  async load(): Promise<void> {
    this.#component ??= (await this.#bring()).default;
  }
}
