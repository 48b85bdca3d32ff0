import { expect, test } from 'vitest';
import { DeviceFuzz } from './devices.ts';

test('nothing breaks whatever is written to any register', () => {
  const fuzz = new DeviceFuzz(20_261_127);
  expect(fuzz.devices).toEqual(
    expect.arrayContaining(['gic', 'uart0', 'ttc3', 'fpdSwdt', 'rtc', 'gpio', 'gem3', 'csu']),
  );
  fuzz.run(40_000);
});
