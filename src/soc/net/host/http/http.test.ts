import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hasher } from '../../../../base/hasher.ts';
import { numbered, testHost } from '../host-testing.ts';
import type { Connection } from '../tcp/connection.ts';
import { ByteList } from './body.ts';

const hostAddress = 0x0a00_0001;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A client that sends pieces, and keeps what comes. */
function client() {
  const machine = testHost();
  const guest = machine.station();
  return {
    ...machine,
    talk: (...pieces: readonly (string | Uint8Array)[]) => {
      const got = new ByteList();
      const log: string[] = [];
      const connection: Connection | null = guest.connect(hostAddress, 80, {
        received: (_, more) => got.add(more),
        ended: (own) => {
          log.push('ended');
          own.close();
        },
        closed: (_, why) => log.push(why),
      });
      machine.pass(0.01);
      for (const piece of pieces) {
        connection?.send(typeof piece === 'string' ? bytes(piece) : piece);
        machine.pass(0.5);
      }
      return { text: new TextDecoder('latin1').decode(got.view), bytes: got.view, log, connection };
    },
  };
}

const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: dom0\r\n${headers.map((h) => `${h}\r\n`).join('')}\r\n`;
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => Number(code));

test('it serves files, whole and in parts, one after the other', () => {
  const { talk, pass } = client();
  const { text, log } = talk(
    get('/readme.txt') + get('/readme.txt', 'Range: bytes=1-2').slice(0, 30),
    get('/readme.txt', 'Range: bytes=1-2').slice(30),
  );
  expect(text).toBe(
    'HTTP/1.1 200 OK\r\nServer: el2lab\r\nContent-Type: text/plain; charset=utf-8\r\nAccept-Ranges: bytes\r\n' +
      'Content-Length: 6\r\n\r\nhello\n' +
      'HTTP/1.1 206 Partial Content\r\nServer: el2lab\r\nContent-Type: text/plain; charset=utf-8\r\n' +
      'Accept-Ranges: bytes\r\nContent-Range: bytes 1-2/6\r\nContent-Length: 2\r\n\r\nel',
  );
  expect(log).toEqual([]);
  pass(70);
  expect(log).toEqual(['reset']); // it has been idle for too long
  const big = talk(get('/big.bin', 'Connection: close'));
  expect(Buffer.compare(big.bytes.subarray(-300_000), numbered(300_000))).toBe(0);
  expect(big.log).toContain('ended');
  expect(talk('HEAD /big.bin HTTP/1.0\r\n\r\n').text).toMatch(/Content-Length: 300000\r\n.*\r\n\r\n$/s);
});

test.each([
  [get('/'), 200, 'readme.txt</a>  6'],
  [get('http://dom0/?C=N'), 200, 'Index of /'],
  [get('/none'), 404, 'There is no /none here.'],
  [get('/%2e%2e/%2E./etc/passwd'), 404, '/etc/passwd'],
  [get('/%'), 400, 'is no path'],
  [get('/<b>'), 404, 'There is no /&#60;b&#62; here.'],
  [get('/readme.txt', 'Range: bytes=9-'), 416, 'bytes */6'],
  [get('/readme.txt', 'Range: bytes=-2'), 206, 'bytes 4-5/6'],
  ['DELETE /readme.txt HTTP/1.1\r\n\r\n', 405, 'Allow: GET, HEAD, PUT, POST'],
  ['hello\r\n\r\n', 400, 'no request'],
  ['GET / HTTP/1.1\r\nbad header\r\n\r\n', 400, 'no request'],
  [`GET / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}`, 431, 'too long'],
  ['PUT /x HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n', 413, '64 MiB'],
  ['PUT /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400, 'no number'],
  ['PUT /x HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n', 501, 'chunked'],
  ['PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400, 'well formed'],
  ['PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\n.', 409, '/ is a directory'],
  ['PUT /a/b HTTP/1.1\r\nContent-Length: 1\r\n\r\n.', 409, 'no directory for /a/b'],
  ['POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n.', 415, 'multipart/form-data'],
])('%j is answered with %i', (request, status, part) => {
  const { text } = client().talk(request);
  expect(statuses(text)).toEqual([status]);
  expect(text).toContain(part);
});

test('files are stored by PUT, of known length or in chunks, and by a form', () => {
  const { talk, folder } = client();
  const stored = (name: string) => Buffer.from(folder.read(name)?.slice(0, 1e6) ?? []).toString('latin1');
  const head = 'PUT /a%20b.txt HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n';
  expect(statuses(talk(head, 'hello', ' world').text)).toEqual([100, 201]);
  expect(stored('/a b.txt')).toBe('hello world');
  const chunked = 'PUT /a%20b.txt HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
  expect(
    statuses(talk(`${chunked}5;x=y\r\nab`, 'cde\r\n1\r\nf\r', `\n0\r\nTrailer: 1\r\n\r\n${get('/a%20b.txt')}`).text),
  ).toEqual([204, 200]);
  expect(stored('/a b.txt')).toBe('abcdef');
  const form =
    '--XX\r\nContent-Disposition: form-data; name="file"; filename="C:\\f\\one.txt"\r\n\r\n1\r\n2\r\n' +
    '--XX\r\nContent-Disposition: form-data; name="text"\r\n\r\nno file\r\n' +
    '--XX\r\nContent-Disposition: form-data; name="file"; filename="two"\r\nContent-Type: x/y\r\n\r\n\r\n--XX--\r\n';
  const post = `POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: ${form.length}\r\n\r\n`;
  expect(statuses(talk(post + form).text)).toEqual([303]);
  expect([stored('/one.txt'), stored('/two'), folder.list('/')?.length]).toEqual(['1\r\n2', '', 5]);
  const most = numbered(800_000);
  expect(statuses(talk('PUT /most HTTP/1.1\r\nContent-Length: 800000\r\n\r\n', most).text)).toEqual([507]);
  expect(folder.read('/most')).toBeNull();
});

test('any bytes may be sent, in any pieces', () => {
  const words = [
    'GET / HTTP/1.1\r\n',
    'PUT /x HTTP/1.1\r\n',
    'POST / HTTP/1.0\r\n',
    '\r\n',
    '\n',
    ':',
    'Content-Length: 3\r\n',
  ];
  const more = [
    'Transfer-Encoding: chunked\r\n',
    'Content-Type: multipart/form-data; boundary=b\r\n',
    '--b',
    '0',
    'ff\r\n',
    'Range: bytes=0-\r\n',
  ];
  const piece = fc.oneof(fc.constantFrom(...words, ...more), fc.uint8Array({ maxLength: 20 }));
  const machine = client();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      machine.talk(...pieces).connection?.abort();
      machine.host.fingerprint(new Hasher());
    }),
    { numRuns: 300 },
  );
  expect(statuses(machine.talk(get('/readme.txt')).text)).toEqual([200]);
});
