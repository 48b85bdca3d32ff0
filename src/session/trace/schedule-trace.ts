/**
 * The record of the scheduling timeline: makes slices and marks of the probe's events while they come, and gives up the oldest
 * where they would take more memory than they may.
 */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { type EventName, ProbeKind } from '../../base/probe/kinds.ts';
import { noDomain, type ProbeEvent, type ProbeSink, packVcpu } from '../../base/probe/probe.ts';
import { clockHz } from '../../soc/board/zynqmp.ts';
import { idleDomainId, Runstate } from '../../xen/sched/unit.ts';
import type { VcpuName } from '../api/hypervisor.ts';
import { type MarkClass, resumedClass, waitCauses } from '../api/trace.ts';
import { MarkTrack, markChunkBytes } from './mark-track.ts';
import { SliceTrack, sliceChunkBytes } from './slice-track.ts';

/** Events that a timeline of domains needs. */
const domainKinds = [
  'exceptionToEl2',
  'returnFromEl2',
  'switch',
  'wake',
  'sleep',
  'yield',
  'migrate',
  'tickle',
  'priority',
  'credit',
  'hypercall',
  'interruptTaken',
  'interruptInjected',
  'virtualInterruptTaken',
  'smmuFault',
  'domainCreated',
  'domainShutdown',
  'domainDestroyed',
  'coreWaits',
  'coreResumes',
  'systemReset',
] as const satisfies readonly EventName[];

/** Events that a timeline of exception levels needs. */
const levelKinds = [
  'exceptionToEl1',
  'exceptionToEl2',
  'returnFromEl1',
  'returnFromEl2',
  'interruptTaken',
  'smmuFault',
  'coreWaits',
  'coreResumes',
  'systemReset',
] as const satisfies readonly EventName[];

/** Xen's own hypercalls: HVC #0xea1 (xen/arch-arm.h). */
const xenHvc = 0xea1;
/** Interrupt IDs from here on say that there is none (IHI 0048B, 3.2). */
const specialIds = 1020;
const noCause = 0xff;

const causeOf = (cause: (typeof waitCauses)[number]): number => waitCauses.indexOf(cause);
const [woken, preempted, yielded, moved] = waitCauses.map(causeOf) as [number, number, number, number];

/** What is kept of a core. */
export interface CoreTracks {
  readonly slices: SliceTrack;
  readonly xen: SliceTrack;
}

/** What is kept of a vCPU. `waits` has its open slice while it waits. */
export interface VcpuTracks extends VcpuName {
  readonly waits: SliceTrack;
  readonly credit: MarkTrack;
  readonly priority: MarkTrack;
}

export interface TraceOptions {
  readonly cores: number;
  readonly shows: 'vcpus' | 'levels';
  /** Virtual time in nanoseconds. */
  readonly now: number;
  /** By core: who runs now; of a timeline of levels only whether it runs, as null or not. */
  readonly running: readonly (VcpuName | null)[];
  /** The exception level that a core is in just now. */
  readonly levelOf: (core: number) => number;
  /** Bytes that it may take. */
  readonly limit: number;
  /** The number of the hypercall that a core makes just now, for a hypervisor that does not say; null if it says. */
  readonly hypercallOf: ((core: number) => number) | null;
}

export class ScheduleTrace implements ProbeSink {
  readonly shows: TraceOptions['shows'];
  readonly limit: number;
  readonly cores: readonly CoreTracks[];
  readonly vcpus = new Map<number, VcpuTracks>();
  /** Marks by lane. */
  readonly coreMarks: readonly Map<MarkClass, MarkTrack>[];
  readonly vcpuMarks = new Map<number, Map<MarkClass, MarkTrack>>();
  readonly machineMarks = new Map<MarkClass, MarkTrack>();
  readonly #hypercallOf: TraceOptions['hypercallOf'];
  readonly #levelOf: TraceOptions['levelOf'];
  /** What a vCPU that leaves its pCPU, and can run, will wait for. */
  readonly #causes = new Map<number, number>();
  readonly #tracks: (SliceTrack | MarkTrack)[] = [];
  #bytes = 0;
  #since: number;

