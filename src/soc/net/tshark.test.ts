/** Wireshark's dissectors judge the frames of the built-in host, as captured at its port. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clockHz } from '../bus/device-testing.ts';
import { hasTools, inFolder, runTool } from '../storage/disk-tools-testing.ts';
import { numbered, testHost } from './host/host-testing.ts';
import { tcpFrame } from './net-testing.ts';
import { pcapHeader, pcapRecord } from './pcap.ts';

/** What tshark says of a capture: a line of fields for each frame. */
function dissect(capture: Uint8Array, fields: readonly string[]): string[] {
  return inFolder((folder) => {
    const file = `${folder}/capture.pcap`;
    writeFileSync(file, capture);
    const checks = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
    const shown = fields.flatMap((field) => ['-e', field]);
    return runTool('tshark', ['-r', file, ...checks, '-T', 'fields', ...shown])
      .trimEnd()
      .split('\n');
  });
}

test('a record has the time in nanoseconds, and a checksum that was blank', () => {
  const bytes = tcpFrame(numbered(10));
  const blank = bytes.slice();
  blank[50] = 0;
  const record = pcapRecord(
    { bytes: blank, offload: { isChecksumBlank: true, segmentation: null } },
    3.5 * clockHz + 6,
    clockHz,
  );
  const view = new DataView(record.buffer);
  expect([0, 4, 8, 12].map((at) => view.getUint32(at, true))).toEqual([3, 500_000_005, 64, 64]);
  expect(record.slice(16)).toEqual(bytes);
  expect(pcapHeader()).toHaveLength(24);
});

test.skipIf(!hasTools('tshark'))(
  'tshark finds nothing wrong with what the host sends (skipped without tshark)',
  () => {
    const { host, network, clock, station, pass } = testHost({ 95529467921: 'linux-a' });
    const pieces = [pcapHeader()];
    const guest = station(0x0016_3e00_0011);
    network.listen(guest.port.name, (frame) => pieces.push(pcapRecord(frame, clock.now, clockHz)));
    guest.askFor(0x0a00_0001);
    pass(0.01);
    host.ping(guest.address, 1, 1, numbered(2000));
    guest.sendDatagram(
      0x0a00_0001,
      5000,
      53,
      Uint8Array.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 100, 111, 109, 48, 0, 0, 1, 0, 1]),
    );
    guest.sendDatagram(0x0a00_0001, 5000, 9, numbered(9));
    const request = new Uint8Array(250);
    request.set([1, 1, 6, 0, 1, 2, 3, 4]);
    request.set([0, 0x16, 0x3e, 0, 0, 0x11], 28);
    request.set([0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255], 236);
    guest.sendDatagram(0x0a00_0001, 68, 67, request);
    guest.connect(0x0a00_0001, 80, {
      opened: (connection) =>
        connection.send(new TextEncoder().encode('GET /big.bin HTTP/1.1\r\nConnection: close\r\n\r\n')),
      received: () => {},
      ended: (connection) => connection.close(),
      closed: () => {},
    });
    pass(1);
    const capture = new Uint8Array(Buffer.concat(pieces));
    const lines = dissect(capture, [
      '_ws.col.Protocol',
      '_ws.expert.message',
      'ip.checksum.status',
      'tcp.checksum.status',
      'udp.checksum.status',
    ]);
    const protocols = new Set(lines.map((line) => line.split('\t')[0]));
    expect(protocols).toEqual(new Set(['ARP', 'ICMP', 'IPv4', 'DNS', 'DHCP', 'UDP', 'TCP', 'HTTP']));
    const notes = new Set(lines.map((line) => line.split('\t')[1] ?? ''));
    for (const note of notes)
      expect(note).not.toMatch(/bad|malformed|retransmission|out-of-order|incorrect|unreassembled/i);
    // 0 is bad, 1 good, 2 not verifiable: the datagram that an unreachable note repeats is not whole.
    for (const line of lines) expect(line.split('\t').slice(2).join()).not.toContain('0');
    expect(lines.length).toBeGreaterThan(200);
  },
  60_000,
);
