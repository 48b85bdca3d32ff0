import { expect, test } from 'vitest';
import { SparseDisk } from '../disk.ts';
import { cardAtPowerOn, SdCard } from './card.ts';

const sectors = 2 * 1024; // 1 MiB

function makeCard(isReadOnly = false) {
  const disk = new SparseDisk(sectors, { isReadOnly });
  const state = cardAtPowerOn();
  const card = new SdCard(state, disk);
  const word = (index: number, argument = 0): number | null => {
    const response = card.command(index, argument);
    return response ? new DataView(response.bytes.buffer).getUint32(0) : null;
  };
  const app = (index: number, argument = 0) => {
    word(55, state.rca << 16);
    return word(index, argument);
  };
  return { disk, state, card, word, app };
}

/** A card that is selected, and so in the transfer state. */
function selected(isReadOnly = false) {
  const bench = makeCard(isReadOnly);
  bench.word(8, 0x1aa);
  bench.app(41, 0x4030_0000);
  bench.app(41, 0x4030_0000);
  bench.word(2);
  bench.word(3);
  bench.word(7, bench.state.rca << 16);
  return bench;
}

test('the identification of 4.2.3: from idle over ready and identification to standby', () => {
  const { card, word, app, state } = makeCard();
  expect(word(0)).toBeNull();
  expect(word(8, 0x1aa)).toBe(0x1aa);
  expect(word(8, 0x2aa)).toBeNull(); // another voltage
  expect(app(41, 0)).toBe(0xff_8000); // only asks
  expect(app(41, 0x0030_0000)).toBe(0xff_8000); // a host without high capacity waits for ever
  expect(app(41, 0x0030_0000)).toBe(0xff_8000);
  expect(app(41, 0x4030_0000)).toBe(0xc0ff_8000);
  expect(card.command(2, 0)).toMatchObject({ kind: 'R2', bytes: { length: 16 } });
  expect(word(3)).toBe(0x0001_0500); // its address, and that it was in identification
  expect(word(3)).toBe(0x0002_0700);
  expect(card.command(9, 1 << 16)).toBeNull(); // another card is meant
  expect(word(7, 2 << 16)).toBe(0x700);
  expect(word(13, 2 << 16)).toBe(0x900);
  expect(word(7, 0)).toBeNull();
  expect(word(13, 2 << 16)).toBe(0x700);
  word(15, 2 << 16);
  expect([word(13, 2 << 16), word(0), state.state]).toEqual([null, null, 9]);
});

test('the specific data: its size, speed and protection (5.3.3)', () => {
  const { card, word, state } = selected(true);
  word(7, 0);
  const bytes = card.command(9, state.rca << 16)?.bytes ?? new Uint8Array();
  expect([...bytes.slice(0, 14)]).toEqual([0x40, 0x0e, 0, 0x32, 0x53, 0x59, 0, 0, 0, 1, 0x7f, 0x80, 0x0a, 0x40]);
  expect(bytes[14]).toBe(0x10); // temporarily write-protected
});

test('a command that is illegal in a state gets no answer, and the next status says so', () => {
  const { word, state } = selected();
  expect(word(5)).toBeNull();
  expect(word(13, state.rca << 16)).toBe(0x40_0900);
  expect(word(13, state.rca << 16)).toBe(0x900);
  expect(word(12)).toBeNull();
  expect(word(16, 1024)).toBe(0x2040_0900);
});

test('sectors are read and written, one, so many, or until they are stopped', () => {
  const { card, disk, word, app, state } = selected();
  const block = (value: number) => new Uint8Array(512).fill(value);
  expect(word(24, 7)).toBe(0x900);
  expect([card.receives, card.receive(block(1)), card.receive(block(9)), state.state]).toEqual([true, true, false, 4]);
  word(23, 2);
  word(25, 8);
  expect([card.receive(block(2)), card.receive(block(3)), card.receive(block(9))]).toEqual([true, true, false]);
  app(22);
  expect([...(card.send(4) ?? [])]).toEqual([0, 0, 0, 2]);
  const read = new Uint8Array(4 * 512);
  disk.read(7, read);
  expect([0, 512, 1024, 1536].map((at) => read[at])).toEqual([1, 2, 3, 0]);
  word(18, 8);
  expect([card.send(512)?.[0], card.send(512)?.[0], card.send(512)?.[0]]).toEqual([2, 3, 0]);
  expect(word(12)).toBe(0xb00);
  word(17, 7);
  expect([card.send(512)?.[0], card.send(512)]).toEqual([1, null]);
});

test('behind the last sector is nothing, and errors are told once', () => {
  const { card, word, state } = selected();
  expect(word(17, sectors)).toBe(0x8000_0900);
  expect(card.send(512)).toBeNull();
  word(18, sectors - 1);
  expect([card.send(512)?.length, card.send(512)]).toEqual([512, null]);
  expect(word(12)).toBe(0x8000_0b00);
  expect(word(13, state.rca << 16)).toBe(0x900);
});

test('a card with write protection takes no data', () => {
  const { card, word, state, disk } = selected(true);
  word(24, 0);
  card.receive(new Uint8Array(512).fill(1));
  expect(word(13, state.rca << 16)).toBe(0x0400_0900);
  word(32, 0);
  word(33, 1);
  expect(word(38)).toBe(0x0400_0900);
  const read = new Uint8Array(512);
  disk.read(0, read);
  expect(read[0]).toBe(0);
});

test('erasing needs its first and last sector in order', () => {
  const { card, word, disk } = selected();
  disk.write(3, new Uint8Array(1024).fill(5));
  expect(word(38)).toBe(0x1000_0900);
  expect(word(33, 3)).toBe(0x1000_0900);
  word(32, 4);
  word(33, 3);
  expect(word(38)).toBe(0x0800_0900);
  word(32, 3);
  word(33, 3);
  word(38);
  const read = new Uint8Array(1024);
  disk.read(3, read);
  expect([read[0], read[512]]).toEqual([0, 5]);
  expect(card.isReadOnly).toBe(false);
});

test('its registers: configuration, status, width and speed', () => {
  const { card, word, app, state } = selected();
  app(51);
  expect([...(card.send(8) ?? [])]).toEqual([2, 5, 0x80, 2, 0, 0, 0, 0]);
  app(6, 2);
  app(13);
  expect([...(card.send(64) ?? [])].slice(0, 14)).toEqual([0x80, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0x90, 0, 1, 4]);
  // Would it have high speed? Yes. SDR104? No.
  word(6, 0x00ff_fff1);
  expect([...(card.send(64) ?? [])].slice(0, 18)).toEqual([
    0, 200, 0x80, 1, 0x80, 1, 0x80, 1, 0x80, 1, 0x80, 1, 0x80, 3, 0, 0, 1, 1,
  ]);
  word(6, 0x00ff_fff3);
  expect([card.send(64)?.[1], state.isHighSpeed]).toEqual([0, false]);
  word(6, 0x80ff_fff1);
  card.send(64);
  expect(state.isHighSpeed).toBe(true);
  word(7, 0);
  expect(card.command(9, state.rca << 16)?.bytes[3]).toBe(0x5a);
});
