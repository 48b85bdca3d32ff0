import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../../base/crc32.ts';
import { alone, clockHz } from '../../bus/device-testing.ts';
import type { DmaOutcome } from '../../dma/stream-port.ts';
import { Bridge } from '../bridge.ts';
import { finished, putMac } from '../frame.ts';
import { tcpFrame } from '../net-testing.ts';
import { Gem } from './gem.ts';

const millisecond = clockHz / 1000;
const mac = 0x020a_3500_1122;
const other = 0x0200_0000_0042;
const broadcast = 0xffff_ffff_ffff;

function makeGem(hasPhy = true) {
  const memory = new Uint8Array(0x10_0000);
  const faults = { next: 'done' as DmaOutcome };
  const place = (address: number) => address % 0x10_0000;
  const port = {
    resumed: (_: boolean): void => {},
    read: (address: number, bytes: Uint8Array): DmaOutcome => {
      if (faults.next === 'done') bytes.set(memory.subarray(place(address), place(address) + bytes.length));
      return faults.next;
    },
    write: (address: number, bytes: Uint8Array): DmaOutcome => {
      if (faults.next === 'done') memory.set(bytes, place(address));
      return faults.next;
    },
  };
  const arrived: Uint8Array[] = [];
  let lan: Bridge | null = null;
  const bench = alone((wiring) => {
    lan = hasPhy ? new Bridge(wiring.clock, 'lan') : null;
    return new Gem('gem3', { ...wiring, port, lan });
  });
  const station = (lan as Bridge | null)?.attach('station', { receive: ({ bytes }) => arrived.push(bytes), mtu: 9000 });
  const view = new DataView(memory.buffer);
  const poke = (at: number, ...words: number[]) => {
    for (const [i, word] of words.entries()) view.setUint32(at + 4 * i, word, true);
  };
  const peek = (at: number) => view.getUint32(at, true);
  const manage = (operation: number, phy: number, register: number, data = 0): number => {
    bench.write(0x34, (0x4002_0000 | (operation << 28) | (phy << 23) | (register << 18) | data) >>> 0);
    return bench.read(0x34) & 0xffff;
  };
  const phy = { read: (n: number) => manage(2, 12, n), write: (n: number, value: number) => manage(1, 12, n, value) };
  return { ...bench, memory, faults, port, arrived, station, poke, peek, manage, phy };
}

/** Where rings and buffers of the tests are. */
const receiveRing = 0x1000;
const transmitRing = 0x2000;
const unusedRing = 0x2800;
const receiveBuffer = 0x1_0000;
const transmitBuffer = 0x4_0000;

/** With a link, an address, rings of 32-bit descriptors and buffers of 1536 bytes; four may receive. */
function started(config = 0x2_0402, dma = 0x18_0f10) {
  const gem = makeGem();
  const { write, poke, pass } = gem;
  pass(2000 * millisecond);
  write(0x04, config);
  write(0x10, dma);
  write(0x88, 0x0035_0a02);
  write(0x8c, 0x2211);
  for (let i = 0; i < 4; i++) poke(receiveRing + 8 * i, (receiveBuffer + 0x800 * i) | (i === 3 ? 2 : 0), 0);
  for (let i = 0; i < 4; i++) poke(transmitRing + 8 * i, 0, 0x8000_0000 | (i === 3 ? 1 << 30 : 0));
  write(0x18, receiveRing);
  write(0x1c, transmitRing);
  // The other queue has a descriptor that stays software's.
  poke(unusedRing, 1, 0x8000_0000);
  write(0x440, unusedRing);
  write(0x480, unusedRing);
  write(0x28, 0xffff_ffff);
  write(0x600, 0xffff_ffff);
  write(0x00, 0x1c);
  /** Puts pieces of a frame into transmit descriptors and starts. */
  const transmit = (pieces: readonly Uint8Array[], flags = 0, first = 0) => {
    let at = transmitBuffer + 0x1000 * first;
    for (const [i, piece] of pieces.entries()) {
      const index = first + i;
      const wrap = index === 3 ? 1 << 30 : 0;
      gem.memory.set(piece, at);
      poke(transmitRing + 8 * index, at, (piece.length | wrap | flags | (i === pieces.length - 1 ? 0x8000 : 0)) >>> 0);
      at += piece.length;
    }
    write(0x00, 0x21c);
    pass(millisecond);
  };
  const receive = (frame: Uint8Array) => {
    gem.station?.send(finished(frame));
    pass(millisecond);
  };
  return { ...gem, transmit, receive };
}