  constructor({ cores, shows, now, running, limit, hypercallOf, levelOf }: TraceOptions) {
    this.shows = shows;
    this.limit = limit;
    this.#since = now;
    this.#hypercallOf = hypercallOf;
    this.#levelOf = levelOf;
    const each = Array.from({ length: cores }, (_, core) => core);
    this.cores = each.map(() => ({ slices: this.#add(new SliceTrack()), xen: this.#add(new SliceTrack()) }));
    this.coreMarks = each.map(() => new Map());
    for (const [core, vcpu] of running.entries())
      if (vcpu)
        this.cores[core]?.slices.begin(now, shows === 'levels' ? levelOf(core) : packVcpu(vcpu.domain, vcpu.vcpu));
  }

  /** The kinds of events that it needs. */
  get kinds(): readonly EventName[] {
    return this.shows === 'vcpus' ? domainKinds : levelKinds;
  }

  /** Virtual time in nanoseconds after which nothing is missing. */
  get since(): number {
    return this.#since;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Slices and marks that are kept. */
  get events(): number {
    return this.#tracks.reduce((sum, track) => sum + track.count, 0);
  }

  record(event: ProbeEvent): void {
    const time = (event.time * 1e9) / clockHz;
    if (event.kind === ProbeKind.systemReset) {
      this.#reset(time);
      return;
    }
    const core = this.cores[event.core];
    if (this.shows === 'levels') this.#levelChanged(event, time, core);
    else this.#schedule(event, time, core);
    if (event.kind === ProbeKind.interruptTaken && core && event.a < specialIds)
      this.#markCore(event.core, 'interrupt', time, event.a, core.slices.open?.value ?? 0);
    if (event.kind === ProbeKind.smmuFault) this.#mark(this.machineMarks, 'smmuFault', time, event.a >>> 16);
  }

  /** A board's core has changed its level. */
  #levelChanged(event: ProbeEvent, time: number, core: CoreTracks | undefined): void {
    if (!core) return;
    const level = (to: number): void => this.#begin(core.slices, time, to);
    switch (event.kind) {
      case ProbeKind.exceptionToEl1:
        level(1);
        break;
      case ProbeKind.exceptionToEl2:
        level(2);
        break;
      case ProbeKind.returnFromEl1:
      case ProbeKind.returnFromEl2:
        level((event.high >>> 24) & 3);
        break;
      case ProbeKind.coreWaits:
        this.#finish(core.slices, time);
        break;
      case ProbeKind.coreResumes:
        level(this.#levelOf(event.core));
    }
  }

  #schedule(event: ProbeEvent, time: number, core: CoreTracks | undefined): void {
    const vcpu = packVcpu(event.domain, event.vcpu) >>> 0;
    const isVcpu = event.domain < idleDomainId;
    switch (event.kind) {
      case ProbeKind.exceptionToEl2:
        if (core) this.#entered(event, time, core);
        break;
      case ProbeKind.returnFromEl2:
        if (core && ((event.high >>> 24) & 3) < 2) this.#finish(core.xen, time);
        break;
      case ProbeKind.coreWaits:
        if (core) this.#finish(core.xen, time);
        break;
      case ProbeKind.coreResumes:
        if (core && !core.slices.open) this.#begin(core.xen, time, xenValue(resumedClass, 0));
        break;
      case ProbeKind.switch:
        this.#switched(event, time, core);
        break;
      case ProbeKind.wake: {
        const { waits } = this.#vcpu(vcpu);
        if (!waits.open) this.#begin(waits, time, (event.a & 0xff) | (woken << 8));
        this.#markVcpu(vcpu, 'wake', time, event.core, core?.slices.open?.value ?? 0xffff_ffff);
        break;
      }
      case ProbeKind.sleep:
        this.#finish(this.#vcpu(vcpu).waits, time);
        break;
      case ProbeKind.yield:
        this.#causes.set(vcpu, yielded);
        this.#markVcpu(vcpu, 'yield', time, event.a);
        break;
      case ProbeKind.migrate:
        this.#causes.set(vcpu, moved);
        this.#markVcpu(vcpu, 'migrate', time, event.a, event.low & 0xff);
        break;
      case ProbeKind.tickle:
        if (isVcpu) this.#markCore(event.a, 'tickle', time, vcpu);
        break;
      case ProbeKind.priority:
        this.#count(this.#vcpu(vcpu).priority, time, event.a, event.low);
        break;
      case ProbeKind.credit:
        this.#count(this.#vcpu(vcpu).credit, time, event.a, event.a - event.low);
        break;
      case ProbeKind.hypercall:
        if (!this.#hypercallOf) this.#markCore(event.core, 'hypercall', time, event.a, vcpu);
        break;
      case ProbeKind.interruptInjected:
        this.#markVcpu(vcpu, 'injected', time, event.a);
        break;
      case ProbeKind.virtualInterruptTaken:
        if (isVcpu && event.a < specialIds) this.#markVcpu(vcpu, 'virtual', time, event.a);
        break;
      case ProbeKind.domainCreated:
      case ProbeKind.domainShutdown:
      case ProbeKind.domainDestroyed: {
        if (event.kind === ProbeKind.domainDestroyed)
          for (const { domain, waits } of this.vcpus.values()) if (domain === event.domain) this.#finish(waits, time);
        const what = [ProbeKind.domainCreated, ProbeKind.domainShutdown, ProbeKind.domainDestroyed];
        this.#mark(this.machineMarks, 'domain', time, what.indexOf(event.kind), event.domain);
        break;
      }
    }
  }

  /** A core has entered EL2. */
  #entered(event: ProbeEvent, time: number, { slices, xen }: CoreTracks): void {
    const exception = event.a >>> 25;
    const vcpu = slices.open?.value ?? packVcpu(idleDomainId, event.core);
    if (((event.high >>> 24) & 3) < 2 || !xen.open || xen.open.value >>> 24 === resumedClass) {
      // What was open has not done anything yet: the core has only been woken.
      const start = xen.open?.start ?? time;
      xen.drop();
      this.#begin(xen, start, xenValue(exception, vcpu));
    }
    if (!slices.open) return;
    if (exception === ExceptionClass.dataAbort || exception === ExceptionClass.instructionAbort)
      this.#markCore(event.core, 'abort', time, vcpu, vcpu);
    if (exception === ExceptionClass.hvc && (event.a & 0xffff) === xenHvc && this.#hypercallOf)
      this.#markCore(event.core, 'hypercall', time, this.#hypercallOf(event.core), vcpu);
  }

  /** A core runs another vCPU from now on, or none. */
  #switched(event: ProbeEvent, time: number, core: CoreTracks | undefined): void {
    const before = event.a >>> 0;
    if (core) this.#finish(core.slices, time);
    if (before >>> 16 < idleDomainId) {
      const cause = this.#causes.get(before) ?? preempted;
      this.#causes.delete(before);
      const { waits } = this.#vcpu(before);
      if ((event.low & 0xff) === Runstate.runnable && !waits.open) this.#begin(waits, time, event.core | (cause << 8));
    }
    if (event.domain >= idleDomainId) return;
    const next = packVcpu(event.domain, event.vcpu) >>> 0;
    const tracks = this.#vcpu(next);
    const waited = (event.low >>> 8) + event.high * 2 ** 24;
    const { open } = tracks.waits;
    const start = open?.start ?? time - waited;
    const cause = open ? open.value >>> 8 : waited > 0 ? woken : noCause;
    tracks.waits.drop();
    if (cause !== noCause) {
      if (!open) this.#markVcpu(next, 'wake', start, 0xff, 0xffff_ffff);
      this.#grew(tracks.waits.add(start, time, event.core | (cause << 8)), sliceChunkBytes);
    }
    if (core) this.#begin(core.slices, time, next);
  }

  /** Nothing that was goes on. */
  #reset(time: number): void {
    for (const { slices, xen } of this.cores) {
      this.#finish(slices, time);
      this.#finish(xen, time);
    }
    for (const { waits } of this.vcpus.values()) this.#finish(waits, time);
    this.#mark(this.machineMarks, 'reset', time, 0);
  }

  #vcpu(id: number): VcpuTracks {
    let tracks = this.vcpus.get(id);
    if (!tracks) {
      tracks = {
        domain: id >>> 16,
        vcpu: id & 0xffff,
        waits: this.#add(new SliceTrack()),
        credit: this.#add(new MarkTrack()),
        priority: this.#add(new MarkTrack()),
      };
      this.vcpus.set(id, tracks);
    }
    return tracks;
  }

  #markCore(core: number, name: MarkClass, time: number, a: number, b = 0): void {
    const marks = this.coreMarks[core];
    if (marks) this.#mark(marks, name, time, a, b);
  }

