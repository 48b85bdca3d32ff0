/** What encodings mean that have occurred; null: they are reserved. They are decoded often, and take long. */
const known = new Array<bigint | null | undefined>(2 ** 14);

/**
 * The immediates of logical instructions (Arm ARM J1.3, DecodeBitMasks): a run of ones, rotated, repeated over the
 * register. Undefined where the encoding is reserved.
 */
export function decodeBitMasks(sf: number, N: number, immr: number, imms: number): bigint | undefined {
  const encoding = (sf << 13) | (N << 12) | (immr << 6) | imms;
  let value = known[encoding];
  if (value === undefined) {
    value = bitMask(sf, N, immr, imms) ?? null;
    known[encoding] = value;
  }
  return value ?? undefined;
}

function bitMask(sf: number, N: number, immr: number, imms: number): bigint | undefined {
  if (!sf && N) return undefined;
  const combined = (N << 6) | (~imms & 0x3f);
  if (combined === 0) return undefined;
  const length = 31 - Math.clz32(combined);
  if (length < 1) return undefined;
  const size = 1 << length;
  const levels = size - 1;
  const s = imms & levels;
  const r = immr & levels;
  if (s === levels) return undefined;
  const width = BigInt(size);
  const run = (1n << BigInt(s + 1)) - 1n;
  let element = BigInt.asUintN(size, (run >> BigInt(r)) | (run << (width - BigInt(r))));
  for (let bits = size; bits < 64; bits *= 2) element |= element << BigInt(bits);
  return BigInt.asUintN(sf ? 64 : 32, element);
}

/** The encoding of a value as a logical immediate, or undefined if it has none. */
export function encodeBitMask(sf: number, value: bigint): { N: number; immr: number; imms: number } | undefined {
  const target = BigInt.asUintN(sf ? 64 : 32, value);
  const whole = sf ? target : target | (target << 32n);
  for (let size = 2; size <= 64; size *= 2) {
    const mask = (1n << BigInt(size)) - 1n;
    const element = whole & mask;
    let repeated = element;
    for (let bits = size; bits < 64; bits *= 2) repeated |= repeated << BigInt(bits);
    if (BigInt.asUintN(64, repeated) !== whole || element === 0n || element === mask) continue;
    let count = 0;
    for (let v = element; v !== 0n; v &= v - 1n) count++;
    // Where the run begins: if it wraps around, above the zeros, else at the lowest one.
    const wraps = (element & 1n) !== 0n && element >> BigInt(size - 1) !== 0n;
    const gap = wraps ? element ^ mask : element;
    const lowest = (gap & -gap).toString(2).length - 1;
    const start = wraps ? lowest + size - count : lowest;
    const run = (1n << BigInt(count)) - 1n;
    const rotated = ((run << BigInt(start)) | (run >> BigInt(size - start))) & mask;
    if (rotated !== element) return undefined;
    const imms = (~(size * 2 - 1) & 0x3f) | (count - 1);
    return { N: size === 64 ? 1 : 0, immr: (size - start) % size, imms };
  }
  return undefined;
}
