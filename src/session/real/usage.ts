/**
 * Who used the cores under the real Xen, seen from outside: VTTBR_EL2 holds the VMID of the domain that a core runs, and
 * VMPIDR_EL2 the number of the vCPU (Arm ARM, D17.2). A core retires an instruction a cycle while it does not wait. What it has
 * retired in a slice of 50 µs counts for the vCPU that it has at the slice's end, with what Xen did for it.
 */

import { systemOffset } from '../../arch/state/slots.ts';
import { defined } from '../../base/assert.ts';
import { flag, list, number, oneOf, pair, record, text, whole } from '../../base/shape.ts';
import { clockHz, type ZynqMp } from '../../soc/board/zynqmp.ts';
import type { StageTwoRoot, Utilisation, UtilisationRequest, VcpuName } from '../api/hypervisor.ts';
import { samplePeriod, Usage, type UsageSeries, type UsageState, type UsageView, usageState } from '../usage/usage.ts';
import type { RealDomains } from './domains.ts';

const vttbr = systemOffset('VTTBR_EL2');
const vmpidr = systemOffset('VMPIDR_EL2');

interface User {
  readonly domain: number;
  readonly series: UsageSeries;
  /** Nanoseconds in all. */
  used: number;
}

export interface RealUsageState {
  readonly usage: UsageState;
  /** Who used the cores, but for `idle`. */
  readonly users: readonly (UsageSeries['about'] & { readonly name: string; readonly hasEnded: boolean })[];
  /** Of those that have not ended: their places in `users`, and nanoseconds in all. */
  readonly used: readonly (readonly [user: number, ns: number])[];
  readonly retired: readonly number[];
  readonly waited: readonly number[];
  readonly lastLook: number;
}

export const realUsageState = record<RealUsageState>({
  usage: usageState,
  users: list(
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
  used: list(pair(whole(), number)),
  retired: list(number),
  waited: list(number),
  lastLook: number,
});

export class RealUsage implements UsageView {
  readonly #board: ZynqMp;
  readonly #domains: RealDomains;
  readonly #usage = new Usage();
  readonly #users = new Map<string, User>();
  readonly #idle: readonly UsageSeries[];
  /** By core: the instructions retired at the last look, and the nanoseconds that it has waited in all. */
  readonly #retired: number[];
  readonly #waited: number[];
  #lastLook = 0;

  constructor(board: ZynqMp, domains: RealDomains) {
    this.#board = board;
    this.#domains = domains;
    const { cores } = board.cluster;
    this.#idle = cores.map((_, pcpu) =>
      this.#usage.add({ pcpu, kind: 'idle', domain: -1, vcpu: -1, colour: -1 }, 'idle'),
    );
    this.#retired = cores.map(() => 0);
    this.#waited = cores.map(() => 0);
  }

  get sampled(): number {
    return this.#usage.sampled;
  }

  /** By core: the vCPU whose context it has; null before Xen has made the first. */
  running(): (VcpuName | null)[] {
    return this.#board.cluster.cores.map((core) => {
      const domain = this.#domains.withVmid((core.word(vttbr + 4) >>> 16) & 0xff);
      return domain === null ? null : { domain, vcpu: core.word(vmpidr) & 0xff };
    });
  }

  /** The tables of the domains that the cores run now. */
  roots(): StageTwoRoot[] {
    const roots = this.running().flatMap((vcpu, i): StageTwoRoot[] => {
      const core = this.#board.cluster.cores[i];
      if (!vcpu || !core) return [];
      const value = (BigInt(core.word(vttbr + 4) >>> 0) << 32n) | BigInt(core.word(vttbr) >>> 0);
      return [{ domain: vcpu.domain, vmid: Number(value >> 48n), table: value & 0xffff_ffff_fffen, vttbr: value }];
    });
    return roots.filter(({ domain }, i) => roots.findIndex((root) => root.domain === domain) === i);
  }

  /** A slice has ended at a virtual time, in nanoseconds. */
  sliceEnded(now: number): void {
    const running = this.running();
    const elapsed = now - this.#lastLook;
    this.#lastLook = now;
    for (const [pcpu, { instructions }] of this.#board.cluster.stats().cores.entries()) {
      const before = this.#retired[pcpu] ?? 0;
      this.#retired[pcpu] = instructions;
      // After a reset of the board the counts start again.
      const busy = Math.min(elapsed, (Math.max(0, instructions - before) * 1e9) / clockHz);
      const vcpu = running[pcpu];
      if (vcpu) this.#user(pcpu, vcpu).used += busy;
      this.#waited[pcpu] = (this.#waited[pcpu] ?? 0) + elapsed - busy;
    }
    if (now % samplePeriod === 0) this.#sample(now);
  }

  saveState(): RealUsageState {
    const series = this.#usage.series.slice(this.#idle.length);
    return {
      usage: this.#usage.saveState(),
      users: series.map(({ about, name, hasEnded }) => ({ ...about, name, hasEnded })),
      used: [...this.#users.values()].map((user) => [series.indexOf(user.series), user.used]),
      retired: [...this.#retired],
      waited: [...this.#waited],
      lastLook: this.#lastLook,
    };
  }

  /** Continues from a saved state. Throws AssertionError. */
  loadState({ usage, users, used, retired, waited, lastLook }: RealUsageState): void {
    this.#users.clear();
    this.#usage.keepOnly(this.#idle);
    const series = users.map(({ name, hasEnded, ...about }) =>
      Object.assign(this.#usage.add(about, name), { hasEnded }),
    );
    this.#usage.loadState(usage);
    for (const [i, ns] of used) {
      const mine = defined(series[i], 'a user of the cores');
      const { pcpu, domain, vcpu } = mine.about;
      this.#users.set(keyOf(pcpu, { domain, vcpu }), { domain, series: mine, used: ns });
    }
    this.#retired.splice(0, this.#retired.length, ...retired);
    this.#waited.splice(0, this.#waited.length, ...waited);
    this.#lastLook = lastLook;
  }

  utilisation(request: UtilisationRequest): Utilisation {
    return this.#usage.query(request);
  }

  #sample(now: number): void {
    this.#usage.begin(now);
    for (const [pcpu, series] of this.#idle.entries()) this.#usage.note(series, this.#waited[pcpu] ?? 0);
    for (const [key, { domain, series, used }] of this.#users) {
      this.#usage.note(series, used);
      if (this.#domains.has(domain)) series.name = this.#domains.nameOf(domain);
      else {
        series.hasEnded = true;
        this.#users.delete(key);
      }
    }
  }

  #user(pcpu: number, name: VcpuName): User {
    const { domain, vcpu } = name;
    const key = keyOf(pcpu, name);
    let user = this.#users.get(key);
    if (!user) {
      const colour = this.#domains.colourOf(domain);
      const series = this.#usage.add({ pcpu, kind: 'vcpu', domain, vcpu, colour }, this.#domains.nameOf(domain));
      user = { domain, series, used: 0 };
      this.#users.set(key, user);
    }
    return user;
  }
}

const keyOf = (pcpu: number, { domain, vcpu }: VcpuName): string => `${pcpu} ${domain} ${vcpu}`;
