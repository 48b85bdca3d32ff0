import { expect, test } from 'vitest';
import { type EventName, ProbeKind } from '../../base/probe/kinds.ts';
import { noCore, noDomain, packVcpu } from '../../base/probe/probe.ts';
import { idleDomainId } from '../../xen/sched/unit.ts';
import { ProbeRing } from './ring.ts';
import { EventText } from './text.ts';

interface Event {
  readonly core?: number;
  readonly domain?: number;
  readonly vcpu?: number;
  readonly a?: number;
  readonly low?: number;
  readonly high?: number;
}

const line = (name: EventName, { core = 1, domain = 2, vcpu = 3, a = 0, low = 0, high = 0 }: Event): string => {
  const ring = new ProbeRing(0, 0);
  ring.record({ time: 1_200_000_012, core, domain, vcpu, kind: ProbeKind[name], a, low, high });
  const filter = { from: 0, to: 1e12, kinds: null, cores: null, domains: null };
  const { events } = ring.window({ ...filter, after: 0, limit: 1, newest: false });
  return new EventText((address) => `uart0+0x${(address & 0xfff).toString(16)}`).line(events, 0);
};

test.each<[EventName, Event, string]>([
  [
    'exceptionToEl2',
    { a: ((0x24 << 25) | 0x93) >>> 0, low: 0x1000, high: (1 << 24) | 0xff_0000 },
    'cpu1 d2v3 exceptionToEl2 class=dataAbort from=EL1 elr=0xffff000000001000 iss=0x93',
  ],
  ['exceptionToEl1', { a: 64 << 25, low: 0x40 }, 'cpu1 d2v3 exceptionToEl1 class=irq from=EL0 elr=0x40 iss=0x0'],
  [
    'deviceWrite',
    { core: noCore, domain: noDomain, a: 0x41, low: 0xff00_0030, high: (4 << 16) | (1 << 24) },
    '- - deviceWrite at=uart0+0x30 size=4 value=0x41 aborts',
  ],
  ['deviceRead', { low: 0xff00_0030, high: 4 << 16 }, 'cpu1 d2v3 deviceRead at=uart0+0x30 size=4 value=0x0'],
  [
    'switch',
    { domain: idleDomainId, vcpu: 1, a: packVcpu(5, 1), low: 2 },
    'cpu1 idle switch before=d5v1 state=blocked waited=0',
  ],
  ['priority', { a: -2, low: -1 }, 'cpu1 d2v3 priority priority=-2 before=-1'],
  ['hypercall', { a: 29, low: 3 }, 'cpu1 d2v3 hypercall number=sched_op argument=0x3'],
  ['hypercallReturn', { a: 99, low: -38, high: -1 }, 'cpu1 d2v3 hypercallReturn number=99 result=-38'],
  ['hypercallReturn', { a: 12 | (1 << 31) }, 'cpu1 d2v3 hypercallReturn number=memory_op again result=0'],
  ['systemReset', { core: noCore, domain: noDomain, a: 2 }, '- - systemReset cause=error'],
  ['domainShutdown', { a: 1 }, 'cpu1 d2v3 domainShutdown reason=reboot'],
  ['eventChannel', { a: 4, low: 2 }, 'cpu1 d2v3 eventChannel port=4 kind=interdomain from=0'],
  ['consoleOutput', { a: 7, low: 1 }, 'cpu1 d2v3 consoleOutput bytes=7 console=vuart'],
  [
    'smmuFault',
    { a: ((0x14e8 << 16) | (3 << 10) | 2) >>> 0, low: 0x9000, high: 1 << 24 },
    'cpu1 d2v3 smmuFault stream=0x14e8 address=0x9000 bank=3 status=0x2 write',
  ],
  [
    'dmaRead',
    { a: (0x868 << 16) | 64, low: 0x100, high: 1 << 24 },
    'cpu1 d2v3 dmaRead stream=0x868 address=0x100 bytes=64 outcome=error',
  ],
])('%s %j', (name, event, text) => {
  expect(line(name, event)).toBe(`1.000000010 ${text}`);
});
