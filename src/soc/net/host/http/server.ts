/**
 * An HTTP/1.1 server (RFC 9110, 9112) of a folder: GET and HEAD with ranges, lists of directories, and uploads by PUT and
 * by the form in such a list.
 */
import { defined } from '../../../../base/assert.ts';
import type { Hasher } from '../../../../base/hasher.ts';
import { bytes, flag, list, nullable, pair, record, type Shape, text, whole } from '../../../../base/shape.ts';
import type { Closed, Connection, Service } from '../tcp/connection.ts';
import { type Body, type BodyData, ByteList, bodyData, bodyOf, ChunkedBody, CountedBody } from './body.ts';
import { type Content, contentOf, type Folder, type FolderState, type StoreError } from './folder.ts';
import { readForm } from './multipart.ts';
import { errorPage, htmlType, listingPage, reasons, typeOf } from './pages.ts';
import { headEnd, maxHead, type Request, readHead, readRange } from './request.ts';

export const httpPort = 80;

/** One upload, and all that are under way. */
const maxUpload = 64 * 2 ** 20;
const maxUploads = 128 * 2 ** 20;
/** What a client may send ahead while it is being answered. */
const maxAhead = 64 * 1024;
/** Bytes of an answer that are handed to TCP at a time. */
const chunk = 64 * 1024;
const queueAhead = 256 * 1024;

const none = new Uint8Array();
const encoder = new TextEncoder();

interface Exchange {
  /** What has arrived and is not used yet. */
  input: ByteList;
  request: Request | null;
  body: Body | null;
  /** What remains of the answer. */
  answer: { readonly content: Content; at: number; readonly end: number } | null;
  /** The connection ends after the answer. */
  isLast: boolean;
  /** The client sends no more. */
  hasEnded: boolean;
}

interface ExchangeState {
  readonly input: Uint8Array;
  readonly request: (Omit<Request, 'headers'> & { readonly headers: readonly (readonly [string, string])[] }) | null;
  readonly body: BodyData | null;
  /** The rest of the answer, from `at` on. */
  readonly answer: { readonly at: number; readonly rest: Uint8Array } | null;
  readonly isLast: boolean;
  readonly hasEnded: boolean;
}

export interface HttpState {
  readonly folder: FolderState;
  /** By the places of their connections among all. */
  readonly exchanges: readonly (readonly [connection: number, ExchangeState])[];
}

export const httpState: Shape<HttpState> = record<HttpState>({
  folder: list(pair(text, bytes)),
  exchanges: list(
    pair(
      whole(),
      record<ExchangeState>({
        input: bytes,
        request: nullable(
          record<NonNullable<ExchangeState['request']>>({
            method: text,
            path: nullable(text),
            target: text,
            isDirectory: flag,
            headers: list(pair(text, text)),
            minor: whole(),
          }),
        ),
        body: nullable(bodyData),
        answer: nullable(record({ at: whole(), rest: bytes })),
        isLast: flag,
        hasEnded: flag,
      }),
    ),
  ),
});

export class HttpServer implements Service {
  readonly idleSeconds = 60;
  private readonly folder: Folder;
  private readonly exchanges = new Map<Connection, Exchange>();

  constructor(folder: Folder) {
    this.folder = folder;
  }

  received(connection: Connection, bytes: Uint8Array): void {
    const exchange = this.exchange(connection);
    if (exchange.isLast) return; // nothing more is read
    if (exchange.body && exchange.input.length === 0) {
      const used = exchange.body.take(bytes);
      if (used < bytes.length) exchange.input.add(bytes.subarray(used));
    } else exchange.input.add(bytes);
    this.advance(connection, exchange);
    if (exchange.input.length > maxAhead) connection.abort();
  }

  ended(connection: Connection): void {
    const exchange = this.exchange(connection);
    exchange.hasEnded = true;
    if (!exchange.answer) this.advance(connection, exchange);
  }

