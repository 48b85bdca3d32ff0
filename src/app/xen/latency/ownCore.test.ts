import { describe, expect, test } from 'vitest';
import type { VcpuInfo } from '../../../session/api/hypervisor.ts';
import { type Placement, wayToOwnCore } from './ownCore.ts';

type Placed = Placement['domains'][number];

const vcpu = (id: number, hardAffinity: readonly number[]): VcpuInfo => ({
  id,
  pcpu: 0,
  state: 'running',
  time: 0,
  hardAffinity,
  softAffinity: [0, 1, 2, 3],
  scheduling: {},
});
const placed = (id: number, name: string, ...cpus: readonly number[]): Placed => ({
  id,
  name,
  states: [],
  vcpus: [vcpu(0, cpus)],
});
const dom0 = placed(0, 'Domain-0', 0, 1, 2, 3);
const shares = { 0: 2, 1: 15, 2: 18, 3: 65 };

const way = (...domains: readonly Placed[]) =>
  wayToOwnCore('rtos-a', { domains: [dom0, placed(1, 'rtos-a', 1), ...domains], shares, cpus: 4 });

describe('the way to a core of one’s own', () => {
  test('is one step to a free core, however many neighbours there are', () => {
    const steps = ['xl vcpu-pin rtos-a 0 2'];
    expect(way(placed(2, 'rtos-b', 1), placed(3, 'noisy', 1))).toMatchObject({ core: 2, steps });
  });

  test('moves a single neighbour, so that the domain stays where it is', () => {
    expect(way(placed(3, 'noisy', 1))).toMatchObject({ core: 1, steps: ['xl vcpu-pin noisy 0 3'] });
  });

  test('moves all vCPUs of a neighbour', () => {
    const wide: Placed = { id: 3, name: 'wide', states: [], vcpus: [vcpu(0, [1]), vcpu(1, [1])] };
    expect(way(wide)?.steps).toEqual(['xl vcpu-pin wide all 3']);
  });

  test('moves all neighbours where no core is free, each to the least used one', () => {
    const taken = [placed(4, 'c', 2), placed(5, 'd', 2), placed(6, 'e', 3), placed(7, 'f', 3), placed(8, 'g', 0)];
    const domains = [dom0, placed(1, 'rtos-a', 1), placed(2, 'rtos-b', 1), placed(3, 'noisy', 1), ...taken];
    const found = wayToOwnCore('rtos-a', { domains, shares: { ...shares, 4: 90, 6: 10, 8: 90 }, cpus: 4 });
    expect(found).toMatchObject({ core: 1, steps: ['xl vcpu-pin rtos-b 0 3', 'xl vcpu-pin noisy 0 3'] });
  });

  test('keeps off a guest that is bound to no core', () => {
    expect(way(placed(3, 'noisy', 1), placed(4, 'mine', 0, 1, 2, 3))?.steps).toEqual([
      'xl vcpu-pin noisy 0 3',
      'xl vcpu-pin mine 0 0,2-3',
    ]);
  });

  test('has no step where the core is the domain’s own, or its neighbour has ended', () => {
    expect(way(placed(3, 'noisy', 3))).toMatchObject({ core: 1, steps: [] });
    expect(way({ ...placed(3, 'noisy', 1), states: ['shutdown'] })).toMatchObject({ core: 1, steps: [] });
  });

  test('does not exist for no domain, and on one core', () => {
    expect(wayToOwnCore('rtos-a', { domains: [dom0], shares, cpus: 4 })).toBeNull();
    const domains = [placed(1, 'rtos-a', 0), placed(2, 'noisy', 0)];
    expect(wayToOwnCore('rtos-a', { domains, shares, cpus: 1 })).toBeNull();
  });
});
