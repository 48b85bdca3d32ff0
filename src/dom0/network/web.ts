/** BusyBox's wget, and the little of curl that scripts use. */
import { err, ok, type Result } from '../../base/result.ts';
import { ipText } from '../../soc/net/host/address.ts';
import type { Host } from '../../soc/net/host/host.ts';
import { ByteList, ChunkedBody } from '../../soc/net/host/http/body.ts';
import { headEnd } from '../../soc/net/host/http/request.ts';
import { dom0Costs } from '../os/costs.ts';
import { baseName, resolvePath } from '../os/files.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, Signal, type Task } from '../os/task.ts';
import { usage } from '../shell/programs/common.ts';
import { addressIn, untilFor } from './waiting.ts';

/** A server that says nothing for this long is given up. */
const silenceSeconds = 30;
const maxBody = 128 * 2 ** 20;
const maxRedirections = 5;

interface Url {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

interface Response {
  readonly status: number;
  readonly reason: string;
  readonly head: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

function readUrl(text: string): Url | null {
  const url = /^(?:http:\/\/)?([A-Za-z0-9.-]+)(?::(\d{1,5}))?(\/\S*)?$/.exec(text);
  return url ? { host: url[1] as string, port: Number(url[2] ?? 80), path: url[3] ?? '/' } : null;
}

/** Sends a request and reads the answer. The error is the reason without a program's name. */
function* fetchUrl(
  host: Host,
  url: Url,
  address: number,
  agent: string,
  upload: Uint8Array | null,
): Task<Result<Response>> {
  const happened = new Signal('http');
  const got = new ByteList();
  let end: string | null = null;
  let isOpen = false;
  let isDone = false;
  const connection = host.connect(address, url.port, {
    opened: () => {
      isOpen = true;
      happened.raise();
    },
    received: (own, bytes) => {
      if (got.length + bytes.length > maxBody) own.abort();
      else got.add(bytes);
      happened.raise();
    },
    ended: () => {
      end ??= 'ended';
      happened.raise();
    },
    closed: (_, why) => {
      end ??= why;
      happened.raise();
    },
  });
  try {
    yield* untilFor(host, happened, () => isOpen || end !== null, 120);
    if (!isOpen) {
      const reasons: Record<string, string> = { refused: 'Connection refused', unreachable: 'No route to host' };
      return err(reasons[end ?? ''] ?? 'Connection timed out');
    }
    const length = upload ? `Content-Length: ${upload.length}\r\n` : '';
    const name = url.port === 80 ? url.host : `${url.host}:${url.port}`;
    const head = `${upload ? 'PUT' : 'GET'} ${url.path} HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: ${agent}\r\n`;
    connection?.send(new TextEncoder().encode(`${head}${length}Connection: close\r\n\r\n`));
    if (upload) connection?.send(upload);
    for (;;) {
      const before = got.length;
      const isOver = yield* untilFor(host, happened, () => end !== null || got.length > before, silenceSeconds);
      const response = readResponse(got.view, end !== null);
      if (response) {
        connection?.close();
        isDone = true;
        return response;
      }
      if (end !== null || !isOver) return err(isOver ? 'error getting response' : 'Connection timed out');
    }
  } finally {
    if (!isDone) connection?.abort();
  }
}

/** Null while more is needed. */
function readResponse(bytes: Uint8Array, isOver: boolean): Result<Response> | null {
  const end = headEnd(bytes);
  if (end < 0) return null;
  const [first = '', ...lines] = new TextDecoder('latin1').decode(bytes.subarray(0, end)).trimEnd().split(/\r?\n/);
  const status = /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(first);
  if (!status) return err('error getting response');
  if (status[1] === '100') return readResponse(bytes.subarray(end), isOver);
  const headers = new Map(
    lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*:\s*/, '')]),
  );
  let body = bytes.subarray(end);
  const length = headers.get('content-length');
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') {
    const chunks = new ChunkedBody(maxBody);
    chunks.take(body);
    if (chunks.state === 'more') return isOver ? err('error getting response') : null;
    body = chunks.bytes.view;
  } else if (length !== undefined && /^\d+$/.test(length)) {
    if (body.length < Number(length)) return isOver ? err('Connection closed prematurely') : null;
    body = body.subarray(0, Number(length));
  } else if (!isOver && status[1] !== '204') return null;
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, end));
  return ok({ status: Number(status[1]), reason: status[2] ?? '', head, headers, body: body.slice() });
}

