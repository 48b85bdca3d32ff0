import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { calls } from './calls.ts';
import { FirmwareBench } from './firmware-testing.ts';
import { ioctls } from './ioctls.ts';
import { queries } from './queries.ts';

/** Rows of the table below a heading of docs/firmware.md: number and name. */
function documented(heading: string): [number, string][] {
  const page = readFileSync(new URL('../../../docs/firmware.md', import.meta.url), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (0x[0-9a-f]+|\d+) \| `?([A-Z_0-9]+)`? \|/gm)].map(([, number, name]) => [
    Number(number),
    name as string,
  ]);
}

test('docs/firmware.md has every call, function and query, and no other', () => {
  const names = (table: ReadonlyMap<number, { readonly name: string }>) =>
    [...table].map(([number, { name }]) => [number, name]);
  expect(documented('Calls')).toEqual(names(calls));
  expect(documented('IOCTL')).toEqual(names(ioctls));
  expect(documented('QUERY_DATA')).toEqual(names(queries));
});

test('U-Boot for ZynqMP reads its clock and pins at EL2: which registers does MMIO_READ give?', () => {
  const bench = new FirmwareBench();
  // UART0_REF_CTRL, IOPLL_CTRL, BOOT_MODE_USER, RESET_REASON, csu_status, csu_multi_boot.
  const addresses = [0xff5e_0074, 0xff5e_0020, 0xff5e_0200, 0xff5e_0220, 0xffca_0000, 0xffca_0010];
  expect(addresses.map((address) => bench.call(20, address).slice(0, 2))).toEqual([
    [0, 0x101_0f00],
    [0, 0x1_5a00],
    [0, 0xe0e],
    [0, 1],
    [0, 0],
    [0, 0],
  ]);
  expect(bench.call(1).slice(0, 2)).toEqual([0, 0x1_0001]);
  // "PMUFW: No permission to change config object".
  expect(bench.call(2, 0x1000)[0]).toBe(2002);
});

test('MMIO_WRITE changes the bits of its mask, where the PMU firmware lets the cores write', () => {
  const bench = new FirmwareBench();
  expect(bench.call(19, 0xffd8_0058, 0xff, 0x1234)[0]).toBe(0);
  expect(bench.call(20, 0xffd8_0058).slice(0, 2)).toEqual([0, 0x34]);
  expect(bench.call(19, 0xffca_0010, 0xfff, 0x77)[0]).toBe(0);
  expect(bench.registers.read(0xffca_0010)).toBe(0x77);
  // UART0_REF_CTRL, csu_status, RST_FPD_APU and WDT_CLK_SEL may only be read or not at all.
  for (const address of [0xff5e_0074, 0xffca_0000, 0xfd1a_0104, 0xff18_0300, 0xff00_0000, 0x1000, 0xf901_0000])
    expect([address, bench.call(19, address, 1, 1)[0]]).toEqual([address, 2002]);
  for (const address of [0xff18_0300, 0xff00_0030, 0x1000, 0xffca_0014, 0xffca_0004])
    expect([address, bench.call(20, address)[0]]).toEqual([address, 2002]);
  // Nothing to write is no mistake, wherever it is.
  expect(bench.call(19, 0x1000, 0, 1)[0]).toBe(0);
});

test('REGISTER_ACCESS reaches the same registers, within its blocks', () => {
  const bench = new FirmwareBench();
  expect(bench.call(52, 0, 0xffd8_0030, 0xffff, 0xabcd)[0]).toBe(0);
  expect(bench.call(52, 1, 0xffd8_0030).slice(0, 2)).toEqual([0, 0xabcd]);
  expect(bench.call(52, 1, 0xff5e_0020)[0]).toBe(2002);
  expect(bench.call(52, 2, 0xffd8_0030)[0]).toBe(1);
});

