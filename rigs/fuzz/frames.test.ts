import { expect, test } from 'vitest';
import { FrameFuzz } from './frames.ts';

test('random frames do the built-in host no harm, and reach all of its answers', () => {
  const fuzz = new FrameFuzz(1);
  fuzz.run(20_000);
  const { coverage } = fuzz;
  for (const name of ['arp', 'icmp 0', 'icmp 3', 'udp 53', 'udp 67', 'tcp syn', 'tcp ack', 'tcp fin', 'tcp rst'])
    expect(coverage.count('answer', name), name).toBeGreaterThan(0);
  expect(coverage.names('connection').length).toBeGreaterThan(2);
});
