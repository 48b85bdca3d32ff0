/** The longest output, in characters, in which a pattern can match. */
const memory = 65_536;

/** Watches a stream of text for patterns, one after the other. Matched text is not matched again. */
export class TextWatch {
  readonly #decoder = new TextDecoder();
  #text = '';
  #from = 0;

  /** Adds output in UTF-8. */
  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const excess = this.#text.length - memory;
    if (excess <= 0) return;
    this.#text = this.#text.slice(excess);
    this.#from = Math.max(this.#from - excess, 0);
  }

  /** Whether the pattern appears after the last match. If it does, this becomes the last match. */
  take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#from;
    if (!pattern.test(this.#text)) return false;
    this.#from = pattern.lastIndex;
    return true;
  }
}
