import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentProbe } from '../../base/probe/probe.ts';
import { reachRule } from '../domain/xsm.ts';
import { Errno } from '../public/errno.ts';
import { SchedUnit } from '../sched/unit.ts';
import { ChannelStatus, EventChannels, type EventDomain, type EventVCpu, Virq } from './event-channels.ts';

/** Domains whose memory is an array: each has a page with its struct shared_info. */
class World {
  readonly memory = new Uint8Array(8 * 4096);
  readonly upcalls: string[] = [];
  readonly woken: string[] = [];
  readonly domains = new Map<number, EventDomain<EventVCpu>>();

  constructor() {
    for (const id of [0, 1, 2]) this.#add(id);
  }

  #add(domainId: number): void {
    const sharedInfo = (1 + domainId) * 4096;
    const domain = { domainId, uuid: new Uint8Array(16), pauseCount: 0, isPrivileged: domainId === 0, isDying: false };
    const vcpus = [0, 1].map((id) => ({
      id,
      unit: new SchedUnit(domain, id),
      info: id === 0 ? sharedInfo : sharedInfo + 2048,
    }));
    const host = {
      memory: this.memory,
      domain: (id: number) => this.domains.get(id),
      upcall: (vcpu: EventVCpu) => this.upcalls.push(String(vcpu.unit)),
      probe: silentProbe,
      unblock: (vcpu: EventVCpu) => this.woken.push(String(vcpu.unit)),
      mayReach: reachRule('silo'),
    };
    const whole: EventDomain<EventVCpu> = {
      ...domain,
      vcpus,
      get events(): EventChannels<EventVCpu> {
        return events;
      },
    };
    const events = new EventChannels(host, whole, sharedInfo, 1023);
    this.domains.set(domainId, whole);
  }

  of(id: number): EventDomain<EventVCpu> {
    const domain = this.domains.get(id);
    if (!domain) throw new Error(`no domain ${id}`);
    return domain;
  }

  /** Takes all events of a vCPU, as a guest does. */
  take(id: number, vcpu: number): number[] {
    const { info } = this.of(id).vcpus[vcpu] as EventVCpu;
    this.memory[info] = 0;
    const ports: number[] = [];
    const base = (1 + id) * 4096;
    for (let port = 1; port < 4096; port++) {
      const at = base + 48 + (port >>> 3);
      const selected = ((this.memory[info + 8 + (port >>> 9)] as number) >>> ((port >>> 6) & 7)) & 1;
      const masked = ((this.memory[at + 512] as number) >>> (port & 7)) & 1;
      if (selected === 0 || masked !== 0 || (((this.memory[at] as number) >>> (port & 7)) & 1) === 0) continue;
      this.memory[at] = (this.memory[at] as number) & ~(1 << (port & 7));
      ports.push(port);
    }
    this.memory.fill(0, info + 8, info + 16);
    return ports;
  }
}

/** A channel between Dom0 and a guest: the ports of both. */
const connect = (world: World, guest: number): [dom0: number, guest: number] => {
  const theirs = world.of(guest).events.allocateUnbound(0, world.of(0));
  const ours = world.of(0).events.bindInterdomain(guest, theirs);
  world.take(0, 0);
  world.upcalls.length = 0;
  return [ours, theirs];
};

