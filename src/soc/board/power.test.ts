import { expect, test } from 'vitest';
import type { ClusterStats } from '../../cluster/cluster.ts';
import { CorePower } from './power.ts';

function power() {
  const on = new Set([0, 1]);
  const done: string[] = [];
  const cluster: ConstructorParameters<typeof CorePower>[0] = {
    reset: (core, { pc, el, x0 }) => {
      on.add(core);
      done.push(`start ${core} at ${pc}, EL${el}, x0 ${x0}`);
    },
    turnOff: (core) => {
      on.delete(core);
      done.push(`off ${core}`);
    },
    setLine: () => {},
    stats: () =>
      ({ cores: [0, 1].map((core) => ({ state: on.has(core) ? 'running' : 'off' })) }) as unknown as ClusterStats, // nothing else is used
  };
  return { power: new CorePower(cluster, 2, 1, () => {}), done };
}

test('a core that is powered down counts as on, and its next physical interrupt starts it, once', () => {
  const { power: cores, done } = power();
  expect(cores.suspend(1, 0x8000n, 7n)).toBe(true);
  expect([cores.isOn(1), cores.isSuspended(1), cores.saveState()]).toEqual([
    true,
    true,
    [{ core: 1, pc: '32768', x0: '7' }],
  ]);
  cores.signal(0, 'irq', true);
  cores.signal(1, 'virq', true);
  expect(done).toEqual(['off 1']);
  cores.signal(1, 'fiq', true);
  cores.signal(1, 'irq', true);
  expect(done).toEqual(['off 1', 'start 1 at 32768, EL1, x0 7']);
  expect([cores.isSuspended(1), cores.saveState()]).toEqual([false, []]);
});

test('a core with an interrupt signalled does not power down', () => {
  const { power: cores, done } = power();
  cores.signal(1, 'irq', true);
  expect(cores.suspend(1, 0n, 0n)).toBe(false);
  cores.signal(1, 'irq', false);
  expect(cores.suspend(1, 0n, 0n)).toBe(true);
  expect(done).toEqual(['off 1']);
});

test('a core that is off is not woken', () => {
  const { power: cores, done } = power();
  cores.turnOff(1);
  cores.signal(1, 'irq', true);
  cores.signal(3, 'irq', true); // an interface without a core
  expect([done, cores.isOn(1)]).toEqual([['off 1'], false]);
});