  writable(connection: Connection): void {
    const exchange = this.exchanges.get(connection);
    if (exchange?.answer) this.advance(connection, exchange);
  }

  closed(connection: Connection, _why: Closed): void {
    this.exchanges.delete(connection);
  }

  fingerprint(hasher: Hasher): void {
    this.folder.fingerprint?.(hasher);
    for (const { input, request, body, answer, isLast, hasEnded } of this.exchanges.values()) {
      hasher.add(input.view, request?.method, request?.target, body?.fingerprint ?? null, isLast, hasEnded);
      hasher.add(answer && [answer.at, answer.end]);
    }
  }

  /** @param connections all of the host, in their order */
  saveState(connections: readonly Connection[]): HttpState {
    const exchanges = [...this.exchanges].map(([connection, exchange]): HttpState['exchanges'][number] => {
      const { input, request, body, answer, isLast, hasEnded } = exchange;
      const state = {
        input: input.view,
        request: request && { ...request, headers: [...request.headers] },
        body: body?.saveState() ?? null,
        answer: answer && { at: answer.at, rest: answer.content.slice(answer.at, answer.end) },
        isLast,
        hasEnded,
      };
      return [connections.indexOf(connection), state];
    });
    return { folder: this.folder.saveState?.() ?? [], exchanges };
  }

  /** Continues from a saved state, after the connections have. Throws AssertionError. */
  loadState({ folder, exchanges }: HttpState, connections: readonly Connection[]): void {
    this.folder.loadState?.(folder);
    this.exchanges.clear();
    for (const [index, { input, request, body, answer, isLast, hasEnded }] of exchanges) {
      const list = new ByteList();
      list.add(input);
      this.exchanges.set(defined(connections[index], 'the connection of an exchange'), {
        input: list,
        request: request && { ...request, headers: new Map(request.headers) },
        body: body && bodyOf(body),
        answer: answer && restOf(answer),
        isLast,
        hasEnded,
      });
    }
  }

  private exchange(connection: Connection): Exchange {
    const known = this.exchanges.get(connection);
    if (known) return known;
    const made = { input: new ByteList(), request: null, body: null, answer: null, isLast: false, hasEnded: false };
    this.exchanges.set(connection, made);
    return made;
  }

  /** Goes on until more input is needed, or room to send. */
  private advance(connection: Connection, exchange: Exchange): void {
    for (;;) {
      if (exchange.answer && !this.pump(connection, exchange.answer)) return;
      exchange.answer = null;
      if (exchange.isLast) {
        connection.close();
        return;
      }
      if (!exchange.request && !this.begin(connection, exchange)) break;
      const { request, body } = exchange;
      if (!request) continue; // it was answered at once
      if (body && body.state === 'more') {
        const used = body.take(exchange.input.view);
        if (used > 0) exchange.input = rest(exchange.input, used);
      }
      if (body?.state === 'more') break;
      exchange.request = null;
      exchange.body = null;
      const { minor, headers } = request;
      const option = headers.get('connection')?.toLowerCase() ?? '';
      exchange.isLast = option.includes('close') || (minor === 0 && !option.includes('keep-alive'));
      if (body?.state === 'bad') this.refuse(connection, exchange, 400, 'The chunks of the body are not well formed.');
      else if (body?.state === 'long') this.refuseLong(connection, exchange);
      else this.serve(connection, exchange, request, body?.bytes.view ?? none);
    }
    if (exchange.hasEnded) connection.close();
  }

