const pageSize = 4096;
/** Pages that are cut from one buffer: a buffer for each takes the engine several times as long as to copy a page. */
const pagesAtOnce = 64;
/** Free pages that wait to be used again; more go back to the engine. */
const freeMax = 4096;

/** Room for copies of pages. */
export class PagePool {
  readonly #free: Uint8Array[] = [];

  /** A page, with anything in it. */
  take(): Uint8Array {
    const page = this.#free.pop();
    if (page) return page;
    const pages = new Uint8Array(pagesAtOnce * pageSize);
    for (let at = pageSize; at < pages.length; at += pageSize) this.#free.push(pages.subarray(at, at + pageSize));
    return pages.subarray(0, pageSize);
  }

  /** Nobody uses a page any more. */
  give(page: Uint8Array): void {
    if (this.#free.length < freeMax) this.#free.push(page);
  }
}
