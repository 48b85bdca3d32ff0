/** A front end of netback, for tests. */
import type { TestGuest } from '../backends-testing.ts';

export type Nodes = Readonly<Record<string, string | number>>;

/** Two rings of a domain, as its front end works on them. */
export class FrontQueue {
  readonly nodes: Nodes;
  readonly transmit: DataView;
  readonly receive: DataView;
  readonly ports: { readonly transmit: number; readonly receive: number };
  readonly #guest: TestGuest;
  readonly #pages: { readonly bytes: Uint8Array; readonly reference: number }[] = [];

  constructor(guest: TestGuest, isSplit = false) {
    this.#guest = guest;
    const ring = (): { readonly view: DataView; readonly reference: number } => {
      const { frame, bytes } = guest.page();
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      view.setUint32(4, 1, true);
      view.setUint32(12, 1, true);
      return { view, reference: guest.grant(frame) };
    };
    const transmit = ring();
    const receive = ring();
    const port = guest.port();
    this.ports = { transmit: port, receive: isSplit ? guest.port() : port };
    this.transmit = transmit.view;
    this.receive = receive.view;
    this.nodes = {
      'tx-ring-ref': transmit.reference,
      'rx-ring-ref': receive.reference,
      ...(isSplit
        ? { 'event-channel-tx': this.ports.transmit, 'event-channel-rx': this.ports.receive }
        : { 'event-channel': port }),
    };
  }

  /** Puts 12 bytes on the transmit ring. */
  put(first: number, second: number, third: number): void {
    const produced = this.transmit.getUint32(0, true);
    const at = 64 + (produced % 256) * 12;
    for (const [i, word] of [first, second, third].entries()) this.transmit.setUint32(at + 4 * i, word, true);
    this.transmit.setUint32(0, produced + 1, true);
  }

  /** Puts a packet on the ring in pieces of these sizes, with flags of the first slot and extras behind it. */
  send(bytes: Uint8Array, sizes: readonly number[], flags = 0, extras: readonly (readonly number[])[] = []): void {
    let at = 0;
    for (const [i, size] of sizes.entries()) {
      const { frame, bytes: page } = this.#guest.page();
      page.set(bytes.subarray(at, at + size), 100);
      at += size;
      const more = i < sizes.length - 1 ? 4 : 0;
      const slotFlags = more | (i === 0 ? flags : 0);
      this.put(this.#guest.grant(frame, true), 100 | (slotFlags << 16), i | ((i === 0 ? bytes.length : size) << 16));
      if (i === 0) for (const [word = 0, other = 0] of extras) this.put(word, other, 0);
    }
    this.#guest.notify(this.ports.transmit);
  }

  /** Offers pages for frames. */
  offer(count: number): void {
    const produced = this.receive.getUint32(0, true);
    for (let i = 0; i < count; i++) {
      const { frame, bytes } = this.#guest.page();
      const reference = this.#guest.grant(frame);
      const at = 64 + ((produced + i) % 256) * 8;
      this.receive.setUint32(at, this.#pages.length, true);
      this.receive.setUint32(at + 4, reference, true);
      this.#pages.push({ bytes, reference });
    }
    this.receive.setUint32(0, produced + count, true);
    this.#guest.notify(this.ports.receive);
  }

  /** The statuses of all responses on the transmit ring. */
  get answers(): number[] {
    const count = this.transmit.getUint32(8, true);
    return Array.from({ length: count }, (_, i) => this.transmit.getInt16(64 + (i % 256) * 12 + 2, true));
  }

  /** What has come: the slots' flags and contents, and extras as numbers. */
  get arrived(): { readonly flags: number; readonly status: number; readonly bytes: Uint8Array }[] {
    const count = this.receive.getUint32(8, true);
    return Array.from({ length: count }, (_, i) => {
      const at = 64 + i * 8;
      const status = this.receive.getInt16(at + 6, true);
      const page = this.#pages[this.receive.getUint16(at, true)]?.bytes ?? new Uint8Array();
      return { flags: this.receive.getUint16(at + 4, true), status, bytes: page.slice(0, Math.max(0, status)) };
    });
  }
}
