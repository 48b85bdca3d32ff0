/** Requests of HTTP/1.1 (RFC 9112). */

export interface Request {
  readonly method: string;
  /** The path, decoded, absolute and without dots; null if it is none. */
  readonly path: string | null;
  /** As it was sent. */
  readonly target: string;
  /** Whether it asks for a directory. */
  readonly isDirectory: boolean;
  /** By names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly minor: number;
}

/** A head may have this many bytes. */
export const maxHead = 16 * 1024;

/** Where the head ends, with the empty line after it; -1 if that has not come. */
export function headEnd(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 10) continue;
    if (bytes[at + 1] === 10) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}

/** Null if it is no request of HTTP/1. */
export function readHead(bytes: Uint8Array): Request | null {
  const [first = '', ...lines] = new TextDecoder('latin1').decode(bytes).trimEnd().split(/\r?\n/);
  const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.(\d)$/.exec(first);
  if (!line) return null;
  const [, method, target, minor] = line as unknown as [string, string, string, string];
  const headers = new Map<string, string>();
  for (const field of lines) {
    const colon = field.indexOf(':');
    if (colon < 1 || /\s/.test(field.slice(0, colon))) return null;
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    if (name === 'content-length' && headers.has(name) && headers.get(name) !== value) return null;
    headers.set(name, value);
  }
  const raw = target.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  return { method, target, path: pathOf(raw), isDirectory: raw.endsWith('/'), headers, minor: Number(minor) };
}

function pathOf(raw: string): string | null {
  if (!raw.startsWith('/')) return null;
  try {
    const names: string[] = [];
    for (const part of raw.split('/')) {
      const name = decodeURIComponent(part);
      if (name.includes('/') || name.includes('\0')) return null;
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    return `/${names.join('/')}`;
  } catch {
    return null; // % without two digits
  }
}

/** The part of a file that `Range` asks for (RFC 9110, 14.2): null for all of it, `none` if there is no such part. */
export function readRange(header: string | undefined, length: number): { from: number; to: number } | null | 'none' {
  const range = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!range || (range[1] === '' && range[2] === '')) return null;
  const [first, last] = [range[1] as string, range[2] as string];
  if (first === '') {
    const count = Math.min(Number(last), length);
    return count === 0 ? 'none' : { from: length - count, to: length };
  }
  const from = Number(first);
  const to = last === '' ? length : Math.min(Number(last) + 1, length);
  if (last !== '' && Number(last) < from) return null;
  return from >= length ? 'none' : { from, to };
}
