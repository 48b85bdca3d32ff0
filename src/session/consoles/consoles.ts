import { bytes, flag, list, record, type Shape, textLike, whole } from '../../base/shape.ts';
import { type ConsoleId, type ConsoleWindow, isConsoleId } from '../api/console.ts';
import { ByteRing } from './byte-ring.ts';

/** Bytes of output that are kept of each console. */
const serialCapacity = 4 * 1024 * 1024;
const guestCapacity = 256 * 1024;
/** So many consoles of destroyed domains are kept, the newest. */
const closedMax = 32;

const capacityOf = (id: ConsoleId): number => (id.includes('/') ? guestCapacity : serialCapacity);

export interface ConsolesState {
  readonly rings: readonly {
    readonly id: ConsoleId;
    readonly end: number;
    readonly begin: number;
    readonly isClosed: boolean;
    /** The newest output. */
    readonly bytes: Uint8Array;
  }[];
  readonly printed: number;
}

export const consolesState: Shape<ConsolesState> = record<ConsolesState>({
  rings: list(
    record<ConsolesState['rings'][number]>({
      id: textLike('a console', isConsoleId),
      end: whole(),
      begin: whole(),
      isClosed: flag,
      bytes,
    }),
  ),
  printed: whole(),
});

/** The output of a machine's consoles. A console exists from its first output on. */
export class Consoles {
  readonly #rings = new Map<ConsoleId, ByteRing>();
  /** The consoles that print no more, the newest last. */
  readonly #closed = new Set<ConsoleId>();
  /** Where the output of the domain begins that has the number now, if another had it before. */
  readonly #begins = new Map<ConsoleId, number>();
  #printed = 0;
  /** Told of each end of a line that is printed. */
  onLine: (() => void) | null = null;

  print(id: ConsoleId, bytes: Uint8Array): void {
    let ring = this.#rings.get(id);
    if (!ring) {
      ring = new ByteRing(capacityOf(id));
      this.#rings.set(id, ring);
    }
    // After a restart of the machine a domain has a number that another had before.
    if (this.#closed.delete(id)) this.#begins.set(id, ring.end);
    for (const byte of bytes) ring.push(byte);
    this.#printed += bytes.length;
    if (this.onLine && bytes.includes(0x0a)) this.onLine();
  }

  /** Bytes of output of all consoles together. */
  get printed(): number {
    return this.#printed;
  }

  /** A console prints no more. Its output stays until others have closed. */
  close(id: ConsoleId): void {
    if (!this.#rings.has(id)) return;
    this.#closed.add(id);
    for (const oldest of this.#closed) {
      if (this.#closed.size <= closedMax) break;
      this.#closed.delete(oldest);
      this.#rings.delete(oldest);
      this.#begins.delete(oldest);
    }
  }

  window(id: ConsoleId, from: number, budget: number): ConsoleWindow {
    const ring = this.#rings.get(id);
    const begin = this.#begins.get(id) ?? 0;
    return ring
      ? { ...ring.window(from, budget), end: ring.end, begin }
      : { from: 0, bytes: new Uint8Array(), end: 0, begin };
  }

  /** `earlier`: a state whose bytes are shared by consoles that have printed nothing since. */
  saveState(earlier?: ConsolesState): ConsolesState {
    const rings = [...this.#rings].map(([id, ring]) => ({
      id,
      end: ring.end,
      begin: this.#begins.get(id) ?? 0,
      isClosed: this.#closed.has(id),
      bytes:
        earlier?.rings.find((before) => before.id === id && before.end === ring.end)?.bytes ??
        ring.window(0, serialCapacity).bytes,
    }));
    return { rings, printed: this.#printed };
  }

  loadState({ rings, printed }: ConsolesState): void {
    this.#rings.clear();
    this.#begins.clear();
    this.#closed.clear();
    for (const { id, end, begin, isClosed, bytes } of rings) {
      const ring = new ByteRing(capacityOf(id));
      ring.load(end, bytes);
      this.#rings.set(id, ring);
      if (begin > 0) this.#begins.set(id, begin);
      if (isClosed) this.#closed.add(id);
    }
    this.#printed = printed;
  }

  /** The offset after the last byte, by console. */
  ends(): Partial<Record<ConsoleId, number>> {
    return Object.fromEntries([...this.#rings].map(([id, ring]) => [id, ring.end]));
  }
}
