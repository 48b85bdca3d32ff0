/** What the HTTP server writes itself. */
import type { FolderEntry } from './folder.ts';

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  md: 'text/plain; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
};

export const htmlType = types.html as string;

export const typeOf = (path: string): string =>
  types[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';

export const reasons: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  303: 'See Other',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  411: 'Length Required',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

const page = (title: string, body: string): string =>
  `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>\n` +
  `<body><h1>${escaped(title)}</h1>\n${body}\n</body></html>\n`;

export const errorPage = (status: number, text: string): string =>
  page(`${status} ${reasons[status] ?? ''}`, `<p>${escaped(text)}</p>`);

/** The files of a directory, and a form to add some. */
export function listingPage(path: string, entries: readonly FolderEntry[]): string {
  const rows = entries.map(({ name, isDirectory, size }) => {
    const link = `${encodeURIComponent(name)}${isDirectory ? '/' : ''}`;
    return `<a href="./${link}">${escaped(name)}${isDirectory ? '/' : ''}</a>${isDirectory ? '' : `  ${size}`}`;
  });
  const up = path === '/' ? [] : ['<a href="../">../</a>'];
  return page(
    `Index of ${path}`,
    `<pre>\n${[...up, ...rows].join('\n')}\n</pre>\n<form method="post" enctype="multipart/form-data">` +
      '<input type="file" name="file" multiple> <button>Upload</button></form>',
  );
}
