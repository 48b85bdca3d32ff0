import { expect, test } from 'vitest';
import { defined } from '../../../base/assert.ts';
import { Hasher } from '../../../base/hasher.ts';
import { Probe } from '../../../base/probe/probe.ts';
import { nanoseconds } from '../../time/time.ts';
import type { SchedulerCore } from '../scheduler.ts';
import { SchedUnit } from '../unit.ts';
import { CreditState, type CreditUnit, Priority } from './state.ts';

test('the fingerprint shows a credit, a priority and the order of a run queue', () => {
  const idle = new SchedUnit({ domainId: 0x7fff, uuid: new Uint8Array(16), pauseCount: 0 }, 0, true);
  const timer = { set: () => {}, stop: () => {}, migrate: () => {} };
  const core: SchedulerCore = {
    cpus: 1,
    online: 1,
    policies: [],
    probe: new Probe({ core: () => 0, now: () => 0 }),
    thisCpu: () => 0,
    now: () => nanoseconds(0),
    raiseSchedule: () => {},
    createTimer: () => timer,
    current: () => idle,
    idle: () => idle,
    pause: () => {},
    unpause: () => {},
    wake: () => {},
    printk: () => {},
  };
  const state = new CreditState(core);
  const units = [1, 2].map((domainId): CreditUnit => {
    const domain = { domainId, uuid: new Uint8Array(16), pauseCount: 0 };
    const unit = new SchedUnit(domain, 0);
    const svc: CreditUnit = {
      unit,
      domain: undefined,
      priority: Priority.under,
      flags: 0,
      credit: 10,
      remainder: 0,
      chargedUntil: nanoseconds(0),
      uncharged: 0,
      lastDecision: nanoseconds(0),
    };
    state.units.set(unit, svc);
    state.domains.set(domain, { domain, activeUnits: [svc], weight: 256, cap: 0 });
    return svc;
  });
  state.pcpus.set(0, { runQueue: units, sortedFor: 0, runnable: 2, ticker: timer });
  const hash = (): string => {
    const hasher = new Hasher();
    state.fingerprint(hasher);
    return hasher.digest();
  };
  const first = defined(units[0], 'a unit');
  const changes = [
    () => first.credit++,
    () => {
      first.priority = Priority.over;
    },
    () => first.remainder++,
    () => units.reverse(),
    () => state.balance++,
    () => state.lastPeer++,
    () => state.active.push(...state.domains.values()),
    () => state.active.reverse(),
  ];
  const seen = new Set([hash()]);
  expect(hash()).toBe([...seen][0]);
  for (const change of changes) {
    change();
    seen.add(hash());
  }
  expect(seen.size).toBe(changes.length + 1);
});