test('IOCTLs of the RPU, the USB transceiver, boot health and the ports to the programmable logic', () => {
  const bench = new FirmwareBench();
  const ioctl = (number: number, node = 0, a = 0, b = 0) => bench.call(34, node, number, a, b).slice(0, 2);
  expect(ioctl(0)).toEqual([0, 0]);
  expect(ioctl(1, 0, 1)[0]).toBe(2002); // the RPU's bus is in reset
  bench.call(17, 1056, 0);
  expect(ioctl(1, 0, 1)[0]).toBe(0);
  expect([ioctl(0), bench.registers.read(0xff9a_0000)]).toEqual([[0, 1], 0x8]);
  expect([ioctl(1, 0, 2)[0], ioctl(3, 0, 2)[0]]).toEqual([1, 1]);
  expect([ioctl(3, 0, 1)[0], bench.registers.read(0xff9a_0000)]).toEqual([0, 0x48]);
  expect([ioctl(2, 8, 0)[0], bench.registers.read(0xff9a_0200)]).toEqual([0, 1]);
  expect([ioctl(2, 6, 0)[0], ioctl(2, 7, 2)[0]]).toEqual([1, 1]);
  expect([ioctl(16)[0], bench.registers.read(0xff5e_0250)]).toEqual([0, 0x202]);
  expect([ioctl(17, 0, 1)[0], bench.registers.read(0xffd8_0040)]).toEqual([0, 1]);
  expect([ioctl(18, 0, 0, 1)[0], bench.registers.read(0xfd36_0000)]).toEqual([0, 0x3b1]);
  expect([ioctl(18, 0, 14, 0x500)[0], bench.registers.read(0xfd61_5000)]).toEqual([0, 0x500]);
  expect(ioctl(18, 0, 16)[0]).toBe(1);
  expect([ioctl(12, 0, 3, 7)[0], ioctl(13, 0, 3)]).toEqual([0, [0, 7]]);
  expect([ioctl(14, 0, 4)[0], ioctl(15, 0, 4)[0]]).toEqual([1, 1]);
});

test('a bitstream is taken if it is one; nothing can be read back', () => {
  const bench = new FirmwareBench();
  const [load, status] = [22, 23];
  expect(bench.call(status).slice(0, 2)).toEqual([0, 7]);
  expect(bench.call(load, 0x1000, 0, 0x400, 0)[0]).toBe(2);
  bench.memory.set([0xff, 0xff, 0xff, 0xff, 0xaa, 0x99, 0x55, 0x66]);
  expect(bench.call(load, 0x1000, 0, 0x400, 0x10)[0]).toBe(2); // encrypted
  expect(bench.call(load, 0x1000, 1, 0x400, 0)[0]).toBe(2); // not in memory
  expect(bench.call(load, 0x1000, 0, 0x400, 0)[0]).toBe(0);
  expect(bench.call(status).slice(0, 2)).toEqual([0, 0xf]);
  expect(bench.call(46, 7)[0]).toBe(1);
  expect([bench.call(54).slice(0, 2), bench.call(55).slice(0, 2)]).toEqual([
    [0, 0x6_0005],
    [0, 0xdf],
  ]);
});

test('eFuses cannot be accessed, and have disabled the encryption', () => {
  const bench = new FirmwareBench();
  expect(bench.call(53).slice(0, 2)).toEqual([0, 29]);
  expect([25, 26, 27, 45].map((api) => bench.call(api, 0x1000, 0, 48, 1)[0])).toEqual([4, 5, 5, 5]);
  expect(bench.call(47, 0x1000).slice(0, 2)).toEqual([0, 5]);
});

test('modes of suspend', () => {
  const bench = new FirmwareBench();
  expect([0, 1, 2].map((mode) => bench.call(0xa02, mode)[0])).toEqual([0, 0, 1]);
});

test('a saved state continues', () => {
  const bench = new FirmwareBench();
  bench.call(13, 24, 3, 0, 2);
  bench.call(34, 0, 8, 81, 1);
  bench.call(28, 5);
  bench.call(17, 1090, 1);
  const state = bench.eemi.saveState();
  const other = new FirmwareBench();
  other.eemi.loadState(JSON.parse(JSON.stringify(state)));
  expect(other.eemi.saveState()).toEqual(state);
  expect(other.call(3, 24).slice(0, 4)).toEqual([0, 1, 3, 1]);
});
