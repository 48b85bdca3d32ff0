import { describe, expect, test } from 'vitest';
import type { VcpuInfo } from '../../session/api/hypervisor.ts';
import { nextStep, type Placement } from './nextStep.ts';

const vcpu = (id: number, hardAffinity: readonly number[]): VcpuInfo => ({
  id,
  pcpu: 0,
  state: 'running',
  time: 0,
  hardAffinity,
  softAffinity: [0, 1, 2, 3],
});
const placed = (id: number, name: string, ...cpus: readonly number[]) => ({ id, name, vcpus: [vcpu(0, cpus)] });
const dom0 = placed(0, 'Domain-0', 0, 1, 2, 3);
const shares = { 0: 2, 1: 15, 2: 18, 3: 65 };

const step = (domains: Placement['domains']) => nextStep('rtos-a', { domains, shares, cpus: 4 });

describe('the next step', () => {
  test('moves the heaviest neighbour, if it takes most of the core', () => {
    const anywhere = placed(4, 'mine', 0, 1, 2, 3);
    const domains = [dom0, placed(1, 'rtos-a', 1), placed(2, 'rtos-b', 1), placed(3, 'greedy', 1), anywhere];
    expect(step(domains)).toBe('xl vcpu-pin greedy 0 3');
  });

  test('moves all vCPUs of that neighbour', () => {
    const greedy = { id: 3, name: 'greedy', vcpus: [vcpu(0, [1]), vcpu(1, [1])] };
    expect(step([dom0, placed(1, 'rtos-a', 1), greedy])).toBe('xl vcpu-pin greedy all 3');
  });

  test('otherwise moves the domain to a core without others', () => {
    const domains = [dom0, placed(1, 'rtos-a', 1), placed(2, 'rtos-b', 1), placed(3, 'greedy', 3)];
    expect(step(domains)).toBe('xl vcpu-pin rtos-a 0 2');
  });

  test('is none for a domain that shares no core or does not exist, and without a free core', () => {
    expect(step([dom0, placed(1, 'rtos-a', 2), placed(3, 'greedy', 3)])).toBeNull();
    expect(step([dom0])).toBeNull();
    expect(step([dom0, placed(1, 'rtos-a', 1), placed(3, 'greedy', 1, 2, 3)])).toBeNull();
  });
});
