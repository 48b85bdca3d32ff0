import { expect, test } from 'vitest';
import { DeviceFuzz } from './devices.ts';

test('random accesses to all registers break nothing', () => {
  const fuzz = new DeviceFuzz(20_261_202);
  expect(fuzz.devices).toEqual(
    expect.arrayContaining(['gic', 'uart0', 'ttc3', 'fpdSwdt', 'rtc', 'gpio', 'gem3', 'csu']),
  );
  fuzz.run(40_000);
  const { coverage } = fuzz;
  const all = [...fuzz.devices].sort();
  expect(coverage.names('read')).toEqual(all);
  expect(coverage.names('written')).toEqual(all);
  expect(coverage.names('register').length).toBeGreaterThan(20_000);
  // Values change devices' states, raise interrupts and start DMA.
  expect(coverage.names('changed').length).toBeGreaterThan(40);
  expect(coverage.names('changed')).toEqual(expect.arrayContaining(['gic', 'uart0', 'ttc3', 'rtc', 'gpio', 'gem3']));
  expect(coverage.names('interrupt').length).toBeGreaterThan(4);
  expect(coverage.count('dma', 'read')).toBeGreaterThan(10);
  expect(coverage.count('dma', 'write')).toBeGreaterThan(10);
});
