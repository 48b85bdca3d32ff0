import { expect, test } from 'vitest';
import { physAddr } from '../../base/units.ts';
import { AddressMap } from './address-map.ts';
import type { Device } from './device.ts';

const at = (base: number, size: number) => ({ base: physAddr(base), size });

function recorder(name: string) {
  const accesses: string[] = [];
  const device: Device = {
    name,
    read: (offset, width) => {
      accesses.push(`r${width} ${offset}`);
      return 0xdeadbeef;
    },
    write: (offset, width, value) => void accesses.push(`w${width} ${offset} ${value}`),
    reset: () => {},
    saveState: () => null,
    loadState: () => {},
  };
  return { device, accesses };
}

test('an access reaches the device at its address, by offset', () => {
  const map = new AddressMap(() => {});
  const low = recorder('low');
  const high = recorder('high');
  map.add(at(0xff00_0000, 0x1000), low.device);
  map.add(at(0xff00_1000, 0x2000), high.device);
  expect(map.read(physAddr(0xff00_002c), 4)).toBe(0xdeadbeef);
  expect(map.write(physAddr(0xff00_2ffe), 2, 7)).toBe(true);
  expect(low.accesses).toEqual(['r4 44']);
  expect(high.accesses).toEqual(['w2 8190 7']);
});

test('where nobody answers there is an external abort, logged once a page', () => {
  const logged: string[] = [];
  const map = new AddressMap((source, text) => logged.push(`${source}: ${text}`));
  expect(map.read(physAddr(0xff00_0010), 4)).toBeNull();
  expect(map.write(physAddr(0xff00_0020), 4, 1)).toBe(false);
  expect(map.read(physAddr(0xff_ffff_f000), 1)).toBeNull();
  expect(logged).toEqual([
    'bus: nobody answers at physical address 0xff000010: external abort',
    'bus: nobody answers at physical address 0xfffffff000: external abort',
  ]);
});

test('two devices in one place are a bug', () => {
  const map = new AddressMap(() => {});
  map.add(at(0x1000, 0x2000), recorder('one').device);
  expect(() => map.add(at(0x2000, 0x1000), recorder('two').device)).toThrow('two overlaps one');
  expect(() => map.add(at(0x8010, 0x1000), recorder('three').device)).toThrow('page boundaries');
});
