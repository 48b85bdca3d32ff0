import { expect, test } from 'vitest';
import { alone } from '../../bus/device-testing.ts';
import type { DmaPort } from '../../dma/stream-port.ts';
import { Qspi } from './qspi.ts';

function qspi() {
  const written: [number, number][] = [];
  const port: DmaPort = {
    read: () => 'error',
    write: (address, bytes) => {
      expect(bytes.every((byte) => byte === 0xff)).toBe(true);
      written.push([address, bytes.length]);
      return address < 0x8000_0000 ? 'done' : 'error';
    },
  };
  return { ...alone((wiring) => new Qspi('qspi', { ...wiring, port })), written };
}

test('commands are executed when they are started, and nobody answers', () => {
  const { read, write, interrupts } = qspi();
  write(0x100, 0x2000_0000); // by hand
  write(0x108, 0x10);
  write(0x140, 0x1_049f); // send 9F, the question for an identity
  write(0x140, 0x2_0506); // receive 6 bytes
  expect(read(0x104) & 0x890).toBe(0x800);
  write(0x100, 0x3000_0000);
  expect([read(0x104) & 0x890, interrupts(), read(0x100)]).toEqual([0x90, true, 0x2000_0000]);
  expect([read(0x120), read(0x120), read(0x120)]).toEqual([0xffff_ffff, 0xffff, 0]);
  expect([read(0x104) & 0x810, interrupts()]).toEqual([0x800, false]);
});

test('bytes leave the transmit FIFO when a command wants them', () => {
  const { read, write } = qspi();
  write(0x11c, 0x1234_5678);
  write(0x11c, 0x1234_5678);
  expect(read(0x104) & 0x100).toBe(0);
  write(0x140, 0x1_0508);
  expect(read(0x104) & 0x100).toBe(0x100);
});

test('DMA writes ones to memory, page by page', () => {
  const { read, write, written, interrupts } = qspi();
  write(0x100, 0x8000_0000);
  write(0x800, 0x1000_0ff0);
  write(0x804, 0x1000);
  write(0x818, 2);
  write(0x140, 0x2_070c); // 2^12 bytes
  expect(written).toEqual([
    [0x1000_0ff0, 0x10],
    [0x1000_1000, 0xff0],
  ]);
  expect([read(0x804), read(0x814), interrupts()]).toEqual([0, 2, true]);
  write(0x814, 2);
  expect(interrupts()).toBe(false);
  write(0x800, 0x8000_0000);
  write(0x804, 4);
  write(0x140, 0x2_0504);
  expect(read(0x814)).toBe(0xa);
});

test('the state goes on elsewhere', () => {
  const { device, write } = qspi();
  write(0x100, 0x2000_0000);
  write(0x140, 0x2_0506);
  write(0x11c, 1);
  const other = qspi();
  other.device.loadState(structuredClone(device.saveState()));
  expect(other.device.saveState()).toEqual(device.saveState());
  device.reset();
  expect(device.saveState()).toEqual(qspi().device.saveState());
});
