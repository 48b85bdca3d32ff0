import { expect, test } from 'vitest';
import { AbsentDevice } from './absent.ts';

test('an absent device reads as zero, ignores writes and says so once', () => {
  const messages: string[] = [];
  const device = new AbsentDevice('gem3', (source, text) => messages.push(`${source}: ${text}`));
  device.write(0x10);
  expect(device.read(0xfc)).toBe(0);
  expect(messages).toEqual(['gem3: write at offset 0x10: this device is not modelled and reads as zero']);
});
