/**
 * How a front end may have frames spread over its queues: by a hash of addresses and ports, whose key and mapping it sets
 * over the control ring (public/io/netif.h, XEN_NETIF_CTRL_*; the hash is Microsoft's for receive-side scaling).
 */
import type { Hasher } from '../../../base/hasher.ts';
import type { BackRing } from '../ring.ts';

/** Bytes of a request or response on the control ring. */
export const controlEntrySize = 16;

/** XEN_NETIF_CTRL_TYPE_* */
const Request = {
  getHashFlags: 1,
  setHashFlags: 2,
  setHashKey: 3,
  getMappingSize: 4,
  setMappingSize: 5,
  setMapping: 6,
  setAlgorithm: 7,
} as const;
/** XEN_NETIF_CTRL_STATUS_* */
const Status = { success: 0, notSupported: 1, invalidParameter: 2 } as const;
/** XEN_NETIF_CTRL_HASH_ALGORITHM_* */
const Algorithm = { none: 0, toeplitz: 1 } as const;
/** Bits of XEN_NETIF_CTRL_HASH_TYPE_*, which are also the types in a hash's extra. */
const HashType = { ipv4: 0, ipv4Tcp: 1, ipv6: 2, ipv6Tcp: 3 } as const;
const allTypes = 15;

/** XEN_NETBK_MAX_HASH_KEY_SIZE and XEN_NETBK_MAX_HASH_MAPPING_SIZE */
const keySize = 40;
const mappingMax = 128;

/** What a frame's extra says of its hash. */
export interface FrameHash {
  readonly type: number;
  readonly value: number;
}

export class FlowHash {
  private algorithm: number = Algorithm.none;
  private types = 0;
  private readonly key = new Uint8Array(keySize);
  private mapping: number[] = [];

  /** Serves all requests on the control ring. Returns whether the front end is to be notified. */
  serve(
    ring: BackRing,
    queues: number,
    copyFrom: (reference: number, offset: number, into: Uint8Array) => boolean,
  ): boolean {
    for (let left = ring.size; left > 0 && ring.waiting > 0; left--) {
      const bytes = ring.take();
      const request = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const word = (index: number): number => request.getUint32(4 + 4 * index, true);
      const type = request.getUint16(2, true);
      const [status, data] = this.answer(type, [word(0), word(1), word(2)], queues, copyFrom);
      const response = new DataView(new ArrayBuffer(12));
      response.setUint16(0, request.getUint16(0, true), true);
      response.setUint16(2, type, true);
      response.setUint32(4, status, true);
      response.setUint32(8, data, true);
      ring.put(new Uint8Array(response.buffer));
    }
    return ring.push();
  }

  /** A frame's hash; null if the front end wants none of it. */
  of(bytes: Uint8Array): FrameHash | null {
    if (this.algorithm === Algorithm.none) return null;
    const version = (bytes[12] ?? 0) * 256 + (bytes[13] ?? 0);
    const shape = shapes[version];
    if (!shape || bytes.length < shape.ports(bytes) + 4) return null;
    const addresses = bytes.subarray(shape.addresses, shape.addresses + shape.length);
    const wants = (type: number): boolean => ((this.types >> type) & 1) === 1;
    if (bytes[shape.protocol] === tcp && wants(shape.tcpType)) {
      const ports = bytes.subarray(shape.ports(bytes), shape.ports(bytes) + 4);
      return { type: shape.tcpType, value: toeplitz(this.key, [...addresses, ...ports]) };
    }
    return wants(shape.type) ? { type: shape.type, value: toeplitz(this.key, [...addresses]) } : null;
  }

  /** The queue for a hash, of so many. */
  queueFor({ value }: FrameHash, queues: number): number {
    const size = this.mapping.length;
    return size === 0 ? value % queues : (this.mapping[value % size] ?? 0);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.algorithm, this.types, this.key, this.mapping);
  }

  private answer(
    type: number,
    [first, second, third]: readonly [number, number, number],
    queues: number,
    copyFrom: (reference: number, offset: number, into: Uint8Array) => boolean,
  ): readonly [status: number, data: number] {
    const judged = (isValid: boolean): readonly [number, number] => [
      isValid ? Status.success : Status.invalidParameter,
      0,
    ];
    switch (type) {
      case Request.setAlgorithm: {
        const isKnown = first === Algorithm.none || first === Algorithm.toeplitz;
        if (isKnown) this.algorithm = first;
        return judged(isKnown);
      }
      case Request.getHashFlags:
        return this.algorithm === Algorithm.none ? [Status.notSupported, 0] : [Status.success, allTypes];
      case Request.setHashFlags: {
        const isValid = (first & ~allTypes) === 0 && this.algorithm !== Algorithm.none;
        if (isValid) this.types = first;
        return judged(isValid);
      }
      case Request.setHashKey: {
        const key = new Uint8Array(Math.min(second, keySize));
        const isValid = second <= keySize && (second === 0 || copyFrom(first, 0, key));
        if (isValid) this.key.fill(0).set(key);
        return judged(isValid);
      }
      case Request.getMappingSize:
        return [Status.success, mappingMax];
      case Request.setMappingSize:
        if (first <= mappingMax) this.mapping = Array(first).fill(0);
        return judged(first <= mappingMax);
      case Request.setMapping:
        return judged(this.setMapping({ reference: first, count: second, at: third }, queues, copyFrom));
      default:
        return [Status.notSupported, 0];
    }
  }

  private setMapping(
    { reference, count, at }: { readonly reference: number; readonly count: number; readonly at: number },
    queues: number,
    copyFrom: (reference: number, offset: number, into: Uint8Array) => boolean,
  ): boolean {
    if (at + count > this.mapping.length) return false;
    const bytes = new Uint8Array(4 * count);
    if (count > 0 && !copyFrom(reference, 0, bytes)) return false;
    const view = new DataView(bytes.buffer);
    const entries = Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
    if (entries.some((queue) => queue >= queues)) return false;
    this.mapping.splice(at, count, ...entries);
    return true;
  }
}

const tcp = 6;

/** Where a packet has what is hashed, by EtherType. */
const shapes: Readonly<
  Record<
    number,
    {
      readonly addresses: number;
      readonly length: number;
      readonly protocol: number;
      readonly ports: (bytes: Uint8Array) => number;
      readonly type: number;
      readonly tcpType: number;
    }
  >
> = {
  2048: {
    addresses: 26,
    length: 8,
    protocol: 23,
    ports: (bytes) => 14 + ((bytes[14] ?? 0) & 15) * 4,
    type: HashType.ipv4,
    tcpType: HashType.ipv4Tcp,
  },
  34525: {
    addresses: 22,
    length: 32,
    protocol: 20,
    ports: () => 54,
    type: HashType.ipv6,
    tcpType: HashType.ipv6Tcp,
  },
};

/** For each bit of the data that is set, the 32 bits of the key from that place on, added without carry. */
function toeplitz(key: Uint8Array, data: readonly number[]): number {
  const keyBits = (at: number): number => {
    let bits = 0;
    for (let i = 0; i < 32; i++) bits = (bits << 1) | (((key[(at + i) >> 3] ?? 0) >> (7 - ((at + i) & 7))) & 1);
    return bits >>> 0;
  };
  let hash = 0;
  for (const [i, byte] of data.entries())
    for (let bit = 0; bit < 8; bit++) if ((byte >> (7 - bit)) & 1) hash ^= keyBits(8 * i + bit);
  return hash >>> 0;
}
