import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hasher } from '../../../../base/hasher.ts';
import { Flag, type Segment } from './segment.ts';
import { Recorder, tcpPair, type Wire } from './tcp-testing.ts';

const data = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 0xff);
const segment = (fields: Partial<Segment>): Segment => ({
  sourcePort: 1000,
  port: 80,
  sequence: 0,
  acknowledgement: 0,
  flags: 0,
  window: 1000,
  mss: null,
  scale: null,
  takesSack: false,
  times: null,
  data: new Uint8Array(),
  ...fields,
});

function exchange(wire: Wire | undefined, up: number, down: number, seconds: number) {
  const pair = tcpPair(wire);
  const server = new Recorder(data(down, 3));
  const client = new Recorder(data(up, 7));
  pair.b.listen(80, server);
  pair.a.connect(pair.addresses.b, 80, client);
  pair.pass(seconds);
  return { ...pair, server, client };
}

test('data goes both ways, and both sides close', () => {
  const { server, client, a, b, seen } = exchange(undefined, 100_000, 250_000, 10);
  expect(Buffer.compare(server.got, data(100_000, 7))).toBe(0);
  expect(Buffer.compare(client.got, data(250_000, 3))).toBe(0);
  expect(client.log[0]).toBe('opened');
  expect(server.log.toSorted()).toEqual(['done', 'ended', 'opened']);
  expect(client.log.toSorted()).toEqual(['done', 'ended', 'opened']);
  expect([a.connections, b.connections]).toEqual([[], []]);
  // Three segments open it; the first two have options of their own, and all have time stamps.
  expect(
    seen.slice(0, 3).map(({ segment: { flags, mss, scale, takesSack } }) => [flags, mss, scale, takesSack]),
  ).toEqual([
    [Flag.syn, 1460, 3, true],
    [Flag.syn | Flag.ack, 1460, 3, true],
    [Flag.ack, null, null, false],
  ]);
  expect(seen.every(({ segment: { times } }) => times !== null)).toBe(true);
  expect(Math.max(...seen.map(({ segment }) => segment.data.length))).toBe(1448);
});