/** An Ethernet frame with this destination and so many bytes of data. */
function frameTo(destination: number, length: number, type = 0x88b5): Uint8Array {
  const frame = Uint8Array.from({ length: 14 + length }, (_, i) => i * 5);
  putMac(frame, 0, destination);
  putMac(frame, 6, other);
  frame[12] = type >> 8;
  frame[13] = type;
  return frame;
}

const from = (frame: Uint8Array): Uint8Array => {
  const copy = frame.slice();
  putMac(copy, 6, mac);
  return copy;
};

test('it says what it is', () => {
  const { read, write } = makeGem(false);
  write(0xfc, 0);
  expect(read(0xfc)).toBe(0x4007_0106); // a GEM, as macb tells it: its identity is over 1
  expect(read(0x294) & 0xff).toBe(2); // queue 1 beside queue 0
  expect(read(0x280) & (1 << 23)).toBe(0); // interrupts are cleared by writing
});

test('without a PHY the management interface is idle and finds none, and no frame leaves', () => {
  const { read, write, interrupts, manage } = makeGem(false);
  write(0x28, 1);
  for (let phy = 0; phy < 32; phy++) {
    expect(manage(2, phy, 2)).toBe(0xffff);
    expect(read(0x08) & 4).toBe(4);
  }
  expect([read(0x24), interrupts()]).toEqual([1, true]);
  write(0x24, 1);
  expect([read(0x24), interrupts()]).toEqual([0, false]);
  write(0x34, 0x5002_1234); // a write leaves the data as it is
  expect(read(0x34)).toBe(0x5002_1234);
});

test('what is masked does not show in the status', () => {
  const { read, write, manage } = makeGem();
  manage(2, 12, 2);
  write(0x28, 1);
  expect(read(0x24)).toBe(0);
});

test('each queue has its interrupt mask', () => {
  const { read, write } = makeGem();
  expect([read(0x30), read(0x640)]).toEqual([0x3ffc_fcff, 0xce6]);
  write(0x28, 0xff);
  write(0x600, 0xe6);
  write(0x620, 0x6);
  expect([read(0x30), read(0x640)]).toEqual([0x3ffc_fc00, 0xc06]);
});

test('addresses are kept, statistics cannot be written, commands are not remembered', () => {
  const { device, read, write } = makeGem();
  write(0x88, 0x1234_5678);
  write(0x108, 99);
  write(0x00, 0x21c);
  expect([read(0x88), read(0x108), read(0x00)]).toEqual([0x1234_5678, 0, 0x1c]);
  const another = makeGem();
  another.device.loadState(JSON.parse(JSON.stringify(device.saveState())));
  expect(another.device.saveState()).toEqual(device.saveState());
  device.reset();
  expect(read(0x88)).toBe(0);
});

test('the PHY is a DP83867 at address 12, whose link comes after autonegotiation', () => {
  const { phy, manage, pass } = makeGem();
  expect([phy.read(2), phy.read(3), manage(2, 11, 2)]).toEqual([0x2000, 0xa231, 0xffff]);
  expect([phy.read(1) & 0x24, phy.read(17) & 0x400]).toEqual([0, 0]);
  pass(2000 * millisecond);
  expect(phy.read(1) & 0x24).toBe(0x20); // the link's bit is low once more
  expect([phy.read(1) & 0x24, phy.read(5), phy.read(10), phy.read(17)]).toEqual([0x24, 0xcde1, 0x3c00, 0xac00]);
  phy.write(9, 0); // no 1000BASE-T
  phy.write(0, 0x1340);
  expect([phy.read(1) & 0x24, phy.read(0)]).toEqual([0, 0x1140]);
  pass(2000 * millisecond);
  expect(phy.read(17)).toBe(0x6c00);
  phy.write(0, 0x1940); // power down
  expect(phy.read(1) & 4).toBe(0);
  phy.write(0, 0x9140);
  expect(phy.read(9)).toBe(0x300);
  expect([phy.read(19) & 0xc00, phy.read(19)]).toEqual([0, 0]);
  pass(2000 * millisecond);
  expect([phy.read(19), phy.read(19)]).toEqual([0xc00, 0]);
});

