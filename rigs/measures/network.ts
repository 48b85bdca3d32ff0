/** How fast the built-in host's TCP is through a bridge, with a client of the same kind. */
import { assert } from '../../src/base/assert.ts';
import type { Connection } from '../../src/soc/net/host/host.ts';
import { testHost } from '../../src/soc/net/host/host-testing.ts';

export interface NetworkFigures {
  /** Megabytes per second of host time, from the host to a station and back. */
  readonly download: number;
  readonly upload: number;
  /** The same per second of virtual time. */
  readonly virtualDownload: number;
  readonly virtualUpload: number;
  /** HTTP requests per second of host time, each on a connection of its own. */
  readonly requests: number;
}

const size = 64 * 2 ** 20;

export function measureNetwork(cpuMs: () => number): NetworkFigures {
  const transfer = (head: string, body: Uint8Array, expected: number) => {
    const { station, pass, clock, folder } = testHost({}, 2 * size);
    folder.write('/big', new Uint8Array(size));
    const guest = station();
    let got = 0;
    let sent = 0;
    let finished = -1;
    const sendMore = (own: Connection): void => {
      for (; sent < body.length && own.queued < 2 ** 18; sent += 2 ** 16) own.send(body.subarray(sent, sent + 2 ** 16));
    };
    const start = cpuMs();
    guest.connect(0x0a00_0001, 80, {
      opened: (own) => {
        own.send(new TextEncoder().encode(head));
        sendMore(own);
      },
      writable: (own) => sendMore(own),
      received: (_, bytes) => {
        got += bytes.length;
        if (got >= expected && finished < 0) finished = clock.now;
      },
      ended: (own) => own.close(),
      closed: () => {},
    });
    for (let i = 0; i < 10_000 && finished < 0; i++) pass(0.001);
    assert(finished > 0, 'all of it has come');
    const seconds = (cpuMs() - start) / 1e3;
    return { real: size / 1e6 / seconds, virtual: size / 1e6 / (finished / clock.hz) };
  };
  const none = new Uint8Array();
  const download = () => transfer('GET /big HTTP/1.1\r\n\r\n', none, size);
  const upload = () => transfer(`PUT /other HTTP/1.1\r\nContent-Length: ${size}\r\n\r\n`, new Uint8Array(size), 1);
  download();
  const [down, up] = [download(), upload()];

  const { station, pass } = testHost();
  const guest = station();
  const count = 5000;
  let answered = 0;
  const start = cpuMs();
  for (let i = 0; i < count; i++) {
    guest.connect(0x0a00_0001, 80, {
      opened: (own) => own.send(new TextEncoder().encode('GET /readme.txt HTTP/1.1\r\nConnection: close\r\n\r\n')),
      received: () => {},
      ended: (own) => {
        answered++;
        own.close();
      },
      closed: () => {},
    });
    pass(0.001);
  }
  assert(answered === count, 'each request is answered');
  return {
    download: down.real,
    upload: up.real,
    virtualDownload: down.virtual,
    virtualUpload: up.virtual,
    requests: count / ((cpuMs() - start) / 1e3),
  };
}