  #markVcpu(vcpu: number, name: MarkClass, time: number, a: number, b = 0): void {
    if (vcpu >>> 16 === noDomain) return;
    const marks = this.vcpuMarks.get(vcpu) ?? new Map<MarkClass, MarkTrack>();
    this.vcpuMarks.set(vcpu, marks);
    this.#vcpu(vcpu);
    this.#mark(marks, name, time, a, b);
  }

  #mark(marks: Map<MarkClass, MarkTrack>, name: MarkClass, time: number, a: number, b = 0): void {
    let track = marks.get(name);
    if (!track) {
      track = this.#add(new MarkTrack());
      marks.set(name, track);
    }
    this.#grew(track.add(time, a, b), markChunkBytes);
  }

  /** A counter has changed; the first time, what it was before is known from then on, too. */
  #count(track: MarkTrack, time: number, value: number, before: number): void {
    if (track.count === 0) this.#grew(track.add(this.#since, before), markChunkBytes);
    this.#grew(track.add(time, value), markChunkBytes);
  }

  #begin(track: SliceTrack, time: number, value: number): void {
    this.#grew(track.begin(time, value >>> 0), sliceChunkBytes);
  }

  #finish(track: SliceTrack, time: number): void {
    this.#grew(track.finish(time), sliceChunkBytes);
  }

  #add<T extends SliceTrack | MarkTrack>(track: T): T {
    this.#tracks.push(track);
    return track;
  }

  /** A track has a chunk more. Gives up the oldest chunks of all where that is too much. */
  #grew(hasGrown: boolean, bytes: number): void {
    if (!hasGrown) return;
    this.#bytes += bytes;
    while (this.#bytes > this.limit) {
      const [first] = this.#tracks;
      const oldest = this.#tracks.reduce<SliceTrack | MarkTrack | undefined>(
        (found, track) => (track.oldest < (found?.oldest ?? Number.POSITIVE_INFINITY) ? track : found),
        first,
      );
      if (!oldest || oldest.oldest === Number.POSITIVE_INFINITY) return;
      this.#since = Math.max(this.#since, oldest.oldest);
      oldest.giveUpOldest();
      this.#bytes -= oldest instanceof SliceTrack ? sliceChunkBytes : markChunkBytes;
    }
  }
}

const xenValue = (exception: number, vcpu: number): number =>
  ((exception << 24) | ((vcpu >>> 16) << 8) | (vcpu & 0xff)) >>> 0;
