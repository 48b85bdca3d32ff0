/** Domains and their virtual CPUs. */

import { defined } from '../../base/assert.ts';
import { bytesOf, type Hasher } from '../../base/hasher.ts';
import { EventChannels, type EventDomain, type EventHost } from '../events/event-channels.ts';
import { VCpuContext } from '../machine/context.ts';
import type { GrantTable } from '../mm/grant-table.ts';
import type { Heap } from '../mm/heap.ts';
import type { P2m } from '../mm/p2m.ts';
import { P2mType } from '../mm/p2m.ts';
import { Errno } from '../public/errno.ts';
import { VMASST_TYPE } from '../public/hypercalls.ts';
import { PauseFlag, type SchedDomain, type SchedUnit } from '../sched/unit.ts';
import type { VTimer } from '../time/vtimer.ts';
import type { Watchdogs } from '../time/watchdogs.ts';
import type { ShadowTables } from '../unaccelerated/shadow-tables.ts';
import type { Translation } from '../unaccelerated/translation.ts';
import { MmioRegions } from '../vdev/mmio.ts';
import { DomainGic, VCpuGic } from '../vgic/state.ts';
import { ExitCounts } from './exits.ts';

/** Why a domain has stopped: SHUTDOWN_* (public/sched.h). */
export const ShutdownReason = {
  poweroff: 0,
  reboot: 1,
  suspend: 2,
  crash: 3,
  watchdog: 4,
  softReset: 5,
} as const;

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
  /** Whether it does without what ARMv8 has for guests: docs/xen/unaccelerated.md. Not Xen's. */
  readonly unaccelerated?: true;
}

/** Counts changes of domains: when it stands still, a toolstack's list of them says the same as before. */
export interface ChangeCount {
  value: number;
}

/** What a domain is made of. */
export interface DomainParts {
  readonly domainId: number;
  readonly vmid: number;
  readonly config: DomainConfig;
  /** Whether it is Dom0. */
  readonly isPrivileged: boolean;
  readonly p2m: P2m;
  readonly heap: Heap;
  readonly grants: GrantTable;
  /** Frame of its struct shared_info, and the host address of that. */
  readonly sharedInfo: number;
  readonly sharedInfoAddress: number;
  readonly eventHost: EventHost<VCpu>;
  /** Interrupt by which its event channels notify it. */
  readonly eventInterrupt: number;
  /** Ticks of the system counter by which its virtual counter is behind: those at its birth. */
  readonly timerOffset: number;
  /** Shared by all domains. */
  readonly changes: ChangeCount;
  /** Makes its watchdogs. */
  readonly watchdogs: (domain: Domain) => Watchdogs;
}

/** A virtual machine. */
export class Domain implements SchedDomain, EventDomain<VCpu> {
  readonly domainId: number;
  readonly vmid: number;
  readonly config: DomainConfig;
  readonly isPrivileged: boolean;
  readonly p2m: P2m;
  readonly sharedInfo: number;
  readonly eventInterrupt: number;
  readonly timerOffset: number;
  readonly vcpus: VCpu[] = [];
  readonly gic: DomainGic;
  readonly events: EventChannels<VCpu>;
  readonly grants: GrantTable;
  readonly watchdogs: Watchdogs;
  /** How many times it is paused, and how many of them by the toolstack. */
  pauseCount = 0;
  controllerPauses = 0;
  /** Number of pages that it has, and that it may have. */
  pages = 0;
  maxPages = 0;
  /** HVM_PARAM_*. */
  readonly parameters = new BigUint64Array(parameters);
  isShuttingDown = false;
  isShutDown = false;
  /** A ShutdownReason; -1 if it has not shut down. */
  shutdownReason = -1;
  /** A zombie has lost its memory, except for the pages that others map. */
  life: 'alive' | 'dying' | 'zombie' | 'dead' = 'alive';
  /** The VMASST_TYPE_* that it has asked for, a bit each. Domain-0's Linux asks for one when it boots. */
  assists = 0;
  /** The devices that Xen emulates for it. */
  readonly mmio = new MmioRegions<VCpu>();
  /** How it enters EL2. */
  readonly exits = new ExitCounts();
  /** The tables that the hardware walks in the place of its own; null with acceleration. */
  shadow: ShadowTables | null = null;
  /** By frame of Xen: the guest frame at which the domain has last mapped it. */
  readonly xenFrames = new Map<number, number>();
  private readonly held: number[] = [];
  private readonly heap: Heap;
  private readonly changes: ChangeCount;

