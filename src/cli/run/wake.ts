const longestTimer = 2 ** 31 - 1;

/** A wait that ends after a time, or earlier when something has happened. */
export class Wake {
  #wake: () => void = () => {};

  /** Something has happened. */
  now(): void {
    this.#wake();
  }

  /** Waits so many milliseconds at most, and at least until the host has passed on what has come. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms === 0) {
        setImmediate(resolve);
        return;
      }
      const timer = setTimeout(resolve, Math.min(ms, longestTimer));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
