import { expect, test } from 'vitest';
import { RingFuzz } from './rings.ts';

test('random rings of network devices break nothing, and reach all that there is to reach', () => {
  const fuzz = new RingFuzz(1);
  fuzz.run(20_000);
  const { coverage } = fuzz;
  for (const name of [
    'frame',
    'all taken',
    'add group',
    'remove group',
    'Missing extra info',
    'Invalid extra type: N',
    'Bad GSO type N.',
    'Impossible number of requests. req_prod N, req_cons N, size N',
    'Asked for N slots but exceeds this limit',
    'Cross page boundary, txp->offset: N, size: N',
    'Cross page boundary, txreq.offset: N, size: N',
  ])
    expect(coverage.count('transmit', name), name).toBeGreaterThan(0);
  for (const name of ['frame', 'all given', 'no room'])
    expect(coverage.count('receive', name), name).toBeGreaterThan(100);
});