  constructor(parts: DomainParts) {
    const { config } = parts;
    this.domainId = parts.domainId;
    this.vmid = parts.vmid;
    this.config = config;
    this.isPrivileged = parts.isPrivileged;
    if (this.isPrivileged) this.assists = 1 << VMASST_TYPE.runstate_update_flag;
    this.p2m = parts.p2m;
    this.heap = parts.heap;
    this.changes = parts.changes;
    this.grants = parts.grants;
    this.sharedInfo = parts.sharedInfo;
    this.eventInterrupt = parts.eventInterrupt;
    this.timerOffset = parts.timerOffset;
    this.gic = new DomainGic(config.spis);
    this.events = new EventChannels(parts.eventHost, this, parts.sharedInfoAddress, config.maxEventChannelPort);
    this.watchdogs = parts.watchdogs(this);
  }

  get isDying(): boolean {
    return this.life !== 'alive';
  }

  get uuid(): Uint8Array {
    return this.config.uuid;
  }

  get maxVcpus(): number {
    return this.config.maxVcpus;
  }

  vcpu(id: number): VCpu {
    return defined(this.vcpus[id], `d${this.domainId}v${id}`);
  }

  /** Whether a hypercall of the domain may access a frame: its own, and those of Xen that it may map. */
  owns(mfn: number): boolean {
    return this.heap.owner(mfn) === this.domainId || mfn === this.sharedInfo || this.grants.has(mfn);
  }

  /** Gives it 2^order zeroed frames, unmapped; null if it may not have more, or if there are none. */
  allocate(order: number): number | null {
    if (this.pages + 2 ** order > this.maxPages) return null;
    const mfn = this.heap.allocate(order, this.domainId);
    if (mfn === null) return null;
    this.pages += 2 ** order;
    this.changed();
    return mfn;
  }

  /** XENMEM_populate_physmap for one extent: 0, or -ENOMEM if there are no frames for it or for tables. */
  populate(gfn: number, order: number): number {
    const mfn = this.allocate(order);
    if (mfn === null) return -Errno.ENOMEM;
    const status = this.p2m.map(gfn, 2 ** order, mfn, P2mType.ramRw);
    if (status !== 0) this.release(mfn, order);
    return status;
  }

  /**
   * XENMEM_add_to_physmap for a frame of Xen that the domain may map: 0, -EBUSY if it is mapped at another address,
   * -EINVAL if there is no such address, -ENOMEM if there is no memory for a table.
   */
  mapXenFrame(gfn: number, mfn: number): number {
    const before = this.xenFrames.get(mfn);
    if (before !== undefined && this.p2m.lookUp(before)?.mfn === mfn) return -Errno.EBUSY;
    if (gfn >= 2 ** 28) return -Errno.EINVAL;
    const status = this.p2m.map(gfn, 1, mfn, P2mType.ramRw);
    if (status === 0) this.xenFrames.set(mfn, gfn);
    return status;
  }

  /** Takes frames from it that it does not map any more. */
  release(mfn: number, order: number): void {
    this.heap.free(mfn, order);
    this.pages -= 2 ** order;
    this.changed();
  }

  /** The same for one frame, if it is its own. */
  releaseOwn(mfn: number): void {
    if (this.heap.owner(mfn) === this.domainId) this.release(mfn, 0);
  }

  /**
   * Holds the frame that is mapped at a guest frame until the domain is destroyed, so that Xen or Dom0 may write there
   * whatever the guest does. Returns it, or null if no frame of the domain itself is mapped there.
   */
  hold(gfn: number): number | null {
    const mapping = this.p2m.lookUp(gfn);
    if (mapping?.type !== P2mType.ramRw || this.heap.owner(mapping.mfn) !== this.domainId) return null;
    this.heap.hold(mapping.mfn);
    this.held.push(mapping.mfn);
    return mapping.mfn;
  }