test('the PHY’s extended registers are behind REGCR and ADDAR', () => {
  const { phy } = makeGem();
  const select = (register: number, access: number) => {
    phy.write(13, 0x1f);
    phy.write(14, register);
    phy.write(13, access);
  };
  select(0x86, 0x401f);
  expect(phy.read(14)).toBe(0x77);
  phy.write(14, 0xa8);
  expect(phy.read(14)).toBe(0xa8);
  select(0x31, 0x801f); // counts on
  phy.write(14, 0x10b1);
  expect(phy.read(14)).toBe(0xd3);
  select(0x31, 0x401f);
  expect(phy.read(14)).toBe(0x10b1);
  select(0x999, 0x401f);
  phy.write(14, 5);
  expect(phy.read(14)).toBe(0);
});

test('a frame is sent in pieces; its first descriptor comes back', () => {
  const { transmit, arrived, read, write, peek, interrupts } = started();
  const frame = from(frameTo(other, 200));
  transmit([frame.subarray(0, 50), frame.subarray(50)]);
  expect(arrived).toEqual([frame]);
  expect([peek(transmitRing + 4), peek(transmitRing + 12)]).toEqual([0x8000_0032, 0x80a4]);
  expect([read(0x1c), read(0x14), read(0x24) & 0xfe, interrupts()]).toEqual([transmitRing + 16, 0x21, 0x88, true]);
  write(0x14, 0x21);
  expect(read(0x14)).toBe(0);
  // Frames are filled up to 60 bytes, and 4 for the check sequence.
  transmit([from(frameTo(broadcast, 10))], 0, 2);
  expect(arrived[1]?.length).toBe(60);
  expect([read(0x108), read(0x10c), read(0x118), read(0x120), read(0x100)]).toEqual([2, 1, 1, 1, 282]);
  expect(read(0x108)).toBe(0); // reading has cleared it
});

test('frames follow each other at the speed of the wire, and a ring wraps', () => {
  const { poke, memory, write, pass, arrived, read } = started();
  const frame = from(frameTo(other, 1486));
  for (let i = 0; i < 4; i++) {
    memory.set(frame, transmitBuffer);
    poke(transmitRing + 8 * i, transmitBuffer, (0x8000 | frame.length | (i === 3 ? 1 << 30 : 0)) >>> 0);
  }
  write(0x00, 0x21c);
  // 1524 bytes take 12.192 µs.
  pass(3 * 12.192e-6 * clockHz);
  expect([read(0x108), (read(0x14) >> 3) & 1]).toEqual([2, 1]);
  pass(millisecond);
  expect([arrived.length, read(0x1c), read(0x14)]).toEqual([4, transmitRing, 0x21]);
});

test('the second queue goes first', () => {
  const { poke, memory, write, pass, arrived, read } = started();
  write(0x600, 0xffff_ffff);
  write(0x440, 0x3000);
  memory.set(from(frameTo(other, 100)), 0x5_0000);
  poke(0x3000, 0x5_0000, 0x8000 | 114);
  poke(0x3008, 0, 0x8000_0000);
  memory.set(from(frameTo(other, 300)), transmitBuffer);
  poke(transmitRing, transmitBuffer, 0x8000 | 314);
  write(0x00, 0x21c);
  pass(millisecond);
  expect(arrived.map(({ length }) => length)).toEqual([114, 314]);
  expect([read(0x400), read(0x440)]).toEqual([0x80, 0x3008]);
});

test('checksums are filled in where software brings no check sequence', () => {
  const { transmit, arrived } = started(0x2_0402, 0x18_0f10);
  const right = tcpFrame(new Uint8Array(100));
  const frame = from(right);
  const wrong = frame.slice();
  wrong.fill(0, 24, 26);
  wrong.fill(0, 50, 52);
  transmit([wrong]);
  expect(arrived[0]).toEqual(frame);
  const whole = new Uint8Array(wrong.length + 4);
  whole.set(wrong);
  new DataView(whole.buffer).setUint32(wrong.length, crc32(wrong), true);
  transmit([whole], 1 << 16, 1);
  expect(arrived[1]).toEqual(wrong);
});