  /** Reads the head of a request. Returns whether there was one. */
  private begin(connection: Connection, exchange: Exchange): boolean {
    const { input } = exchange;
    const end = headEnd(input.view);
    if (end < 0 ? input.length > maxHead : end > maxHead) {
      this.refuse(connection, exchange, 431, 'The head of the request is too long.');
      return true;
    }
    if (end < 0) return false;
    const request = readHead(input.view.subarray(0, end));
    exchange.input = rest(input, end);
    if (!request) {
      this.refuse(connection, exchange, 400, 'This is no request of HTTP/1.1.');
      return true;
    }
    const { headers } = request;
    const coding = headers.get('transfer-encoding')?.toLowerCase();
    const length = headers.get('content-length') ?? '0';
    if (coding !== undefined && coding !== 'chunked') {
      this.refuse(connection, exchange, 501, 'The only transfer coding is chunked.');
      return true;
    }
    if (!/^\d{1,15}$/.test(length)) {
      this.refuse(connection, exchange, 400, 'Content-Length is no number.');
      return true;
    }
    const uploads = [...this.exchanges.values()].reduce((sum, { body }) => sum + (body?.bytes.length ?? 0), 0);
    const most = Math.min(maxUpload, maxUploads - uploads);
    const body = coding ? new ChunkedBody(most) : new CountedBody(Number(length), most);
    if (body.state === 'long') {
      this.refuseLong(connection, exchange);
      return true;
    }
    exchange.request = request;
    exchange.body = body;
    if (body.state === 'more' && headers.get('expect')?.toLowerCase() === '100-continue')
      connection.send(encoder.encode(`HTTP/1.1 100 ${reasons[100]}\r\n\r\n`));
    return true;
  }

  private serve(connection: Connection, exchange: Exchange, request: Request, body: Uint8Array): void {
    const { method, path } = request;
    if (path === null) {
      this.refuse(connection, exchange, 400, `${request.target} is no path.`);
      return;
    }
    switch (method) {
      case 'GET':
      case 'HEAD':
        this.get(connection, exchange, request, path);
        return;
      case 'PUT':
        this.put(connection, exchange, path, body);
        return;
      case 'POST':
        this.post(connection, exchange, request, path, body);
        return;
      default:
        this.answer(connection, exchange, 405, errorPage(405, `${method} is not served.`), {
          Allow: 'GET, HEAD, PUT, POST',
        });
    }
  }

  private get(
    connection: Connection,
    exchange: Exchange,
    { method, isDirectory, headers }: Request,
    path: string,
  ): void {
    const isHead = method === 'HEAD';
    const entries = this.folder.list(path);
    if (entries && !isDirectory) {
      const location = `${encodeURI(path)}/`;
      this.answer(connection, exchange, 301, errorPage(301, `See ${location}`), { Location: location }, isHead);
      return;
    }
    const index = `${path === '/' ? '' : path}/index.html`;
    const content = this.folder.read(entries ? index : path);
    if (entries && !content) {
      this.answer(connection, exchange, 200, listingPage(path, entries), {}, isHead);
      return;
    }
    if (!content || (isDirectory && !entries)) {
      this.answer(connection, exchange, 404, errorPage(404, `There is no ${path} here.`), {}, isHead);
      return;
    }
    const range = readRange(headers.get('range'), content.length);
    if (range === 'none') {
      const header = { 'Content-Range': `bytes */${content.length}` };
      this.answer(connection, exchange, 416, errorPage(416, `It has ${content.length} bytes.`), header, isHead);
      return;
    }
    const { from, to } = range ?? { from: 0, to: content.length };
    this.send(connection, exchange, {
      status: range ? 206 : 200,
      headers: {
        'Content-Type': typeOf(entries ? index : path),
        'Accept-Ranges': 'bytes',
        ...(range && { 'Content-Range': `bytes ${from}-${to - 1}/${content.length}` }),
      },
      content,
      from,
      to,
      isHead,
    });
  }

  private put(connection: Connection, exchange: Exchange, path: string, body: Uint8Array): void {
    const isNew = !this.folder.read(path);
    const error = this.folder.write(path, body);
    if (error) this.refuseToStore(connection, exchange, path, error);
    else if (isNew) this.answer(connection, exchange, 201, `${path}: ${body.length} bytes stored.\n`, plain);
    else this.answer(connection, exchange, 204, '', {});
  }

