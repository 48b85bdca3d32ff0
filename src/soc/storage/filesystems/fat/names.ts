/** Names of FAT: short ones of 8 and 3 characters, and long ones in entries of their own (section 7). */
import { FileSystemError, viewOf } from '../disk-part.ts';

/** Where a long name's entry has its 13 characters. */
const places = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** Code page 437 from 0x80 on, which Linux and mtools take for short names. */
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ';

/** Checks the short name that a long one belongs to. */
export const shortNameChecksum = (name: Uint8Array): number =>
  name.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);

/** The characters of a long name's entry, up to the end of the name. */
export function longNamePart(entry: Uint8Array): string {
  const view = viewOf(entry);
  const units = places.map((at) => view.getUint16(at, true));
  const end = units.indexOf(0);
  return String.fromCharCode(...(end < 0 ? units : units.slice(0, end)));
}

/** A short name as text. Windows NT and Linux mark in byte 12 which half is in lower case. */
export function shortName(entry: Uint8Array): string {
  const half = (from: number, to: number, isLower: boolean): string => {
    let text = '';
    for (let at = from; at < to; at++) {
      const byte = at === 0 && entry[0] === 0x05 ? 0xe5 : (entry[at] as number);
      text += byte < 0x80 ? String.fromCharCode(byte) : codePage437.charAt(byte - 0x80);
    }
    text = text.trimEnd();
    return isLower ? text.toLowerCase() : text;
  };
  const marks = entry[12] as number;
  const extension = half(8, 11, (marks & 0x10) !== 0);
  return half(0, 8, (marks & 0x08) !== 0) + (extension === '' ? '' : `.${extension}`);
}

const isShort = /^[A-Z0-9!#$%&'()\-@^_`{}~]{1,8}(\.[A-Z0-9!#$%&'()\-@^_`{}~]{1,3})?$/;
const isLong = /^[^\p{Cc}"*/:<>?\\|]+$/u;

/** Throws FileSystemError for a name that FAT cannot have. */
function checkName(name: string): void {
  if (!isLong.test(name) || name.length > 255 || /[. ]$/.test(name) || name.startsWith(' '))
    throw new FileSystemError(`cannot have a file named “${name}”`);
}

/** The 11 bytes of a name that is short. */
function shortBytes(name: string): Uint8Array {
  const [base = '', extension = ''] = name.split('.');
  return new TextEncoder().encode(base.padEnd(8) + extension.padEnd(3));
}

/**
 * The directory entries of a name: those of the long name if it needs one, and 32 bytes that begin with the short
 * name, which is none of those `taken` and is added to them.
 */
export function nameEntries(name: string, taken: Set<string>): Uint8Array[] {
  checkName(name);
  if (isShort.test(name) && !taken.has(name)) {
    taken.add(name);
    const entry = new Uint8Array(32);
    entry.set(shortBytes(name));
    return [entry];
  }
  const alias = shortAlias(name, taken);
  taken.add(alias);
  const short = new Uint8Array(32);
  short.set(shortBytes(alias));
  const checksum = shortNameChecksum(short.subarray(0, 11));
  const count = Math.ceil(name.length / places.length);
  const long = Array.from({ length: count }, (_, i) => longEntry(name, count - 1 - i, count, checksum));
  return [...long, short];
}

function longEntry(name: string, part: number, count: number, checksum: number): Uint8Array {
  const entry = new Uint8Array(32);
  const view = viewOf(entry);
  entry[0] = part + 1 + (part === count - 1 ? 0x40 : 0);
  entry[11] = 0x0f;
  entry[13] = checksum;
  for (const [i, place] of places.entries()) {
    const at = part * places.length + i;
    view.setUint16(place, at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff, true);
  }
  return entry;
}

/** A short name with a number, such as `EXTLIN~1.CON`. */
function shortAlias(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf('.');
  const clean = (text: string): string =>
    text
      .toUpperCase()
      .replace(/[ .]/g, '')
      .replace(/[^A-Z0-9!#$%&'()\-@^_`{}~]/g, '_');
  const base = clean(dot > 0 ? name.slice(0, dot) : name);
  const extension = dot > 0 ? clean(name.slice(dot + 1)).slice(0, 3) : '';
  for (let n = 1; ; n++) {
    const alias = `${base.slice(0, 7 - String(n).length)}~${n}${extension === '' ? '' : `.${extension}`}`;
    if (!taken.has(alias)) return alias;
  }
}
