/** Plain data with bytes in it as two things: JSON, in which the bytes are places, and the bytes themselves. */

/** How JSON names bytes: where they begin among all, and how many they are. */
const placeKey = '$bytes';
/** Bytes up to this many are copied when they are read, so that all of them need not stay for them. */
const copied = 0xffff;

/** Bytes from this many on are packed once if they are there twice: a kernel may be a file of Domain-0's, too. */
const shared = 0x4_0000;

export interface Packed {
  readonly json: string;
  readonly bytes: Uint8Array;
}

/** Packs records, lists, numbers, texts, bigints (as digits) and bytes, of which it makes a copy. */
export function pack(data: unknown): Packed {
  const parts: Uint8Array[] = [];
  const large: (readonly [from: number, bytes: Uint8Array])[] = [];
  let length = 0;
  const json = JSON.stringify(data, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    if (typeof value === 'bigint') return value.toString();
    // Node's Buffer would turn itself into JSON.
    const own = this[key];
    if (!(own instanceof Uint8Array)) return value;
    const known = own.length >= shared && large.find(([, bytes]) => isEqual(bytes, own));
    if (known) return { [placeKey]: [known[0], own.length] };
    const place = { [placeKey]: [length, own.length] };
    if (own.length >= shared) large.push([length, own]);
    parts.push(own);
    length += own.length;
    return place;
  });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { json, bytes };
}

/** What was packed, with bigints as digits. Throws SyntaxError or RangeError. */
export function unpack({ json, bytes }: Packed): unknown {
  // Few bytes are in two places, so what comes out is at most twice as large as what goes in.
  let left = 2 * bytes.length;
  return JSON.parse(json, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(placeKey in value)) return value;
    const place = value[placeKey];
    const [from, length]: readonly unknown[] = Array.isArray(place) ? place : [];
    const isPlace = isCount(from) && isCount(length) && from + length <= bytes.length && length <= left;
    if (!isPlace) throw new RangeError('no bytes are at that place');
    left -= length;
    return length > copied ? bytes.subarray(from, from + length) : bytes.slice(from, from + length);
  });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
