import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pauseByToolstack, unpauseByToolstack } from '../../../xen/domain/life.ts';
import { guestFiles, XenSessionBench } from '../../xen/xen-session-testing.ts';
import { filesOf } from '../files.ts';
import { storyOf } from '../stories.ts';

test('a spare takes over while Domain-0 hangs, and Domain-0 helps when it runs again', () => {
  const bench = new XenSessionBench({
    commandLine: 'xsm=dummy',
    guests: [...guestFiles(readFileSync), ...filesOf(storyOf('redundancy'))],
    startsDomains: true,
  });
  const shown = (domid: number): string => bench.shown(`${domid}/pv`);
  bench.until(() => /Channel 0 controls/.test(shown(1)) && /Monitored by/.test(shown(3)));
  const { xen } = bench;
  const [dom0, channelA] = [xen.domains.get(0), xen.domains.get(2)];
  if (!dom0 || !channelA) throw new Error('a domain is missing');
  pauseByToolstack(xen, dom0);
  bench.run(10);
  pauseByToolstack(xen, channelA);
  bench.run(500);
  // Nobody has carried the monitor's lines out meanwhile.
  expect(shown(1)).not.toContain('Channel 0 has failed');
  expect(unpauseByToolstack(xen, dom0)).toBe(0);
  bench.until(() => xen.domains.get(4) !== undefined && /Channel 0 is domain 4/.test(shown(1)));
  expect(shown(1)).toMatch(/Channel 1 controls the plant again: no output for [1-4]\.\d+ ms, [1-4] missed/);
});
