import type { ConsoleId, ConsoleWindow } from './api/console.ts';
import { ByteRing } from './byte-ring.ts';

/** Bytes kept of what each console has shown. */
const serialCapacity = 4 * 1024 * 1024;
const guestCapacity = 256 * 1024;
/** Consoles of domains that are gone: the last so many are kept. */
const closedMax = 32;

const capacityOf = (id: ConsoleId): number => (id.includes('/') ? guestCapacity : serialCapacity);

/** What the consoles of a machine have shown. One comes to be with its first output. */
export class Consoles {
  readonly #rings = new Map<ConsoleId, ByteRing>();
  readonly #closed: ConsoleId[] = [];
  #printed = 0;

  print(id: ConsoleId, bytes: Uint8Array): void {
    let ring = this.#rings.get(id);
    if (!ring) {
      ring = new ByteRing(capacityOf(id));
      this.#rings.set(id, ring);
    }
    for (const byte of bytes) ring.push(byte);
    this.#printed += bytes.length;
  }

  /** Bytes that all of them have shown. */
  get printed(): number {
    return this.#printed;
  }

  /** It will print no more. */
  close(id: ConsoleId): void {
    if (!this.#rings.has(id)) return;
    this.#closed.push(id);
    while (this.#closed.length > closedMax) this.#rings.delete(this.#closed.shift() as ConsoleId);
  }

  window(id: ConsoleId, from: number, budget: number): ConsoleWindow {
    const ring = this.#rings.get(id);
    return ring ? { ...ring.window(from, budget), end: ring.end } : { from: 0, bytes: new Uint8Array(), end: 0 };
  }

  /** Offsets after the last byte of each. */
  ends(): Partial<Record<ConsoleId, number>> {
    return Object.fromEntries([...this.#rings].map(([id, ring]) => [id, ring.end]));
  }
}
