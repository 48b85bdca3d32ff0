/** The back end's side of a shared ring (Xen's public/io/ring.h, BACK_RING_*). */
import { assert } from '../../base/assert.ts';
import { pageSize } from '../../xen/machine/machine.ts';
import type { GrantedPage } from './grants.ts';

/** Offsets in the first page: struct ..._sring. */
const Offset = { reqProd: 0, reqEvent: 4, rspProd: 8, rspEvent: 12, entries: 64 } as const;

/** How many entries of a size a ring of so many pages has: the largest power of two that fits. */
export const ringSize = (pages: number, entrySize: number): number =>
  2 ** Math.floor(Math.log2((pages * pageSize - Offset.entries) / entrySize));

/**
 * A ring in pages that a guest has granted. Everything in it is the guest's to change at any time: a request is copied
 * before it is looked at, and the indices of this side are kept here.
 */
export class BackRing {
  readonly size: number;
  private readonly pages: readonly GrantedPage[];
  private readonly header: DataView;
  private readonly entrySize: number;
  /** Free-running: requests taken, and responses put and pushed. */
  private requestsTaken: number;
  private responsesPut: number;
  private responsesPushed: number;

  /** `pages` are its pages in order. It begins where the ring's last user has stopped. */
  constructor(pages: readonly GrantedPage[], entrySize: number) {
    const [first] = pages;
    assert(first, 'a ring has pages');
    this.pages = pages;
    this.entrySize = entrySize;
    this.size = ringSize(pages.length, entrySize);
    this.header = new DataView(first.bytes.buffer, first.bytes.byteOffset, Offset.entries);
    const responses = this.header.getUint32(Offset.rspProd, true);
    this.requestsTaken = responses;
    this.responsesPut = responses;
    this.responsesPushed = responses;
  }

  /** The number of requests that wait, unsigned: it is larger than `size` if the guest's index has run away. */
  get waiting(): number {
    return (this.header.getUint32(Offset.reqProd, true) - this.requestsTaken) >>> 0;
  }

  /** Requests taken that have no response yet. */
  get pending(): number {
    return (this.requestsTaken - this.responsesPut) >>> 0;
  }

  /** The guest's index of requests, and how many have a response: for messages. */
  get indices(): { readonly produced: number; readonly taken: number; readonly answered: number } {
    const produced = this.header.getUint32(Offset.reqProd, true);
    return { produced, taken: this.requestsTaken, answered: this.responsesPut };
  }

  /** A copy of the next request, which stays in the ring. */
  peek(): Uint8Array {
    const bytes = new Uint8Array(this.entrySize);
    this.eachPart(this.requestsTaken, (page, offset, at, count) => {
      bytes.set(page.bytes.subarray(offset, offset + count), at);
    });
    return bytes;
  }

  /** Takes the next request: a copy of it. */
  take(): Uint8Array {
    const bytes = this.peek();
    this.requestsTaken = (this.requestsTaken + 1) >>> 0;
    return bytes;
  }

  /** Puts a response into the ring, which the guest does not see yet. */
  put(response: Uint8Array): void {
    this.eachPart(this.responsesPut, (page, offset, at, count) => {
      if (at < response.length) page.writable().set(response.subarray(at, at + count), offset);
    });
    this.responsesPut = (this.responsesPut + 1) >>> 0;
  }

  /** Shows the guest all responses. Returns whether it asks to be notified (RING_PUSH_RESPONSES_AND_CHECK_NOTIFY). */
  push(): boolean {
    const before = this.responsesPushed;
    const now = this.responsesPut;
    this.responsesPushed = now;
    this.setHeader(Offset.rspProd, now);
    const wanted = this.header.getUint32(Offset.rspEvent, true);
    return (now - wanted) >>> 0 < (now - before) >>> 0;
  }

  /**
   * Asks the guest to notify the next request. Returns whether one has come meanwhile
   * (RING_FINAL_CHECK_FOR_REQUESTS).
   */
  finalCheck(): boolean {
    if (this.waiting > 0) return true;
    this.setHeader(Offset.reqEvent, this.requestsTaken + 1);
    return this.waiting > 0;
  }

  /** Asks the guest to notify when it makes more requests than there are now. */
  awaitMore(): void {
    this.setHeader(Offset.reqEvent, this.indices.produced + 1);
  }

  /** The indices of this side; the rest lies in guest memory. */
  get state(): readonly number[] {
    return [this.requestsTaken, this.responsesPut, this.responsesPushed];
  }

  private setHeader(offset: number, value: number): void {
    this.pages[0]?.writable();
    this.header.setUint32(offset, value >>> 0, true);
  }

  /** The parts of an entry, which may lie across two pages. */
  private eachPart(index: number, visit: (page: GrantedPage, offset: number, at: number, count: number) => void): void {
    const start = Offset.entries + (index & (this.size - 1)) * this.entrySize;
    for (let at = 0; at < this.entrySize; ) {
      const offset = (start + at) % pageSize;
      const count = Math.min(this.entrySize - at, pageSize - offset);
      const page = this.pages[Math.floor((start + at) / pageSize)];
      assert(page, 'an entry lies in the ring');
      visit(page, offset, at, count);
      at += count;
    }
  }
}
