/** A name server (RFC 1035) for the stations of one network: it knows no other names. */
import { putWord16, putWord32, word16 } from '../frame.ts';
import { type Ipv4, ipText } from './address.ts';

export const dnsPort = 53;

/** What it knows. */
export interface Names {
  /** The name of the network, which may end a name. */
  readonly domain: string;
  addressOf(name: string): Ipv4 | null;
  nameOf(address: Ipv4): string | null;
}

const Type = { a: 1, ptr: 12, any: 255 } as const;
const internet = 1;
const Code = { ok: 0, badFormat: 1, noSuchName: 3, notImplemented: 4 } as const;
const headerLength = 12;
/** Names change when domains come and go, so answers are not kept for long. */
const secondsToLive = 10;
const response = 0x8000;
const authoritative = 0x0400;
const recursionDesired = 0x0100;
const recursionAvailable = 0x0080;

/** The answer to a query, or null if it is none. */
export function answerName(query: Uint8Array, names: Names): Uint8Array | null {
  if (query.length < headerLength) return null;
  const flags = word16(query, 2);
  if (flags & response) return null;
  const question = word16(query, 4) === 1 ? readQuestion(query) : null;
  const operation = (flags >> 11) & 0xf;
  if (operation !== 0) return reply(query, flags, Code.notImplemented, headerLength, null);
  if (!question) return reply(query, flags, Code.badFormat, headerLength, null);
  const { name, type, end } = question;
  const { exists, answer } = look(name, type, names);
  return reply(query, flags, exists ? Code.ok : Code.noSuchName, end, answer);
}

interface Answer {
  readonly type: number;
  readonly data: Uint8Array;
}

function look(name: string, type: number, names: Names): { exists: boolean; answer: Answer | null } {
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (reverse) {
    const [d, c, b, a] = reverse.slice(1).map(Number) as [number, number, number, number];
    const known = [a, b, c, d].every((part) => part < 256) ? names.nameOf(((a * 256 + b) * 256 + c) * 256 + d) : null;
    const data = known === null ? null : encodeName(`${known}.${names.domain}`);
    const isAsked = type === Type.ptr || type === Type.any;
    return { exists: data !== null, answer: data && isAsked ? { type: Type.ptr, data } : null };
  }
  const suffix = `.${names.domain}`;
  const address = names.addressOf(name.endsWith(suffix) ? name.slice(0, -suffix.length) : name);
  if (address === null) return { exists: false, answer: null };
  const isAsked = type === Type.a || type === Type.any;
  const data = Uint8Array.from(ipText(address).split('.').map(Number));
  return { exists: true, answer: isAsked ? { type: Type.a, data } : null };
}

/** The question in small letters; null if it is not whole. */
function readQuestion(query: Uint8Array): { name: string; type: number; end: number } | null {
  const labels: string[] = [];
  let at = headerLength;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return null; // a question needs no pointers
    at++;
    if (length === 0) break;
    if (at + length > query.length || at - headerLength > 255) return null;
    labels.push(String.fromCharCode(...query.subarray(at, at + length)));
    at += length;
  }
  if (at + 4 > query.length || word16(query, at + 2) !== internet) return null;
  return { name: labels.join('.').toLowerCase(), type: word16(query, at), end: at + 4 };
}

/** Header, the question up to `end`, and the answer, whose name points to that of the question. */
function reply(query: Uint8Array, flags: number, code: number, end: number, answer: Answer | null): Uint8Array {
  const length = answer ? 12 + answer.data.length : 0;
  const bytes = new Uint8Array(end + length);
  bytes.set(query.subarray(0, end));
  const kept = flags & (recursionDesired | 0x7800);
  putWord16(bytes, 2, response | authoritative | recursionAvailable | kept | code);
  putWord16(bytes, 4, end > headerLength ? 1 : 0);
  putWord16(bytes, 6, answer ? 1 : 0);
  putWord32(bytes, 8, 0);
  if (answer) {
    putWord16(bytes, end, 0xc000 | headerLength);
    putWord16(bytes, end + 2, answer.type);
    putWord16(bytes, end + 4, internet);
    putWord32(bytes, end + 6, secondsToLive);
    putWord16(bytes, end + 10, answer.data.length);
    bytes.set(answer.data, end + 12);
  }
  return bytes;
}

const encodeName = (name: string): Uint8Array =>
  Uint8Array.from([...name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]), 0]);
