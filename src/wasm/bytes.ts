/** A growing byte buffer with the LEB128 encodings of WebAssembly (Core Specification 5.2.2). */
export class Bytes {
  #data: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.#data = new Uint8Array(capacity);
  }

  /** A view of what has been written; valid until the next write. */
  view(): Uint8Array {
    return this.#data.subarray(0, this.length);
  }

  reset(): void {
    this.length = 0;
  }

  byte(b: number): void {
    if (this.length === this.#data.length) this.#grow(1);
    this.#data[this.length++] = b;
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#data.length) this.#grow(bytes.length);
    this.#data.set(bytes, this.length);
    this.length += bytes.length;
  }

  u32(value: number): void {
    let n = value >>> 0;
    while (n >= 0x80) {
      this.byte((n & 0x7f) | 0x80);
      n >>>= 7;
    }
    this.byte(n);
  }

  s32(value: number): void {
    let n = value | 0;
    while (n < -64 || n > 63) {
      this.byte((n & 0x7f) | 0x80);
      n >>= 7;
    }
    this.byte(n & 0x7f);
  }

  s64(value: number | bigint): void {
    if (typeof value === 'number' && value === (value | 0)) {
      this.s32(value);
      return;
    }
    let n = BigInt.asIntN(64, BigInt(value));
    while (n < -64n || n > 63n) {
      this.byte(Number(n & 0x7fn) | 0x80);
      n >>= 7n;
    }
    this.byte(Number(n & 0x7fn));
  }

  f32(value: number): void {
    scratch.setFloat32(0, value, true);
    for (let i = 0; i < 4; i++) this.byte(scratch.getUint8(i));
  }

  f64(value: number): void {
    scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.byte(scratch.getUint8(i));
  }

  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  #grow(needed: number): void {
    const bigger = new Uint8Array(Math.max(this.#data.length * 2, this.length + needed));
    bigger.set(this.#data);
    this.#data = bigger;
  }
}

const scratch = new DataView(new ArrayBuffer(8));