describe('event channels', () => {
  test('a notification sets the bits for the guest and raises its interrupt once', () => {
    const world = new World();
    const [ours, theirs] = connect(world, 1);
    expect(world.of(0).events.send(ours)).toBe(0);
    expect(world.of(0).events.send(ours)).toBe(0);
    expect(world.upcalls).toEqual(['d1v0']);
    expect(world.take(1, 0)).toEqual([theirs]);
    world.of(1).events.send(theirs);
    expect(world.take(0, 0)).toEqual([ours]);
  });

  test('a masked port waits until it is unmasked', () => {
    const world = new World();
    const [ours, theirs] = connect(world, 1);
    const { events } = world.of(1);
    const mask = 2 * 4096 + 48 + 512 + (theirs >>> 3);
    world.memory[mask] = 1 << (theirs & 7);
    world.of(0).events.send(ours);
    expect(world.upcalls).toEqual([]);
    events.unmask(theirs);
    expect(world.upcalls).toEqual(['d1v0']);
  });

  test('a notification goes to the vCPU that the port is bound to', () => {
    const world = new World();
    const [ours, theirs] = connect(world, 1);
    expect(world.of(1).events.bindVcpu(theirs, 1)).toBe(0);
    expect(world.of(1).events.bindVcpu(theirs, 2)).toBe(-Errno.ENOENT);
    world.of(0).events.send(ours);
    expect(world.upcalls).toEqual(['d1v1']);
    expect(world.take(1, 1)).toEqual([theirs]);
  });

  test('unprivileged domains may only communicate with Dom0, and bind only their own ports', () => {
    const world = new World();
    const { events } = world.of(1);
    expect(events.allocateUnbound(2, world.of(1))).toBe(-Errno.EPERM);
    expect(events.allocateUnbound(7, world.of(1))).toBe(-Errno.ESRCH);
    expect(events.allocateUnbound(0, world.of(2))).toBe(-Errno.EPERM);
    expect(events.bindInterdomain(0, 1)).toBe(-Errno.EINVAL);
    const forTwo = world.of(0).events.allocateUnbound(2, world.of(0));
    expect(events.bindInterdomain(0, forTwo)).toBe(-Errno.EINVAL);
    expect(world.of(2).events.bindInterdomain(0, forTwo)).toBeGreaterThan(0);
  });

  test('when one end is closed, the other can be bound again', () => {
    const world = new World();
    const [ours, theirs] = connect(world, 1);
    expect(world.of(1).events.close(theirs)).toBe(0);
    expect(world.of(1).events.close(theirs)).toBe(-Errno.EINVAL);
    expect(world.of(0).events.status(ours)).toMatchObject({ status: ChannelStatus.unbound, remote: 1 });
    expect(world.of(0).events.send(ours)).toBe(0);
    expect(world.of(1).events.bindInterdomain(0, ours)).toBe(theirs);
  });

  test('virtual interrupts and inter-processor interrupts are ports', () => {
    const world = new World();
    const { events } = world.of(1);
    const ipi = events.bindIpi(1);
    const timer = events.bindVirq(Virq.timer, 1);
    expect(events.bindVirq(Virq.timer, 1)).toBe(-Errno.EEXIST);
    expect(events.bindVirq(Virq.console, 1)).toBe(-Errno.EINVAL);
    events.send(ipi);
    events.raiseVirq(Virq.timer, 1);
    events.raiseVirq(Virq.timer, 0);
    expect(world.take(1, 1)).toEqual([ipi, timer]);
    expect(events.send(timer)).toBe(-Errno.EINVAL);
  });

  test('a vCPU that polls wakes up even if the port is masked', () => {
    const world = new World();
    const [ours, theirs] = connect(world, 1);
    const { unit } = world.of(1).vcpus[1] as EventVCpu;
    unit.polling = true;
    unit.pollPort = theirs;
    world.of(0).events.send(ours);
    expect(world.woken).toEqual(['d1v1']);
  });

  test('after random operations, ends are in pairs, and only the pages of the guests have changed', () => {
    const operation = fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 2 }), fc.nat(2), fc.nat(6), fc.nat(2));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const world = new World();
        for (const [what, who, remote, port, vcpu] of operations) {
          const caller = world.of(who);
          const { events } = caller;
          if (what === 0) world.of(remote).events.allocateUnbound(port % 3, caller);
          else if (what === 1) events.allocateUnbound(remote, caller);
          else if (what === 2) events.bindInterdomain(remote, port);
          else if (what === 3) events.bindVirq(port, vcpu);
          else if (what === 4) events.bindIpi(vcpu);
          else if (what === 5) events.close(port);
          else if (what === 6) events.bindVcpu(port, vcpu);
          else if (what === 7) events.unmask(port);
          else if (what === 8) world.of(0).events.bindInterdomain(who, port);
          else events.send(port);
        }
        for (const [id, { events }] of world.domains) {
          for (let port = 1; port < 100; port++) {
            const status = events.status(port);
            if (status?.status !== ChannelStatus.interdomain) continue;
            const other = world.of(status.remote).events.status(status.remotePort);
            expect(other).toMatchObject({ status: ChannelStatus.interdomain, remote: id, remotePort: port });
          }
        }
        expect(world.memory.subarray(0, 4096).every((byte) => byte === 0)).toBe(true);
        for (const { events } of world.domains.values()) events.reset();
        for (const { events } of world.domains.values()) expect(events.count).toBe(0);
      }),
    );
  });
});