test('what is lost, late or comes twice does no harm', () => {
  const fate = fc.record({ loss: fc.nat(25), again: fc.nat(20), late: fc.nat(30), seed: fc.nat() });
  fc.assert(
    fc.property(fate, fc.nat(40_000), fc.nat(40_000), ({ loss, again, late, seed }, up, down) => {
      let random = seed | 1;
      const per = (share: number) => {
        random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
        return (random >>> 16) % 100 < share;
      };
      const wire: Wire = () => {
        const delay = per(late) ? 900 : 20;
        return per(loss) ? [] : per(again) ? [delay, delay + 300] : [delay];
      };
      const { server, client } = exchange(wire, up, down, 600);
      if (server.log.includes('timeout') || client.log.includes('timeout')) return; // nine losses in a row, or a silence of two minutes
      expect(Buffer.compare(server.got, data(up, 7))).toBe(0);
      expect(Buffer.compare(client.got, data(down, 3))).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('one loss is repaired without waiting for the timeout', () => {
  let count = 0;
  const wire: Wire = ({ data: { length } }) => (length > 0 && ++count === 12 ? [] : [20]);
  const { server, seen, clock } = exchange(wire, 200_000, 0, 0.1);
  expect(server.got).toHaveLength(200_000);
  expect(seen.filter(({ segment: { data: bytes } }) => bytes.length > 0).length).toBeGreaterThan(12);
  expect(clock.now).toBeLessThan(0.2 * 1.2e9);
});

test('a closed window is asked about until it opens, and small room is not used', () => {
  const { b, addresses, pass, seen } = tcpPair(() => []);
  const server = new Recorder(data(5000), false);
  b.listen(80, server);
  b.receive(addresses.a, segment({ flags: Flag.syn, sequence: 99 }));
  const first = seen[0]?.segment.sequence ?? 0;
  const acknowledge = (bytes: number, window: number) =>
    b.receive(addresses.a, segment({ flags: Flag.ack, sequence: 100, acknowledgement: first + 1 + bytes, window }));
  const sent = () => seen.splice(0).map(({ segment: { data: bytes } }) => bytes.length);
  acknowledge(0, 600);
  expect(sent()).toEqual([0, 536]);
  acknowledge(536, 0);
  pass(30);
  const probes = seen.splice(0).map(({ segment: { sequence } }) => sequence - first - 1);
  expect(probes.length).toBeGreaterThan(3);
  expect(new Set(probes)).toEqual(new Set([535]));
  for (let i = 0; i < 20; i++) {
    pass(60);
    acknowledge(536, 0);
  }
  expect(server.log).toEqual(['opened']); // the peer is there
  sent();
  acknowledge(536, 10_000);
  expect(sent().reduce((sum, length) => sum + length)).toBe(5000 - 536);
});

test('who does not answer is given up', () => {
  const { a, b, addresses, pass, seen } = tcpPair(({ data: { length } }) => (length > 0 ? [] : [20]));
  const [server, client] = [new Recorder(new Uint8Array(), false), new Recorder(data(1000), false)];
  b.listen(80, server);
  a.connect(addresses.b, 80, client);
  pass(600);
  expect(client.log).toEqual(['opened', 'timeout']);
  expect(server.log).toEqual(['opened', 'reset']);
  expect(seen.filter(({ segment: { data: bytes } }) => bytes.length > 0)).toHaveLength(9);
  const nobody = exchange(() => [], 1, 1, 600);
  expect(nobody.client.log).toEqual(['timeout']);
  const refused = tcpPair();
  const client2 = new Recorder();
  refused.a.connect(refused.addresses.b, 81, client2);
  refused.pass(1);
  expect(client2.log).toEqual(['refused']);
});

test('only the exact number resets a connection; others are asked about (RFC 5961)', () => {
  const { b, addresses, seen } = tcpPair(() => []);
  const server = new Recorder(new Uint8Array(), false);
  b.listen(80, server);
  b.receive(addresses.a, segment({ flags: Flag.syn, sequence: 99 }));
  const acknowledgement = (seen[0]?.segment.sequence ?? 0) + 1;
  b.receive(addresses.a, segment({ flags: Flag.ack, sequence: 100, acknowledgement }));
  seen.length = 0;
  b.receive(addresses.a, segment({ flags: Flag.rst, sequence: 101 }));
  b.receive(addresses.a, segment({ flags: Flag.syn, sequence: 101 }));
  b.receive(addresses.a, segment({ flags: Flag.ack, sequence: 100, acknowledgement: acknowledgement + 5 }));
  expect(seen.map(({ segment: { flags } }) => flags)).toEqual([Flag.ack, Flag.ack, Flag.ack]);
  b.receive(addresses.a, segment({ flags: Flag.rst, sequence: 99_999_999 }));
  expect(server.log).toEqual(['opened']);
  b.receive(addresses.a, segment({ flags: Flag.rst, sequence: 100 }));
  expect(server.log).toEqual(['opened', 'reset']);
});

test('connections without end, and half of them open, take no room without end', () => {
  const { b, addresses } = tcpPair(() => []);
  const server = new Recorder(new Uint8Array(), false);
  b.listen(80, server);
  for (let port = 1; port < 2000; port++)
    b.receive(addresses.a, segment({ flags: Flag.syn, sourcePort: port, sequence: port }));
  expect(b.connections).toHaveLength(128);
  const pair = tcpPair();
  pair.b.listen(80, server);
  for (let port = 0; port < 1000; port++) {
    pair.a.connect(pair.addresses.b, 80, new Recorder(new Uint8Array(), false));
    pair.pass(0.001);
  }
  expect(pair.b.connections).toHaveLength(512);
});

test('a silent client of an impatient service is sent away', () => {
  const { a, b, addresses, pass } = tcpPair();
  const server = Object.assign(new Recorder(new Uint8Array(), false), { idleSeconds: 60 });
  const client = new Recorder(Uint8Array.of(1), false);
  b.listen(80, server);
  a.connect(addresses.b, 80, client);
  pass(59);
  expect(server.log).toEqual(['opened']);
  pass(2);
  expect([server.log, client.log]).toEqual([
    ['opened', 'timeout'],
    ['opened', 'reset'],
  ]);
});

test('any segment may come at any time', () => {
  const some = fc.record({
    sourcePort: fc.constantFrom(1000, 1001),
    port: fc.constantFrom(80, 81),
    sequence: fc.oneof(fc.integer({ min: 95, max: 130 }), fc.constant(0xffff_fff0)),
    acknowledgement: fc.oneof(fc.integer({ min: 64_015, max: 64_060 }), fc.integer({ min: 128_035, max: 128_050 })),
    flags: fc.nat(0x3f),
    window: fc.constantFrom(0, 1, 100, 65_535),
    mss: fc.constantFrom(null, 0, 100, 1460),
    scale: fc.constantFrom(null, 0, 14),
    takesSack: fc.boolean(),
    times: fc.constantFrom(null, { value: 0, echo: 0 }, { value: 0xffff_ffff, echo: 1 }),
    data: fc.uint8Array({ maxLength: 20 }),
  });
  const step = fc.oneof(some, fc.constantFrom(0.001, 0.3, 70));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, closes) => {
      const { b, addresses, pass } = tcpPair(() => []);
      b.listen(80, new Recorder(data(3000), closes));
      b.receive(addresses.a, segment({ flags: Flag.syn, sequence: 99, window: 500 }));
      for (const next of steps) {
        if (typeof next === 'number') pass(next);
        else b.receive(addresses.a, next);
      }
      b.fingerprint(new Hasher());
      pass(2000);
      for (const { state, due } of b.connections)
        expect([state, due]).toEqual([expect.stringMatching(/established|closeWait/), null]);
    }),
    { numRuns: 500 },
  );
});
