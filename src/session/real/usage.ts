/**
 * Who used the cores under the real Xen, seen from outside, to the cycle: Xen turns a core's virtual interface of
 * the GIC off when
 * it has saved a vCPU's context, and writes VTTBR_EL2 when it restores one (`ZynqMp.onGuestContext`). What a core runs while
 * it has no vCPU's context is Xen's own: the switch, softirqs, the idle loop.
 */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { countWord } from '../../arch/state/counts.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import { assert, defined } from '../../base/assert.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { noDomain, packVcpu } from '../../base/probe/probe.ts';
import { flag, list, nullable, number, oneOf, pair, record, text, whole } from '../../base/shape.ts';
import { clockHz, type ZynqMp } from '../../soc/board/zynqmp.ts';
import { idleDomainId } from '../../xen/sched/unit.ts';
import type { ExitCount } from '../api/domain-details.ts';
import type { Utilisation, UtilisationRequest, VcpuName } from '../api/hypervisor.ts';
import { samplePeriod, Usage, type UsageSeries, type UsageState, type UsageView, usageState } from '../usage/usage.ts';
import type { RealDomains } from './domains.ts';
import type { XenState } from './xen-state.ts';

const vttbr = systemOffset('VTTBR_EL2');
const vmpidr = systemOffset('VMPIDR_EL2');

/** Exceptions that only EL2 takes under Xen, by what they are there. */
const exitClasses = [
  { kind: 'hypercall', word: countWord(ExceptionClass.hvc) },
  { kind: 'wait', word: countWord(ExceptionClass.wfx) },
] as const;

/** A core. Plain data. */
interface CoreUse {
  /** The vCPU whose context it has; null for none. */
  readonly vcpu: VcpuName | null;
  /** Virtual time, in nanoseconds, from which on that is not accounted yet. */
  readonly since: number;
  /** Nanoseconds of all vCPUs since the last sample. */
  readonly guests: number;
  /** Instructions retired at the last sample. */
  readonly retired: number;
  /** Nanoseconds in all that it had no vCPU, and those in which Xen ran then. */
  readonly free: number;
  readonly xen: number;
}

/** The same while it changes. */
type Core = { -readonly [K in keyof CoreUse]: CoreUse[K] } & {
  /** Counters of exceptions at the last account; null before the first. */
  exits: readonly number[] | null;
};

export interface RealUsageState {
  readonly usage: UsageState;
  /** Who has used the cores, but for idle and Xen's own. */
  readonly series: readonly (UsageSeries['about'] & { readonly name: string; readonly hasEnded: boolean })[];
  /** Of those that have not ended: nanoseconds in all, and their places in `series`, if they are there. */
  readonly users: readonly {
    readonly pcpu: number;
    readonly vcpu: VcpuName;
    readonly used: number;
    readonly series: number | null;
  }[];
  readonly cores: readonly CoreUse[];
  readonly exits: readonly (readonly [domain: number, counts: readonly number[]])[];
  readonly lastSample: number;
}

const vcpuName = record<VcpuName>({ domain: whole(), vcpu: whole() });

export const realUsageState = record<RealUsageState>({
  usage: usageState,
  series: list(
    record({
      pcpu: whole(),
      kind: oneOf('vcpu'),
      domain: whole(),
      vcpu: whole(),
      colour: whole(),
      name: text,
      hasEnded: flag,
    }),
  ),
  users: list(record({ pcpu: whole(), vcpu: vcpuName, used: number, series: nullable(whole()) })),
  cores: list(
    record({
      vcpu: nullable(vcpuName),
      since: number,
      guests: number,
      retired: number,
      free: number,
      xen: number,
    }),
  ),
  exits: list(pair(whole(), list(number))),
  lastSample: number,
});

interface User {
  readonly pcpu: number;
  readonly vcpu: VcpuName;
  /** It has one once its domain has a name. */
  series: UsageSeries | null;
  /** Nanoseconds in all. */
  used: number;
}

export class RealUsage implements UsageView {
  readonly #board: ZynqMp;
  readonly #domains: RealDomains;
  readonly #state: XenState | null;
  readonly #usage = new Usage();
  readonly #users = new Map<string, User>();
  readonly #idle: readonly UsageSeries[];
  readonly #xen: readonly UsageSeries[];
  readonly #cores: readonly Core[];
  /** By domain: how often it left for Xen, by `exitClasses`. */
  readonly #exits = new Map<number, number[]>();
  #lastSample = 0;
  /** Of vCPUs: where Xen has them, and how long they had waited in all at their last switch. Only the probe is told. */
  readonly #addresses = new Map<number, number>();
  readonly #waited = new Map<number, number>();

