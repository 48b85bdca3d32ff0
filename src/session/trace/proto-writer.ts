/** Writes messages of Protocol Buffers (protobuf.dev, "Encoding"). */
export class ProtoWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** An unsigned number, to 2^53. */
  uint(field: number, value: number): void {
    this.#varint(field * 8);
    this.#varint(value);
  }

  /** A signed number of 64 bits. */
  int(field: number, value: number): void {
    this.#varint(field * 8);
    if (value >= 0) {
      this.#varint(value);
      return;
    }
    for (let rest = BigInt.asUintN(64, BigInt(Math.trunc(value))); ; rest >>= 7n) {
      this.#byte(Number(rest & 0x7fn) | (rest >= 0x80n ? 0x80 : 0));
      if (rest < 0x80n) return;
    }
  }

  fixed64(field: number, value: number): void {
    this.#varint(field * 8 + 1);
    this.#room(8);
    this.#view.setBigUint64(this.#length, BigInt(value), true);
    this.#length += 8;
  }

  text(field: number, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A message in this one. Its length takes four bytes, so that it is known when the message is written. */
  message(field: number, write: (writer: ProtoWriter) => void): void {
    this.#varint(field * 8 + 2);
    const at = this.#length;
    this.#room(4);
    this.#length += 4;
    write(this);
    const length = this.#length - at - 4;
    // A number may be longer than it has to be: its bytes but the last say that one follows.
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = ((length >>> (7 * i)) & 0x7f) | (i < 3 ? 0x80 : 0);
  }

  /** What has been written. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