test('errors while sending: descriptors that end, memory that fails, a frame too long', () => {
  const exhausted = started();
  exhausted.poke(transmitRing, transmitBuffer, 100);
  exhausted.write(0x00, 0x21c);
  exhausted.pass(millisecond);
  expect([exhausted.read(0x14), exhausted.read(0x24) & 0xfe]).toEqual([0x10, 0x40]);
  expect(exhausted.peek(transmitRing + 4)).toBe(0x8800_0064);
  const failing = started();
  failing.faults.next = 'error';
  failing.transmit([from(frameTo(other, 100))]);
  expect([failing.read(0x14), failing.read(0x400)]).toEqual([0x110, 0x840]); // the second queue is read first
  const endless = started();
  for (let i = 0; i < 4; i++) endless.poke(transmitRing + 8 * i, transmitBuffer, i === 3 ? 1 << 30 : 0);
  endless.write(0x00, 0x21c);
  endless.pass(millisecond);
  expect([endless.read(0x14), endless.read(0x24) & 0xfe, endless.read(0x134)]).toEqual([0x40, 0x10, 1]);
  expect(endless.arrived).toEqual([]);
});

test('disabled transmission begins its list again; halted, it goes on where it was', () => {
  const { transmit, write, read } = started();
  transmit([from(frameTo(other, 100))]);
  expect(read(0x1c)).toBe(transmitRing + 8);
  write(0x00, 0x41c);
  expect(read(0x1c)).toBe(transmitRing + 8);
  write(0x00, 0x14);
  expect(read(0x1c)).toBe(transmitRing);
});

test('a frame is received into a buffer, with what is known of it', () => {
  const { receive, memory, peek, read, interrupts, write } = started();
  const frame = frameTo(mac, 300);
  receive(frame);
  expect(memory.slice(receiveBuffer, receiveBuffer + 314)).toEqual(frame);
  expect([peek(receiveRing) & 3, peek(receiveRing + 4)]).toEqual([1, 0x0800_c000 + 314]);
  expect([read(0x18), read(0x20), read(0x24) & 0xfe, interrupts()]).toEqual([receiveRing + 8, 2, 2, true]);
  write(0x20, 2);
  expect(read(0x20)).toBe(0);
  receive(frameTo(broadcast, 4));
  expect(peek(receiveRing + 12)).toBe(0x8000_c000 + 60);
  expect([read(0x158), read(0x15c), read(0x168), read(0x174)]).toEqual([2, 1, 1, 1]);
});

test.each([
  ['another station', 0x2_0402, 0x0200_0000_0001, null],
  ['everything', 0x2_0412, 0x0200_0000_0001, 0],
  ['a broadcast that is not wanted', 0x2_0422, broadcast, null],
  ['a group without its hash', 0x2_0442, 0x0100_5e00_00fb, null],
  ['only VLAN', 0x2_0406, mac, null],
] as const)('the filter: %s', (_, config, destination, match) => {
  const { receive, peek, read } = started(config);
  receive(frameTo(destination, 100));
  expect(read(0x158)).toBe(match === null ? 0 : 1);
  if (match !== null) expect(peek(receiveRing + 4) >>> 16).toBe(match);
});

test('hashed addresses, further specific ones with masks, and types', () => {
  const { receive, peek, read, write } = started(0x2_0442);
  // 01:00:5e:00:00:fb: parity of every sixth bit.
  write(0x80, 0xffff_ffff);
  write(0x84, 0xffff_ffff);
  receive(frameTo(0x0100_5e00_00fb, 100));
  expect(peek(receiveRing + 4) >>> 16).toBe(0x4000);
  receive(frameTo(0x0200_0000_0001, 100)); // no group
  write(0x90, 0x0000_0002);
  receive(frameTo(0x0200_0000_0001, 100)); // its upper half is not written
  expect(read(0x158)).toBe(1);
  write(0x94, 0x2000_0000); // without its last byte
  receive(frameTo(0x0200_0000_0001, 100));
  expect(peek(receiveRing + 12) >>> 16).toBe(0x0a00);
  write(0xa8, 0x8000_88b5);
  write(0x94, 0);
  write(0x90, 0);
  receive(frameTo(0x0200_0000_0077, 100));
  expect(peek(receiveRing + 20) >>> 16).toBe(0);
  expect(read(0x158)).toBe(2);
});