  private post(connection: Connection, exchange: Exchange, { headers }: Request, path: string, body: Uint8Array): void {
    if (!this.folder.list(path)) {
      this.answer(connection, exchange, 404, errorPage(404, `There is no directory ${path} here.`));
      return;
    }
    const files = readForm(headers.get('content-type') ?? '', body);
    if (!files) {
      this.answer(connection, exchange, 415, errorPage(415, 'Only a form with files (multipart/form-data) is taken.'));
      return;
    }
    for (const { name, bytes } of files) {
      const whole = `${path === '/' ? '' : path}/${name}`;
      const error = this.folder.write(whole, bytes);
      if (!error) continue;
      this.refuseToStore(connection, exchange, whole, error);
      return;
    }
    const location = path === '/' ? '/' : `${encodeURI(path)}/`;
    this.answer(connection, exchange, 303, errorPage(303, `See ${location}`), { Location: location });
  }

  private refuseToStore(connection: Connection, exchange: Exchange, path: string, error: StoreError): void {
    if (error === 'full') this.answer(connection, exchange, 507, errorPage(507, `There is no room for ${path}.`));
    else if (error === 'exists') this.answer(connection, exchange, 409, errorPage(409, `${path} is a directory.`));
    else this.answer(connection, exchange, 409, errorPage(409, `There is no directory for ${path}.`));
  }

  private refuseLong(connection: Connection, exchange: Exchange): void {
    this.refuse(connection, exchange, 413, `An upload has ${maxUpload / 2 ** 20} MiB at most.`);
  }

  /** Answers what cannot be understood; what follows could not be either. */
  private refuse(connection: Connection, exchange: Exchange, status: number, text: string): void {
    exchange.request = null;
    exchange.body = null;
    exchange.isLast = true;
    exchange.input = new ByteList();
    this.answer(connection, exchange, status, errorPage(status, text));
  }

  private answer(
    connection: Connection,
    exchange: Exchange,
    status: number,
    text: string,
    headers: Readonly<Record<string, string>> = {},
    isHead = false,
  ): void {
    const content = contentOf(encoder.encode(text));
    const whole = { ...(text !== '' && { 'Content-Type': htmlType }), ...headers };
    this.send(connection, exchange, { status, headers: whole, content, from: 0, to: content.length, isHead });
  }

  private send(connection: Connection, exchange: Exchange, answer: Answer): void {
    const { status, headers, content, from, to, isHead } = answer;
    const fields: Record<string, string> = { Server: 'el2lab', ...headers };
    if (status !== 204) fields['Content-Length'] = `${to - from}`;
    if (exchange.isLast) fields.Connection = 'close';
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.send(encoder.encode(`HTTP/1.1 ${status} ${reasons[status]}\r\n${lines.join('')}\r\n`));
    exchange.answer = { content, at: from, end: isHead ? from : to };
  }

  /** Hands on as much of an answer as there is room for. Returns whether that was all. */
  private pump(connection: Connection, answer: NonNullable<Exchange['answer']>): boolean {
    while (answer.at < answer.end && connection.queued < queueAhead) {
      const to = Math.min(answer.at + chunk, answer.end);
      connection.send(answer.content.slice(answer.at, to));
      answer.at = to;
    }
    return answer.at === answer.end;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Content;
  readonly from: number;
  readonly to: number;
  readonly isHead: boolean;
}

/** An answer of which only the rest was kept. */
function restOf({ at, rest }: NonNullable<ExchangeState['answer']>): NonNullable<Exchange['answer']> {
  const end = at + rest.length;
  return { at, end, content: { length: end, slice: (from, to) => rest.subarray(from - at, to - at) } };
}

const plain = { 'Content-Type': 'text/plain; charset=utf-8' };

/** What is left of a list behind its first bytes. */
function rest(list: ByteList, from: number): ByteList {
  const left = new ByteList();
  left.add(list.view.subarray(from));
  return left;
}
