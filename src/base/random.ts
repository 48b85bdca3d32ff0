const u64 = (n: bigint): bigint => BigInt.asUintN(64, n);

/**
 * The machine's randomness: bytes that follow from a seed, by SplitMix64 (Steele, Lea, Flood: Fast Splittable
 * Pseudorandom Number Generators, 2014).
 */
export class RandomBytes {
  private _state: bigint;

  constructor(seed: number) {
    this._state = BigInt(seed);
  }

  /** What the next bytes follow from. */
  get state(): bigint {
    return this._state;
  }

  /** The next bytes. A count that is not a multiple of 8 wastes the rest of the last word. */
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(count / 8) * 8);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < count; at += 8) {
      this._state = u64(this._state + 0x9e37_79b9_7f4a_7c15n);
      let z = u64((this._state ^ (this._state >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
      z = u64((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
      view.setBigUint64(at, z ^ (z >> 31n));
    }
    return bytes.subarray(0, count);
  }
}
