/**
 * Framing of the GDB remote serial protocol (GDB manual, E.1 Overview): `$DATA#CHECKSUM`, acknowledgements, and the byte
 * of Ctrl-C. Data are strings in which each character is a byte.
 */

export type Incoming =
  | { readonly kind: 'packet'; readonly data: string }
  /** A packet whose checksum is wrong, or that is too long. */
  | { readonly kind: 'damaged' }
  /** The last packet has not arrived as it was sent. */
  | { readonly kind: 'again' }
  | { readonly kind: 'interrupt' };

/** Bytes of the longest packet, which `PacketSize` tells GDB. */
export const maxPacket = 0x4000;

const dollar = 0x24;
const hash = 0x23;
const escapeByte = 0x7d;
const minus = 0x2d;
const ctrlC = 0x03;
/** What an escaped byte is changed by. */
const escapeBit = 0x20;

/** Finds packets in a stream of bytes, however it is cut into pieces. */
export class PacketReader {
  #state: 'between' | 'data' | 'escaped' | 'checksum' = 'between';
  #data: number[] = [];
  #sum = 0;
  #checksum = '';

  /** What the bytes complete. */
  take(bytes: Uint8Array): Incoming[] {
    const found: Incoming[] = [];
    for (const byte of bytes) {
      const one = this.#next(byte);
      if (one) found.push(one);
    }
    return found;
  }

  #next(byte: number): Incoming | null {
    switch (this.#state) {
      case 'between':
        if (byte === dollar) this.#begin();
        return byte === ctrlC ? { kind: 'interrupt' } : byte === minus ? { kind: 'again' } : null;
      case 'checksum':
        this.#checksum += String.fromCharCode(byte);
        return this.#checksum.length < 2 ? null : this.#end();
      case 'data':
        if (byte === dollar) {
          this.#begin();
          return null;
        }
        if (byte === hash) {
          this.#state = 'checksum';
          return null;
        }
    }
    this.#sum = (this.#sum + byte) & 0xff;
    const isEscape = this.#state === 'data' && byte === escapeByte;
    if (!isEscape && this.#data.length <= maxPacket)
      this.#data.push(this.#state === 'escaped' ? byte ^ escapeBit : byte);
    this.#state = isEscape ? 'escaped' : 'data';
    return null;
  }

  #begin(): void {
    this.#state = 'data';
    this.#data = [];
    this.#sum = 0;
    this.#checksum = '';
  }

  #end(): Incoming {
    this.#state = 'between';
    const isWhole = /^[0-9a-f]{2}$/i.test(this.#checksum) && Number.parseInt(this.#checksum, 16) === this.#sum;
    if (!isWhole || this.#data.length > maxPacket) return { kind: 'damaged' };
    return { kind: 'packet', data: this.#data.map((byte) => String.fromCharCode(byte)).join('') };
  }
}

/** A packet around data. */
export function packetOf(data: string): Uint8Array {
  const escaped = data.replace(/[#$*}]/g, (one) => `}${String.fromCharCode(one.charCodeAt(0) ^ escapeBit)}`);
  let sum = 0;
  for (let i = 0; i < escaped.length; i++) sum += escaped.charCodeAt(i);
  const checksum = (sum & 0xff).toString(16).padStart(2, '0');
  return Uint8Array.from(`$${escaped}#${checksum}`, (one) => one.charCodeAt(0));
}

/** Acknowledgements, until GDB does without. */
export const received = Uint8Array.of(0x2b);
export const damaged = Uint8Array.of(minus);
