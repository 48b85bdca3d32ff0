/** Event channels with the two-level ABI of Xen 4.17 (public/event_channel.h, public/xen.h). */
import { assert, defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { type Probe, packVcpu } from '../../base/probe/probe.ts';
import type { MayReach } from '../domain/xsm.ts';
import { Errno } from '../public/errno.ts';
import type { SchedUnit } from '../sched/unit.ts';

/** EVTCHNSTAT_* (public/event_channel.h). */
export const ChannelStatus = { closed: 0, unbound: 1, interdomain: 2, pirq: 3, virq: 4, ipi: 5 } as const;

/** Virtual interrupts (public/xen.h, VIRQ_*). */
export const Virq = { timer: 0, debug: 1, console: 2, domExc: 3 } as const;
const virqs = 24;
/** Virtual interrupts of a vCPU. All others are those of the domain. */
const perVcpu: ReadonlySet<number> = new Set([0 /* TIMER */, 1 /* DEBUG */, 7 /* XENOPROF */, 13 /* XENPMU */]);

/** Number of ports that two levels of 64-bit words have bits for. */
const portsMax = 64 * 64;
/** Offsets in struct shared_info on Arm, which begins with one struct vcpu_info of 48 bytes. */
const pendingOffset = 48;
const maskOffset = pendingOffset + portsMax / 8;
/** Offsets in struct vcpu_info. */
const upcallPending = 0;
const pendingSelector = 8;

export interface EventVCpu {
  readonly id: number;
  readonly unit: SchedUnit;
  /** Host address of its struct vcpu_info; 0 if it has none yet. */
  readonly info: number;
}

/** The parts of a domain that event channels use. */
export interface EventDomain<VCpu extends EventVCpu> {
  readonly domainId: number;
  /** Whether it is Dom0. */
  readonly isPrivileged: boolean;
  readonly isDying: boolean;
  readonly vcpus: readonly VCpu[];
  readonly events: EventChannels<VCpu>;
}

export interface EventHost<VCpu extends EventVCpu> {
  readonly memory: Uint8Array;
  readonly probe: Probe;
  /** The domain with this number, if there is one. */
  domain(id: number): EventDomain<VCpu> | undefined;
  /** Raises the interrupt that tells a vCPU of events. */
  upcall(vcpu: VCpu): void;
  /** Ends a SCHEDOP_poll. */
  unblock(vcpu: VCpu): void;
  readonly mayReach: MayReach;
}

/** The state of a port. */
type Channel = { vcpu: number } & (
  | { readonly kind: 'unbound'; readonly remote: number }
  | { readonly kind: 'interdomain'; readonly remote: number; readonly remotePort: number }
  | { readonly kind: 'virq'; readonly virq: number }
  | { readonly kind: 'ipi' }
);

export interface ChannelInfo {
  readonly status: number;
  readonly vcpu: number;
  /** The other domain and its port, or the virtual interrupt. */
  readonly remote: number;
  readonly remotePort: number;
  readonly virq: number;
}

/** A domain's event channels. Operations return a port or 0, or a negated error number. */
export class EventChannels<VCpu extends EventVCpu> {
  private readonly host: EventHost<VCpu>;
  private readonly domain: EventDomain<VCpu>;
  /** Host address of the domain's struct shared_info. */
  private readonly sharedInfo: number;
  private readonly maxPort: number;
  private readonly channels: (Channel | undefined)[] = [];

  constructor(host: EventHost<VCpu>, domain: EventDomain<VCpu>, sharedInfo: number, maxPort: number) {
    this.host = host;
    this.domain = domain;
    this.sharedInfo = sharedInfo;
    this.maxPort = Math.min(maxPort, portsMax - 1);
  }

  /** EVTCHNOP_alloc_unbound in this domain: a port for `remote` to bind to. `caller` makes the call. */
  allocateUnbound(remote: number, caller: EventDomain<VCpu>): number {
    if (this.domain !== caller && !caller.isPrivileged) return -Errno.EPERM;
    const other = this.host.domain(remote);
    const port = this.freePort();
    if (port < 0) return port;
    if (!other) return -Errno.ESRCH;
    if (!this.host.mayReach(this.domain, other) && !caller.isPrivileged) return -Errno.EPERM;
    this.channels[port] = { kind: 'unbound', remote, vcpu: 0 };
    return port;
  }

  /** EVTCHNOP_bind_interdomain: connects to a port that another domain has reserved for this one. */
  bindInterdomain(remote: number, remotePort: number): number {
    const other = this.host.domain(remote);
    if (!other) return -Errno.ESRCH;
    const port = this.freePort();
    if (port < 0) return port;
    const theirs = other.events.channels[remotePort];
    if (theirs?.kind !== 'unbound' || theirs.remote !== this.domain.domainId) return -Errno.EINVAL;
    if (!this.host.mayReach(this.domain, other)) return -Errno.EPERM;
    this.channels[port] = { kind: 'interdomain', remote, remotePort, vcpu: 0 };
    other.events.channels[remotePort] = {
      kind: 'interdomain',
      remote: this.domain.domainId,
      remotePort: port,
      vcpu: theirs.vcpu,
    };
    // A notification that was sent earlier may have been lost.
    this.setPending(port);
    return port;
  }

  /** EVTCHNOP_bind_virq. */
  bindVirq(virq: number, vcpu: number): number {
    if (virq >= virqs || (!perVcpu.has(virq) && vcpu !== 0)) return -Errno.EINVAL;
    if (!this.domain.vcpus[vcpu]) return -Errno.ENOENT;
    if (this.virqPort(virq, vcpu) !== 0) return -Errno.EEXIST;
    const port = this.freePort();
    if (port > 0) this.channels[port] = { kind: 'virq', virq, vcpu };
    return port;
  }

  /** EVTCHNOP_bind_ipi. */
  bindIpi(vcpu: number): number {
    if (!this.domain.vcpus[vcpu]) return -Errno.ENOENT;
    const port = this.freePort();
    if (port > 0) this.channels[port] = { kind: 'ipi', vcpu };
    return port;
  }

  /** EVTCHNOP_close. The other end becomes unbound, and can be bound again. */
  close(port: number): number {
    const channel = this.channels[port];
    if (!channel) return -Errno.EINVAL;
    this.channels[port] = undefined;
    this.clearBit(pendingOffset, port);
    if (channel.kind === 'interdomain') {
      const other = defined(this.host.domain(channel.remote), 'the other end').events;
      const theirs = defined(other.channels[channel.remotePort], 'the other port');
      other.channels[channel.remotePort] = { kind: 'unbound', remote: this.domain.domainId, vcpu: theirs.vcpu };
    }
    return 0;
  }

  /** EVTCHNOP_send. */
  send(port: number): number {
    const channel = this.channels[port];
    switch (channel?.kind) {
      case 'interdomain':
        defined(this.host.domain(channel.remote), 'the other end').events.setPending(channel.remotePort);
        return 0;
      case 'ipi':
        this.setPending(port);
        return 0;
      case 'unbound':
        return 0;
      default:
        return -Errno.EINVAL;
    }
  }

  /** EVTCHNOP_status; null for a port out of range. */
  status(port: number): ChannelInfo | null {
    if (port > this.maxPort) return null;
    const channel = this.channels[port];
    return {
      status: channel ? ChannelStatus[channel.kind] : ChannelStatus.closed,
      vcpu: channel?.vcpu ?? 0,
      remote: channel && 'remote' in channel ? channel.remote : 0,
      remotePort: channel?.kind === 'interdomain' ? channel.remotePort : 0,
      virq: channel?.kind === 'virq' ? channel.virq : 0,
    };
  }

  /** EVTCHNOP_bind_vcpu: chooses the vCPU that is notified. */
  bindVcpu(port: number, vcpu: number): number {
    if (!this.domain.vcpus[vcpu]) return -Errno.ENOENT;
    const channel = this.channels[port];
    if (!channel || channel.kind === 'ipi') return -Errno.EINVAL;
    if (channel.kind === 'virq' && perVcpu.has(channel.virq)) return -Errno.EINVAL;
    channel.vcpu = vcpu;
    return 0;
  }

  /** EVTCHNOP_unmask: a port that became pending while it was masked notifies its vCPU now. */
  unmask(port: number): number {
    const channel = this.channels[port];
    if (!channel) return port <= this.maxPort ? 0 : -Errno.EINVAL;
    const wasMasked = this.testBit(maskOffset, port);
    this.clearBit(maskOffset, port);
    if (wasMasked && this.isPending(port)) this.select(channel, port);
    return 0;
  }

  /** EVTCHNOP_reset, or the end of the domain: closes all ports. */
  reset(): void {
    this.channels.forEach((channel, port) => {
      if (channel) this.close(port);
    });
  }

  /** Raises a virtual interrupt if it is bound to a port. */
  raiseVirq(virq: number, vcpu = 0): void {
    const port = this.virqPort(virq, vcpu);
    if (port !== 0) this.setPending(port);
  }

  isPending(port: number): boolean {
    return this.testBit(pendingOffset, port);
  }

  /** Takes the pending events of a vCPU, in place of a guest kernel: for the model of Dom0. Returns their ports. */
  takePending(vcpu: VCpu): number[] {
    const { memory } = this.host;
    memory[vcpu.info + upcallPending] = 0;
    memory.fill(0, vcpu.info + pendingSelector, vcpu.info + pendingSelector + 8);
    const ports: number[] = [];
    this.channels.forEach((channel, port) => {
      if (!channel || !this.isPending(port) || this.testBit(maskOffset, port)) return;
      this.clearBit(pendingOffset, port);
      ports.push(port);
    });
    return ports;
  }

  /** Adds the state of each port; what is pending and masked lies in memory. */
  fingerprint(hasher: Hasher): void {
    this.channels.forEach((channel, port) => {
      if (channel) hasher.add(port, { ...channel });
    });
  }

  /** Number of open ports. */
  get count(): number {
    return this.channels.filter((channel) => channel).length;
  }

  private freePort(): number {
    if (this.domain.isDying) return -Errno.EINVAL;
    // Port 0 means no port.
    for (let port = 1; port <= this.maxPort; port++) if (!this.channels[port]) return port;
    return -Errno.ENOSPC;
  }

  /** The port that a virtual interrupt is bound to; 0 if there is none. */
  /** The port that a virtual interrupt is bound to; 0 if to none. */
  virqPort(virq: number, vcpu: number): number {
    const port = this.channels.findIndex(
      (c) => c?.kind === 'virq' && c.virq === virq && (!perVcpu.has(virq) || c.vcpu === vcpu),
    );
    return Math.max(port, 0);
  }

  /** Makes a port pending. Its vCPU is notified unless the port is masked; pollers wake up in any case. */
  private setPending(port: number): void {
    const channel = defined(this.channels[port], `port ${port}`);
    if (this.isPending(port)) return;
    this.setBit(pendingOffset, port);
    const from = channel.kind === 'interdomain' ? channel.remote : this.domain.domainId;
    const how = ChannelStatus[channel.kind] | (from << 16);
    this.host.probe.emitFor(packVcpu(this.domain.domainId, channel.vcpu), ProbeKind.eventChannel, port, how);
    if (!this.testBit(maskOffset, port)) this.select(channel, port);
    this.wakePollers(port);
  }

  /** Sets the bit of the port's word in the selector of its vCPU, and notifies the vCPU. */
  private select(channel: Channel, port: number): void {
    const vcpu = defined(this.domain.vcpus[channel.vcpu], `vCPU ${channel.vcpu}`);
    if (vcpu.info === 0) return;
    const { memory } = this.host;
    const word = port >>> 6;
    const at = vcpu.info + pendingSelector + (word >>> 3);
    if (((memory[at] as number) >>> (word & 7)) & 1) return;
    memory[at] = (memory[at] as number) | (1 << (word & 7));
    this.markEventsPending(vcpu);
  }

  /** Notifies a vCPU, unless it has been notified already. */
  private markEventsPending(vcpu: VCpu): void {
    const { memory } = this.host;
    if (memory[vcpu.info + upcallPending] !== 0) return;
    memory[vcpu.info + upcallPending] = 1;
    this.host.upcall(vcpu);
  }

  private wakePollers(port: number): void {
    for (const vcpu of this.domain.vcpus) {
      const { polling, pollPort } = vcpu.unit;
      // A vCPU that polls several ports finds out itself which one it was.
      if (polling && (pollPort === port || pollPort < 0)) this.host.unblock(vcpu);
    }
  }

  private address(offset: number, port: number): number {
    assert(port < portsMax, `port ${port} has bits`);
    return this.sharedInfo + offset + (port >>> 3);
  }

  private testBit(offset: number, port: number): boolean {
    return (((this.host.memory[this.address(offset, port)] as number) >>> (port & 7)) & 1) !== 0;
  }

  private setBit(offset: number, port: number): void {
    const at = this.address(offset, port);
    this.host.memory[at] = (this.host.memory[at] as number) | (1 << (port & 7));
  }

  private clearBit(offset: number, port: number): void {
    const at = this.address(offset, port);
    this.host.memory[at] = (this.host.memory[at] as number) & ~(1 << (port & 7));
  }
}
