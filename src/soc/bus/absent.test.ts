import { expect, test } from 'vitest';
import { AbsentDevice, absentDevices } from './absent.ts';
import { AddressMap } from './address-map.ts';

test('an absent device reads as zero, ignores writes and says so once', () => {
  const messages: string[] = [];
  const device = new AbsentDevice('gem3', 0x1_0000, (source, text) => messages.push(`${source}: ${text}`));
  device.write(0x10);
  expect(device.read(0xfc)).toBe(0);
  expect(messages).toEqual(['gem3: write at offset 0x10: this device is not modelled and reads as zero']);
});

test('the absent devices have places of their own', () => {
  const map = new AddressMap(() => {});
  for (const [name, base, size] of absentDevices) map.add(base, new AbsentDevice(name, size, () => {}));
  for (const [, base, size] of absentDevices)
    expect([map.read(base, 4), map.write(base, 4, 1), size > 0]).toEqual([0, true, true]);
});