  /** @param state names the vCPUs; without, they are told by VMID and VMPIDR_EL2 */
  constructor(board: ZynqMp, domains: RealDomains, state: XenState | null) {
    this.#board = board;
    this.#domains = domains;
    this.#state = state;
    const { cores } = board.cluster;
    const own = (kind: 'idle' | 'xen'): UsageSeries[] =>
      cores.map((_, pcpu) => this.#usage.add({ pcpu, kind, domain: -1, vcpu: -1, colour: -1 }, kind));
    this.#idle = own('idle');
    this.#xen = own('xen');
    this.#cores = cores.map(() => ({
      vcpu: null,
      since: 0,
      guests: 0,
      retired: 0,
      free: 0,
      xen: 0,
      exits: null,
    }));
    board.onGuestContext = (core, isIn) => this.#switched(core, isIn);
  }

  get sampled(): number {
    return this.#usage.sampled;
  }

  /** By core: the vCPU whose context it has. */
  running(): (VcpuName | null)[] {
    return this.#cores.map(({ vcpu }) => vcpu);
  }

  /** Nanoseconds for which a vCPU has been on its core by now; 0 if it is on none. */
  runningFor({ domain, vcpu }: VcpuName): number {
    const core = this.#cores.findIndex((one) => one.vcpu?.domain === domain && one.vcpu.vcpu === vcpu);
    return core < 0 ? 0 : Math.max(0, this.#now(core) - (this.#cores[core]?.since ?? 0));
  }

  /** How often a domain has left for Xen so far. What that took is not known. */
  exits(domain: number): ExitCount[] {
    for (const core of this.#cores.keys()) this.#account(core, this.#now(core));
    const counts = this.#exits.get(domain);
    return exitClasses.map(({ kind }, i) => ({ kind, count: counts?.[i] ?? 0, cycles: 0 }));
  }

  /** The board has been reset: its cores count from zero, and there is no domain. */
  restart(): void {
    for (const core of this.#cores) Object.assign(core, { vcpu: null, retired: 0 });
    this.#exits.clear();
  }

  /** A slice has ended at a virtual time, in nanoseconds. */
  sliceEnded(now: number): void {
    if (now % samplePeriod !== 0) return;
    this.#usage.begin(now);
    const elapsed = now - this.#lastSample;
    this.#lastSample = now;
    for (const [pcpu, { instructions }] of this.#board.cluster.stats().cores.entries()) {
      const core = this.#cores[pcpu];
      if (!core) continue;
      this.#account(pcpu, now);
      // A core retires an instruction a cycle while it does not wait.
      const busy = (Math.max(0, instructions - core.retired) * 1e9) / clockHz;
      core.retired = instructions;
      core.free += Math.max(0, elapsed - core.guests);
      core.xen += Math.max(0, Math.min(elapsed, busy) - core.guests);
      core.guests = 0;
      this.#usage.note(this.#idle[pcpu], core.free);
      this.#usage.note(this.#xen[pcpu], core.xen);
    }
    for (const [key, user] of this.#users) this.#sample(key, user);
  }

  saveState(): RealUsageState {
    const series = this.#usage.series.slice(this.#idle.length + this.#xen.length);
    return {
      usage: this.#usage.saveState(),
      series: series.map(({ about, name, hasEnded }) => ({ ...about, name, hasEnded })),
      users: [...this.#users.values()].map((user) => ({
        ...user,
        series: user.series && series.indexOf(user.series),
      })),
      cores: this.#cores.map(({ exits, ...core }) => core),
      exits: [...this.#exits],
      lastSample: this.#lastSample,
    };
  }

  /** Continues from a saved state. Throws AssertionError. */
  loadState({ usage, series, users, cores, exits, lastSample }: RealUsageState): void {
    this.#usage.keepOnly([...this.#idle, ...this.#xen]);
    const added = series.map(({ name, hasEnded, ...about }) =>
      Object.assign(this.#usage.add(about, name), { hasEnded }),
    );
    this.#usage.loadState(usage);
    this.#users.clear();
    for (const user of users) {
      const mine = user.series === null ? null : defined(added[user.series], 'a user of the cores');
      this.#users.set(keyOf(user.pcpu, user.vcpu), { ...user, series: mine });
    }
    assert(cores.length === this.#cores.length, 'the cores are as many');
    for (const [i, core] of cores.entries()) {
      Object.assign(defined(this.#cores[i], 'a core'), core, { exits: null });
      this.#board.probe.setContext(i, core.vcpu?.domain ?? noDomain, core.vcpu?.vcpu ?? 0);
    }
    this.#exits.clear();
    for (const [domain, counts] of exits) this.#exits.set(domain, [...counts]);
    this.#lastSample = lastSample;
  }

  utilisation(request: UtilisationRequest): Utilisation {
    return this.#usage.query(request);
  }

  #now(core: number): number {
    return (this.#board.cluster.nowOn(core) * 1e9) / clockHz;
  }

  /** A core has got a vCPU's context, or has none any more. */
  #switched(index: number, isIn: boolean): void {
    const core = this.#cores[index];
    // To drop TLB entries of a domain, Xen has its VMID in VTTBR_EL2 for a moment.
    if (!core || isIn === (core.vcpu !== null)) return;
    this.#account(index, this.#now(index));
    const before = core.vcpu;
    const current = isIn ? (this.#state?.current(index) ?? this.#guessed(index)) : null;
    core.vcpu = current && { domain: current.domain, vcpu: current.vcpu };
    if (this.#board.probe.isRecording) this.#record(index, before, current);
    this.#board.probe.setContext(index, core.vcpu?.domain ?? noDomain, core.vcpu?.vcpu ?? 0);
  }

  /** Tells the probe of a switch, and of what Xen has noted of the vCPUs. */
  #record(index: number, before: VcpuName | null, next: (VcpuName & { readonly address?: number }) | null): void {
    const { probe } = this.#board;
    const idle = packVcpu(idleDomainId, index);
    const about = before ?? next;
    if (!about) return;
    const id = packVcpu(about.domain, about.vcpu);
    if (next?.address !== undefined) this.#addresses.set(id, next.address);
    const noted = this.#state?.noted(this.#addresses.get(id) ?? 0) ?? null;
    if (noted?.priority != null) probe.emitFor(id, ProbeKind.priority, noted.priority, noted.priority);
    if (noted?.credit != null) probe.emitFor(id, ProbeKind.credit, noted.credit);
    if (before) probe.emitFor(idle, ProbeKind.switch, id, noted?.runstate ?? 0);
    else {
      const waited = Math.max(0, (noted?.waited ?? 0) - (this.#waited.get(id) ?? noted?.waited ?? 0));
      probe.emitFor(id, ProbeKind.switch, idle, (waited % 2 ** 24) << 8, Math.floor(waited / 2 ** 24));
    }
    if (noted) this.#waited.set(id, noted.waited);
  }

  #guessed(index: number): VcpuName | null {
    const core = this.#board.cluster.cores[index];
    const domain = core ? this.#domains.withVmid((core.word(vttbr + 4) >>> 16) & 0xff) : null;
    return core && domain !== null ? { domain, vcpu: core.word(vmpidr) & 0xff } : null;
  }

  /** Counts what a core has done for its vCPU up to now. */
  #account(pcpu: number, now: number): void {
    const core = this.#cores[pcpu];
    const state = this.#board.cluster.cores[pcpu];
    if (!core || !state) return;
    const exits = exitClasses.map(({ word }) => (state.words[word] as number) >>> 0);
    if (core.vcpu) {
      const { domain } = core.vcpu;
      const key = keyOf(pcpu, core.vcpu);
      const user = this.#users.get(key) ?? { pcpu, vcpu: core.vcpu, series: null, used: 0 };
      this.#users.set(key, user);
      user.used += Math.max(0, now - core.since);
      core.guests += Math.max(0, now - core.since);
      const counts = this.#exits.get(domain) ?? exits.map(() => 0);
      const before = core.exits ?? exits;
      this.#exits.set(
        domain,
        counts.map((count, i) => count + (((exits[i] ?? 0) - (before[i] ?? 0)) >>> 0)),
      );
    }
    core.since = now;
    core.exits = exits;
  }

  #sample(key: string, user: User): void {
    const { domain, vcpu } = user.vcpu;
    if (this.#domains.has(domain)) {
      const name = this.#domains.nameOf(domain);
      const colour = this.#domains.colourOf(domain);
      user.series ??= this.#usage.add({ pcpu: user.pcpu, kind: 'vcpu', domain, vcpu, colour }, name);
      user.series.name = name;
    }
    if (!user.series) return;
    this.#usage.note(user.series, user.used);
    if (this.#domains.has(domain)) return;
    user.series.hasEnded = true;
    this.#users.delete(key);
    this.#exits.delete(domain);
  }
}

const keyOf = (pcpu: number, { domain, vcpu }: VcpuName): string => `${pcpu} ${domain} ${vcpu}`;