/** Where a redirection leads; null if it is none that can be followed. */
function redirected({ status, headers }: Response, from: Url): Url | null {
  const location = headers.get('location');
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return null;
  return location.startsWith('/') ? { ...from, path: location } : readUrl(location);
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function wgetProgram(host: Host): Program {
  return {
    name: 'wget',
    summary: 'fetch a file by HTTP',
    *run(context) {
      const { args, err: complain } = context;
      const words = [...args];
      let output: string | null = null;
      let isQuiet = false;
      const urls: string[] = [];
      for (let word = words.shift(); word !== undefined; word = words.shift()) {
        const short = /^-([qS]*)O(.*)$/.exec(word);
        if (short) {
          isQuiet ||= (short[1] as string).includes('q');
          output = short[2] || (words.shift() ?? '-');
        } else if (word === '-q') isQuiet = true;
        else if (word.startsWith('-')) return usage(context, '[-q] [-O FILE] URL');
        else urls.push(word);
      }
      let url = urls.length === 1 ? readUrl(urls[0] as string) : null;
      if (!url) return usage(context, '[-q] [-O FILE] URL');
      const say = (line: string): void => {
        if (!isQuiet) complain(line);
      };
      const fail = (why: string): number => {
        complain(`wget: ${why}\n`);
        return 1;
      };
      yield* compute(dom0Costs.smallProgram);
      for (let i = 0; i <= maxRedirections; i++) {
        const address = addressIn(host, url.host);
        if (address === null) return fail(`bad address '${url.host}'`);
        const shown = `${ipText(address)}:${url.port}`;
        say(`Connecting to ${url.host} (${shown})\n`);
        const answer: Result<Response> = yield* fetchUrl(host, url, address, 'Wget', null);
        if (!answer.ok) {
          const isConnection = /refused|route|timed/.test(answer.error);
          return fail(
            isConnection ? `can't connect to remote host (${ipText(address)}): ${answer.error}` : answer.error,
          );
        }
        const response = answer.value;
        const next = redirected(response, url);
        if (next) {
          url = next;
          continue;
        }
        if (response.status !== 200)
          return fail(`server returned error: HTTP/1.1 ${response.status} ${response.reason}`);
        return store(context, say, output ?? (baseName(url.path.replace(/[?#].*/, '')) || 'index.html'), response.body);
      }
      return fail('too many redirections');
    },
  };
}

function store(context: ProgramContext, say: (line: string) => void, output: string, body: Uint8Array): number {
  const bar = `100% |********************************| ${String(body.length).padStart(5)}  0:00:00 ETA\n`;
  if (output === '-') {
    say('writing to stdout\n');
    context.out(text(body));
    say(`-                    ${bar}written to stdout\n`);
    return 0;
  }
  say(`saving to '${output}'\n`);
  const written = context.files.write(resolvePath(output, context.directory), body);
  if (!written.ok) {
    context.err(`wget: can't open '${output}': ${written.error}\n`);
    return 1;
  }
  say(`${output.slice(0, 20).padEnd(21)}${bar}'${output}' saved\n`);
  return 0;
}

export function curlProgram(host: Host): Program {
  const usageText = '[-s] [-i] [-o FILE] [-T FILE] URL';
  return {
    name: 'curl',
    summary: 'fetch or send a file by HTTP',
    *run(context) {
      const words = [...context.args];
      let output: string | null = null;
      let upload: string | null = null;
      let showsHead = false;
      let target: string | null = null;
      for (let word = words.shift(); word !== undefined; word = words.shift()) {
        if (word === '-o') output = words.shift() ?? '';
        else if (word === '-T') upload = words.shift() ?? '';
        else if (word === '-i') showsHead = true;
        else if (/^-[sSf]+$/.test(word)) continue;
        else if (word.startsWith('-') || target !== null) return usage(context, usageText);
        else target = word;
      }
      const url = target === null ? null : readUrl(target);
      if (!url) return usage(context, usageText);
      yield* compute(dom0Costs.smallProgram);
      const address = addressIn(host, url.host);
      if (address === null) {
        context.err(`curl: (6) Could not resolve host: ${url.host}\n`);
        return 6;
      }
      const file = upload === null ? null : context.files.read(resolvePath(upload, context.directory));
      if (file && !file.ok) {
        context.err(`curl: (26) Failed to open/read local data from file/application\n`);
        return 26;
      }
      const path =
        upload !== null && url.path.endsWith('/') ? `${url.path}${encodeURIComponent(baseName(upload))}` : url.path;
      const answer = yield* fetchUrl(host, { ...url, path }, address, 'curl', file?.ok ? file.value : null);
      if (!answer.ok) {
        context.err(`curl: (7) Failed to connect to ${url.host} port ${url.port}: ${answer.error}\n`);
        return 7;
      }
      const { head, body } = answer.value;
      if (showsHead) context.out(head);
      if (output === null || output === '-') context.out(text(body));
      else {
        const written = context.files.write(resolvePath(output, context.directory), body);
        if (!written.ok) {
          context.err(`curl: (23) ${output}: ${written.error}\n`);
          return 23;
        }
      }
      return 0;
    },
  };
}
