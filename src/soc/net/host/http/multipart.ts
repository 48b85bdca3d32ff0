/** Files in a form that a browser sends (RFC 7578). */

export interface FormFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of a form with this content type; null if it is no such form. */
export function readForm(contentType: string, body: Uint8Array): FormFile[] | null {
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  if (!boundary) return null;
  const mark = Uint8Array.from(`--${boundary[1] ?? boundary[2]}`, (letter) => letter.charCodeAt(0));
  const files: FormFile[] = [];
  let at = find(body, mark, 0);
  if (at < 0) return null;
  for (;;) {
    at += mark.length;
    if (body[at] === 0x2d && body[at + 1] === 0x2d) return files;
    const next = find(body, mark, at);
    if (next < 0) return null;
    // The part is between the end of line behind the mark and the one before the next.
    const file = readPart(body.subarray(at + 2, Math.max(at + 2, next - 2)));
    if (file) files.push(file);
    at = next;
  }
}

function readPart(part: Uint8Array): FormFile | null {
  const gap = find(part, Uint8Array.of(13, 10, 13, 10), 0);
  if (gap < 0) return null;
  const head = new TextDecoder().decode(part.subarray(0, gap));
  const named = /^content-disposition:[^\n]*;\s*filename="([^"]*)"/im.exec(head);
  const name = (named?.[1] ?? '').split(/[/\\]/).pop() ?? '';
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) return null;
  return { name, bytes: part.slice(gap + 4) };
}

function find(bytes: Uint8Array, what: Uint8Array, from: number): number {
  const first = what[0] as number;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < what.length && bytes[at + same] === what[same]) same++;
    if (same === what.length) return at;
  }
  return -1;
}