test('long frames need leave, and many buffers hold one', () => {
  const { receive, read, write, peek, memory } = started(0x2_0402, 0x04_0f10);
  receive(frameTo(mac, 1505));
  expect([read(0x158), read(0x188)]).toEqual([0, 0]); // the bridge keeps to the MTU
  write(0x04, 0x2_040a);
  write(0x48, 0x2800);
  for (let i = 0; i < 4; i++) expect(peek(receiveRing + 8 * i) & 1).toBe(0);
  const frame = frameTo(mac, 786);
  receive(frame);
  expect([0, 1, 2, 3].map((i) => peek(receiveRing + 8 * i + 4))).toEqual([0x4000, 0, 0, 0x0800_8000 + 800]);
  expect(memory.slice(receiveBuffer + 0x1800, receiveBuffer + 0x1800 + 32)).toEqual(frame.slice(768));
  expect(read(0x18)).toBe(receiveRing);
});

test('the check sequence and the offset of a buffer are as configured', () => {
  const { receive, memory, peek } = started(0x8402);
  const frame = frameTo(mac, 100);
  receive(frame);
  expect(peek(receiveRing + 4) & 0x1fff).toBe(118);
  expect(memory.slice(receiveBuffer + 2, receiveBuffer + 116)).toEqual(frame);
  expect(peek(receiveBuffer + 116)).toBe(crc32(frame));
});

test('received checksums are judged: what was checked, and frames that are wrong are dropped', () => {
  const { receive, peek, read } = started(0x102_0412);
  const right = tcpFrame(new Uint8Array(20).fill(7));
  receive(right);
  expect((peek(receiveRing + 4) >>> 22) & 3).toBe(2);
  const wrong = right.slice();
  wrong[60] = (wrong[60] as number) ^ 1;
  receive(wrong);
  const header = right.slice();
  header[22] = 3;
  receive(header);
  expect([read(0x158), read(0x1ac), read(0x1a8)]).toEqual([1, 1, 1]);
  receive(frameTo(mac, 100));
  expect((peek(receiveRing + 12) >>> 22) & 3).toBe(0);
});

test('without a buffer frames wait, or are dropped if software wants that', () => {
  const { receive, read, poke, write, memory } = started();
  for (let i = 0; i < 6; i++) receive(frameTo(mac, 100 + i));
  expect([read(0x158), read(0x20) & 1, (read(0x24) >> 2) & 1]).toEqual([4, 1, 1]);
  for (let i = 0; i < 4; i++) poke(receiveRing + 8 * i, (receiveBuffer + 0x800 * i) | (i === 3 ? 2 : 0), 0);
  write(0x20, 1);
  expect(read(0x158)).toBe(2);
  expect(memory[receiveBuffer + 0x800 + 118]).toBe((118 * 5) & 0xff);
  const dropping = started(0x2_0402, 0x118_0f10);
  for (let i = 0; i < 6; i++) dropping.receive(frameTo(mac, 100));
  expect([dropping.read(0x158), dropping.read(0x1a0)]).toEqual([4, 2]);
  const flooded = started();
  for (let i = 0; i < 40; i++) flooded.receive(frameTo(mac, 1000));
  expect([flooded.read(0x20) & 4, flooded.read(0x1a4)]).toEqual([4, 4]);
});

test('64-bit and long descriptors', () => {
  const { receive, transmit, write, poke, peek, arrived, memory } = started(0x2_0402, 0x7018_0f10);
  write(0x4c8, 1);
  write(0x4d4, 1);
  poke(receiveRing, receiveBuffer, 0, 2, 0, 0, 0, receiveBuffer + 0x802, 0, 2);
  const frame = frameTo(mac, 100);
  receive(frame);
  receive(frame);
  receive(frame);
  expect(memory.slice(receiveBuffer, receiveBuffer + 114)).toEqual(frame);
  expect([peek(receiveRing), peek(receiveRing + 24) & 3]).toEqual([receiveBuffer | 1, 3]);
  expect(memory.slice(receiveBuffer + 0x800, receiveBuffer + 0x800 + 114)).toEqual(frame);
  poke(transmitRing + 8, 3, 0);
  poke(transmitRing + 24, 0, 0x8000_0000);
  transmit([from(frameTo(other, 100))]);
  expect(arrived).toHaveLength(1);
});

