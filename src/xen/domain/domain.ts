import { defined } from '../../base/assert.ts';
import { EventChannels, type EventDomain, type EventHost } from '../events/event-channels.ts';
import { Errno } from '../hypercall/errno.ts';
import type { GrantTable } from '../mm/grant-table.ts';
import type { Heap } from '../mm/heap.ts';
import type { P2m } from '../mm/p2m.ts';
import { P2mType } from '../mm/p2m.ts';
import type { SchedDomain } from '../sched/unit.ts';
import type { Watchdogs } from '../time/watchdogs.ts';
import type { EmulatedDevice } from '../traps/access.ts';
import { DomainGic } from '../vgic/vgic.ts';
import type { VCpu } from './vcpu.ts';

/** Why a domain has stopped: SHUTDOWN_* (public/sched.h). */
export const ShutdownReason = {
  poweroff: 0,
  reboot: 1,
  suspend: 2,
  crash: 3,
  watchdog: 4,
  softReset: 5,
} as const;

/** Numbers that domains may have: below DOMID_FIRST_RESERVED. */
export const firstReservedDomain = 0x7ff0;

/** HVM_NR_PARAMS (public/hvm/params.h). */
const parameters = 39;

/** What the toolstack asks for: struct xen_domctl_createdomain (public/domctl.h). */
export interface DomainConfig {
  readonly uuid: Uint8Array;
  readonly maxVcpus: number;
  readonly maxEventChannelPort: number;
  readonly maxGrantFrames: number;
  readonly maxMaptrackFrames: number;
  /** SPIs of its virtual GIC. */
  readonly spis: number;
}

/** A virtual machine. */
export class Domain implements SchedDomain, EventDomain<VCpu> {
  readonly vcpus: VCpu[] = [];
  readonly gic: DomainGic;
  readonly events: EventChannels<VCpu>;
  readonly grants: GrantTable;
  readonly watchdogs: Watchdogs;
  /** Times that it has been paused, and those of them by the toolstack. */
  pauseCount = 0;
  controllerPauses = 0;
  /** Pages that it has and may have at most. */
  pages = 0;
  maxPages = 0;
  /** HVM_PARAM_*. */
  readonly parameters = new BigUint64Array(parameters);
  isShuttingDown = false;
  isShutDown = false;
  /** ShutdownReason; -1 while there is none. */
  shutdownReason = -1;
  life: 'alive' | 'dying' | 'dead' = 'alive';
  /** Its virtual UART, if it has one. */
  pl011: EmulatedDevice | null = null;
  /** Where it has last mapped frames of Xen's. */
  readonly xenFrames = new Map<number, number>();
  readonly #held: number[] = [];
  /** Interrupt that its event channels raise. */
  eventInterrupt: number;

  constructor(
    readonly domainId: number,
    readonly vmid: number,
    readonly config: DomainConfig,
    /** Dom0. */
    readonly isPrivileged: boolean,
    readonly p2m: P2m,
    /** Frame of its struct shared_info. */
    readonly sharedInfo: number,
    /** Host address of that. */
    sharedInfoAddress: number,
    eventHost: EventHost<VCpu>,
    grants: GrantTable,
    watchdogs: (domain: Domain) => Watchdogs,
    /** Ticks of the system counter when it was made: what its virtual counter is behind. */
    readonly timerOffset: number,
    eventInterrupt: number,
    private readonly heap: Heap,
  ) {
    this.gic = new DomainGic(config.spis);
    this.eventInterrupt = eventInterrupt;
    this.grants = grants;
    this.watchdogs = watchdogs(this);
    this.events = new EventChannels(eventHost, this, sharedInfoAddress, config.maxEventChannelPort);
  }

  get isDying(): boolean {
    return this.life !== 'alive';
  }

  get maxVcpus(): number {
    return this.config.maxVcpus;
  }

  vcpu(id: number): VCpu {
    return defined(this.vcpus[id], `d${this.domainId}v${id}`);
  }

  /** Whether Xen may reach a frame for it: its own, and those of Xen's that it can have mapped. */
  owns(mfn: number): boolean {
    return this.heap.owner(mfn) === this.domainId || mfn === this.sharedInfo || this.grants.has(mfn);
  }

  /** Gives it 2^order zeroed frames, without mapping them; null where it has its share, or there are none. */
  allocate(order: number): number | null {
    if (this.pages + 2 ** order > this.maxPages) return null;
    const mfn = this.heap.allocate(order, this.domainId);
    if (mfn !== null) this.pages += 2 ** order;
    return mfn;
  }

  /** XENMEM_populate_physmap for one extent: 0, or -ENOMEM where no frames or tables are left. */
  populate(gfn: number, order: number): number {
    const mfn = this.allocate(order);
    if (mfn === null) return -Errno.ENOMEM;
    const status = this.p2m.map(gfn, 2 ** order, mfn, P2mType.ramRw);
    if (status !== 0) this.release(mfn, order);
    return status;
  }

  /**
   * XENMEM_add_to_physmap for a frame of Xen's that the domain may see: 0; -EBUSY while it is seen elsewhere, -EINVAL where there is no
   * such address, -ENOMEM where a table could not be had.
   */
  mapXenFrame(gfn: number, mfn: number): number {
    const before = this.xenFrames.get(mfn);
    if (before !== undefined && this.p2m.lookUp(before)?.mfn === mfn) return -Errno.EBUSY;
    if (gfn >= 2 ** 28) return -Errno.EINVAL;
    const status = this.p2m.map(gfn, 1, mfn, P2mType.ramRw);
    if (status === 0) this.xenFrames.set(mfn, gfn);
    return status;
  }

  /** Takes frames from it that nothing maps any more. */
  release(mfn: number, order: number): void {
    this.heap.free(mfn, order);
    this.pages -= 2 ** order;
  }

  /** The same for one frame, unless it is not its own. */
  releaseOwn(mfn: number): void {
    if (this.heap.owner(mfn) === this.domainId) this.release(mfn, 0);
  }

  /**
   * The frame of its memory at a guest frame, which stays what it is until the domain is gone, whatever the guest does with it: for
   * what Xen or Dom0 writes there. Null where none of its own is mapped.
   */
  hold(gfn: number): number | null {
    const mapping = this.p2m.lookUp(gfn);
    if (mapping?.type !== P2mType.ramRw || this.heap.owner(mapping.mfn) !== this.domainId) return null;
    this.heap.hold(mapping.mfn);
    this.#held.push(mapping.mfn);
    return mapping.mfn;
  }

  /** Gives back all its memory, but for what others hold. */
  releaseAll(): void {
    this.pages -= this.heap.freeAllOf(this.domainId);
    for (const mfn of this.#held.splice(0)) this.heap.letGo(mfn);
  }

  toString(): string {
    return `d${this.domainId}`;
  }
}
