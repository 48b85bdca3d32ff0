/** A guest's console as xenconsoled sees it: two byte rings in a page shared with the guest (public/io/console.h). */

/** Offsets in struct xencons_interface, and sizes of its rings. */
const input = { ring: 0, size: 1024, consumer: 3072, producer: 3076 } as const;
const output = { ring: 1024, size: 2048, consumer: 3080, producer: 3084 } as const;

/** What is at the other end of a console. */
export interface ConsoleEnd {
  /** Takes at most `limit` bytes of its output. */
  take(limit: number): Uint8Array;
  readonly hasOutput: boolean;
  /** Types as many bytes as there is room for. Returns how many. */
  put(bytes: Uint8Array): number;
}

export class ConsoleRing implements ConsoleEnd {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(page: Uint8Array) {
    this.bytes = page;
    this.view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  }

  /**
   * Takes at most `limit` bytes of the guest's output. If the indices are invalid, the ring's contents are dropped,
   * as in xenconsoled.
   */
  take(limit: number): Uint8Array {
    const consumer = this.get(output.consumer);
    const available = (this.get(output.producer) - consumer) >>> 0;
    if (available > output.size) {
      this.set(output.consumer, this.get(output.producer));
      return new Uint8Array();
    }
    const taken = Math.min(available, limit);
    const bytes = Uint8Array.from(
      { length: taken },
      (_, i) => this.bytes[output.ring + ((consumer + i) % output.size)] as number,
    );
    this.set(output.consumer, consumer + taken);
    return bytes;
  }

  /** Whether the ring holds output. */
  get hasOutput(): boolean {
    return this.get(output.producer) !== this.get(output.consumer);
  }

  /** Types as many bytes as the ring has room for. Returns how many. */
  put(bytes: Uint8Array): number {
    const producer = this.get(input.producer);
    const used = (producer - this.get(input.consumer)) >>> 0;
    const count = Math.min(bytes.length, Math.max(0, input.size - used));
    for (let i = 0; i < count; i++) this.bytes[input.ring + ((producer + i) % input.size)] = bytes[i] as number;
    this.set(input.producer, producer + count);
    return count;
  }

  private get(offset: number): number {
    return this.view.getUint32(offset, true);
  }

  private set(offset: number, value: number): void {
    this.view.setUint32(offset, value, true);
  }
}
