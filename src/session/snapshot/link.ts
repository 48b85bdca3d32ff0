/**
 * Sessions as text, for the addresses of pages: a packed snapshot without a state, in which files that every page has are
 * only named. `1.` is the version, then base64url of what deflate makes of the length of the JSON, the JSON and its bytes.
 * A link may be from anybody: it is checked as a snapshot is, and no length in it is believed.
 */
import { fromBase64, toBase64 } from '../../base/base64.ts';
import { concatenated } from '../../base/bytes.ts';
import { Hasher } from '../../base/hasher.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Packed, pack, unpack } from './pack.ts';
import { through } from './streams.ts';

/** Changes when links of an earlier version can no longer be read. */
const linkVersion = '1';
/** Longer text is no link: mail programs and chats cut it off. */
export const maxLink = 32 * 1024;
/** So many bytes come out of a link at most. */
const maxUnpacked = 16 * 2 ** 20;
/** So many bytes all files that a link names have at most. */
const maxFiles = 512 * 2 ** 20;
/** Fewer bytes are kept as they are: a name takes as much. */
const leastFile = 64;

/** Files that a link need not hold, since the page that opens it has them. */
export interface Library {
  /** Names of those that may be what is called so: a file's name, or its path in Domain-0. */
  namesFor(called: string): Promise<readonly string[]>;
  /** The bytes of one; null if it cannot be had. */
  load(name: string): Promise<Uint8Array | null>;
}

/** How JSON names a file of the library: by name, and by digits that tell it from another version. */
const fileKey = '$file';
interface FileName {
  readonly [fileKey]: readonly [name: string, digits: string];
}

const digitsOf = (bytes: Uint8Array): string => new Hasher().add(bytes).digest().slice(0, 8);

/** A packed snapshot as the text of a link, however long. */
export async function linkOf(packed: Packed, library: Library): Promise<string> {
  const snapshot = unpack(packed);
  const named = new Map<Uint8Array, FileName>();
  for (const { bytes, called } of bytesIn(snapshot)) {
    const name = bytes.length < leastFile ? null : await nameOf(bytes, called, library);
    if (name !== null) named.set(bytes, { [fileKey]: [name, digitsOf(bytes)] });
  }
  return textOf(pack(mapped(snapshot, (value) => (value instanceof Uint8Array ? named.get(value) : undefined))));
}

/** A packed snapshot, in which files may be named, as text. */
export async function textOf({ json, bytes }: Packed): Promise<string> {
  const text = new TextEncoder().encode(json);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, text.length);
  const packedAgain = await through(new CompressionStream('deflate'), concatenated([head, text, bytes]), maxFiles);
  const base64 = toBase64(packedAgain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return `${linkVersion}.${base64}`;
}

/** The packed snapshot of a link. The error is one sentence for the user. */
export async function fromLink(link: string, library: Library): Promise<Result<Packed>> {
  const [, version, text] = link.match(/^(\d{1,9})\.([\w-]*)$/) ?? [];
  if (version === undefined || text === undefined || link.length > maxLink) return damaged;
  if (version !== linkVersion)
    return err(`The link is of version ${version}; this EL2 Lab reads version ${linkVersion}.`);
  const packed = fromBase64(
    text
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .padEnd(Math.ceil(text.length / 4) * 4, '='),
  );
  if (!packed) return damaged;
  try {
    const whole = await through(new DecompressionStream('deflate'), packed, maxUnpacked);
    const end = 4 + new DataView(whole.buffer, whole.byteOffset, whole.length).getUint32(0);
    if (end > whole.length) return damaged;
    const json = new TextDecoder('utf-8', { fatal: true }).decode(whole.subarray(4, end));
    return await withFiles({ json, bytes: whole.subarray(end) }, library);
  } catch (error) {
    // What the streams, the decoders and JSON throw for data that is none.
    if (error instanceof Error) return damaged;
    throw error;
  }
}

const damaged = err('The link is damaged or was cut off: its contents are not what was written.');

/** Puts the library's files where what a link holds names them. Throws SyntaxError or RangeError. */
export async function withFiles(packed: Packed, library: Library): Promise<Result<Packed>> {
  const snapshot = unpack(packed);
  const files = new Map<string, Uint8Array>();
  let length = 0;
  for (const value of valuesIn(snapshot)) {
    const named = fileNameIn(value);
    if (!named) continue;
    const [name, digits] = named;
    const bytes = files.get(name) ?? (await library.load(name));
    if (!bytes) return err(`The link needs ${name}, which this page does not have.`);
    if (!files.has(name) && digitsOf(bytes) !== digits)
      return err(`The link was made where ${name} is another one than here.`);
    files.set(name, bytes);
    length += bytes.length;
    if (length > maxFiles) return damaged;
  }
  return ok(
    pack(
      mapped(snapshot, (value) => {
        const named = fileNameIn(value);
        return named && files.get(named[0]);
      }),
    ),
  );
}

async function nameOf(bytes: Uint8Array, called: string, library: Library): Promise<string | null> {
  for (const name of await library.namesFor(called)) {
    const file = await library.load(name);
    if (file && isEqual(file, bytes)) return name;
  }
  return null;
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

function fileNameIn(value: unknown): FileName[typeof fileKey] | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, fileKey)) return undefined;
  const named: unknown = value[fileKey];
  if (!Array.isArray(named)) return undefined;
  const [name, digits]: readonly unknown[] = named;
  return typeof name === 'string' && typeof digits === 'string' ? [name, digits] : undefined;
}

/** All bytes in data, and what the record around them calls them. */
function* bytesIn(data: unknown): Generator<{ readonly bytes: Uint8Array; readonly called: string }> {
  for (const value of valuesIn(data)) {
    if (!isRecord(value)) continue;
    for (const [key, bytes] of Object.entries(value)) {
      const called = [value.name, value.path].find((name) => typeof name === 'string') ?? key;
      if (bytes instanceof Uint8Array) yield { bytes, called };
    }
  }
}

/** Data and all that is in it. */
function* valuesIn(data: unknown): Generator<unknown> {
  const waiting = [data];
  while (waiting.length > 0) {
    const value = waiting.pop();
    yield value;
    if (Array.isArray(value)) for (const item of value) waiting.push(item);
    else if (isRecord(value)) for (const item of Object.values(value)) waiting.push(item);
  }
}

/** A copy of data in which some values are replaced. */
function mapped(value: unknown, replace: (value: unknown) => unknown): unknown {
  const other = replace(value);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((item) => mapped(item, replace));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, replace)]));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