test('screeners choose the queue', () => {
  const { receive, write, poke, read, peek } = started(0x2_0412);
  write(0x480, 0x3000);
  write(0x4a0, 0x18);
  poke(0x3000, 0x5_0000 | 2, 0);
  write(0x500, 0x1000_0001 | (0x10 << 4));
  write(0x540, 0x100 | (5 << 4) | 1);
  const service = tcpFrame(new Uint8Array(20).fill(7)).slice();
  service[15] = 0x10;
  receive(service);
  expect([read(0x400), peek(0x3000) & 1, read(0x158)]).toEqual([2, 1, 1]);
  poke(0x3000, 0x5_0000 | 2, 0);
  const tagged = frameTo(mac, 100, 0x8100);
  tagged[14] = 5 << 5;
  tagged[15] = 7;
  receive(tagged);
  expect([peek(0x3000) & 1, (peek(0x3004) >>> 16) & 0x3f]).toEqual([1, 0x2a]);
  tagged[14] = 4 << 5;
  receive(tagged);
  expect(peek(receiveRing) & 1).toBe(1);
});

test('what the SMMU stalls goes on when it is resumed, or fails', () => {
  const { receive, transmit, faults, port, pass, arrived, read, write } = started();
  faults.next = 'stalled';
  transmit([from(frameTo(other, 100))]);
  receive(frameTo(mac, 100));
  faults.next = 'done';
  port.resumed(false);
  pass(millisecond);
  expect([arrived.length, read(0x158)]).toEqual([1, 1]);
  faults.next = 'stalled';
  receive(frameTo(mac, 100));
  port.resumed(true);
  expect([read(0x20) & 8, read(0x24) & 0x800]).toEqual([8, 0x800]);
  faults.next = 'error';
  write(0x20, 8);
  receive(frameTo(mac, 100));
  expect(read(0x20) & 8).toBe(8);
});

test('local loopback, and no link, no frames', () => {
  const { transmit, arrived, read, write, phy, receive } = started(0x2_0412);
  write(0x00, 0x1e);
  write(0x00, 0x1e);
  transmit([from(frameTo(other, 100))]);
  expect(arrived).toHaveLength(1); // the start has turned loopback off again
  phy.write(0, 0x1940);
  receive(frameTo(mac, 100));
  transmit([from(frameTo(other, 100))], 0, 1);
  expect([arrived.length, read(0x158)]).toEqual([1, 0]);
  phy.write(0, 0x5140);
  transmit([from(frameTo(other, 100))], 0, 2);
  expect([arrived.length, read(0x158)]).toEqual([1, 1]);
});

test('whatever a guest writes, it goes on', () => {
  const offsets = fc.constantFrom(
    0x00,
    0x04,
    0x10,
    0x14,
    0x18,
    0x1c,
    0x20,
    0x24,
    0x34,
    0x440,
    0x480,
    0x4a0,
    0x500,
    0x540,
  );
  const writes = fc.array(fc.tuple(offsets, fc.nat({ max: 0xffff_ffff })), { maxLength: 30 });
  fc.assert(
    fc.property(writes, fc.uint8Array({ minLength: 64, maxLength: 64 }), (list, ring) => {
      const { write, memory, pass, receive, device } = started(0x2_0412);
      memory.set(ring, receiveRing);
      memory.set(ring, transmitRing);
      for (const [offset, value] of list) {
        write(offset, value);
        pass(10_000);
      }
      receive(frameTo(broadcast, 600));
      write(0x00, 0x21c);
      pass(millisecond);
      const again = makeGem();
      again.device.loadState(JSON.parse(JSON.stringify(device.saveState())));
      expect(again.device.saveState()).toEqual(device.saveState());
    }),
    { numRuns: 60 },
  );
});

test('frames that are sent one after the other share an interrupt; the last one has its own at once', () => {
  const { memory, poke, peek, read, write, pass, arrived } = started();
  const length = 1514; // 12.304 µs on the wire
  const count = 12;
  for (let i = 0; i < count; i++) {
    memory.set(from(frameTo(other, length - 14)), transmitBuffer + 0x800 * i);
    poke(transmitRing + 8 * i, transmitBuffer + 0x800 * i, length | 0x8000);
  }
  poke(transmitRing + 8 * count, 0, 0xc000_0000);
  write(0x00, 0x21c);
  const told: number[] = [];
  for (let i = 0; i < count; i++) {
    pass(i === 0 ? clockHz * 13.4e-6 : clockHz * 12.304e-6);
    expect(peek(transmitRing + 8 * i + 4) >>> 31).toBe(1);
    if (read(0x24) & 0x80) told.push(i);
    write(0x24, 0xffff_ffff);
  }
  expect(told).toEqual([0, 9, 11]);
  pass(millisecond);
  expect(arrived).toHaveLength(count);
});