  /** Frees all its memory, except the frames that others hold. */
  releaseAll(): void {
    this.pages -= this.heap.freeAllOf(this.domainId);
    for (const mfn of this.held.splice(0)) this.heap.letGo(mfn);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.domainId, this.vmid, { ...this.config }, this.sharedInfo, this.eventInterrupt, this.timerOffset);
    hasher.add(this.pauseCount, this.controllerPauses, this.pages, this.maxPages, bytesOf(this.parameters));
    hasher.add(this.isShuttingDown, this.isShutDown, this.shutdownReason, this.life, this.assists);
    hasher.add([...this.xenFrames].flat(), this.held);
    for (const part of [this.p2m, this.events, this.grants, this.watchdogs, this.gic, this.mmio])
      part.fingerprint(hasher);
    this.shadow?.fingerprint(hasher);
    for (const vcpu of this.vcpus) vcpu.fingerprint(hasher);
  }

  /** Notes that something has changed that a list of domains shows: its state or its memory. */
  changed(): void {
    this.changes.value++;
  }

  toString(): string {
    return `d${this.domainId}`;
  }
}

/** evtchn_upcall_mask in a struct vcpu_info is set at first. On Arm it means nothing. */
export const maskUpcalls = ({ u8 }: { readonly u8: Uint8Array }, info: number): void => {
  u8[info + 1] = 1;
};

/** HCR_EL2 of a guest: VM, SWIO, PTW, FMO, IMO, AMO, FB, BSU, TWI, TWE, TID3, TSC, TIDCP, TAC, TSW, RW. */
const defaultHcr = 0x807c_663f | 0;

/** A virtual CPU of a domain. */
export class VCpu {
  /** Its registers while it is on no pCPU. */
  readonly context: VCpuContext;
  readonly gic: VCpuGic;
  /** HCR_EL2, whose high half is zero. */
  hcr = defaultHcr;
  /** Its registers of virtual memory; null with acceleration. */
  translation: Translation | null = null;
  /** Host address of its struct vcpu_info; 0 if it has none yet. */
  info = 0;
  hasRegisteredInfo = false;
  /** The halves of the guest address at which Xen is to write its runstate. */
  runstateArea: { readonly low: number; readonly high: number } | null = null;
  /**
   * How it last trapped: ESR_EL2, then the halves of ELR_EL2, FAR_EL2, HPFAR_EL2 and the low half of X16.
   * Nothing in Xen depends on it, so it is in no fingerprint.
   */
  readonly lastTrap = new Int32Array(8);
  private _unit: SchedUnit | undefined;
  private _timer: VTimer | undefined;

  constructor(
    readonly domain: Domain,
    readonly id: number,
  ) {
    this.context = new VCpuContext(id);
    this.gic = new VCpuGic(id);
  }

  /** Gives it its unit and its timers. Called once. */
  attach(unit: SchedUnit, timer: VTimer): void {
    this._unit = unit;
    this._timer = timer;
  }

  get unit(): SchedUnit {
    return defined(this._unit, 'the unit of a vCPU');
  }

  get timer(): VTimer {
    return defined(this._timer, 'the timers of a vCPU');
  }

  /** It starts, with the MMU off. */
  begin(pc: bigint, x0: bigint, pstate?: number): void {
    this.context.begin(pc, x0, pstate);
    this.translation?.begin();
  }

  /** Whether it is off: neither PSCI nor the domain builder has started it, or it has turned itself off. */
  get isDown(): boolean {
    return (this.unit.pauseFlags & PauseFlag.down) !== 0;
  }

  fingerprint(hasher: Hasher): void {
    const { info, hasRegisteredInfo, runstateArea: area } = this;
    hasher.add(this.hcr, info, hasRegisteredInfo, area && [area.low, area.high]);
    for (const part of [this.context, this.gic, this.unit, this.timer]) part.fingerprint(hasher);
    this.translation?.fingerprint(hasher);
  }

  toString(): string {
    return `d${this.domain.domainId}v${this.id}`;
  }
}
