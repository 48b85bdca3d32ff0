/**
 * Who used the cores under the real Xen, seen from outside: VTTBR_EL2 holds the VMID of the domain that a core runs, and
 * VMPIDR_EL2 the number of the vCPU (Arm ARM, D17.2). A core retires an instruction a cycle while it does not wait. What it has
 * retired in a slice of 50 µs counts for the vCPU that it has at the slice's end, with what Xen did for it.
 */
import { systemOffset } from '../../arch/state/slots.ts';

import { clockHz, type ZynqMp } from '../../soc/board/zynqmp.ts';
import type { StageTwoRoot, Utilisation, UtilisationRequest, VcpuName } from '../api/hypervisor.ts';
import { samplePeriod, Usage, type UsageSeries, type UsageView } from '../usage/usage.ts';
import type { RealDomains } from './domains.ts';

const vttbr = systemOffset('VTTBR_EL2');
const vmpidr = systemOffset('VMPIDR_EL2');

interface User {
  readonly domain: number;
  readonly series: UsageSeries;
  /** Nanoseconds in all. */
  used: number;
}

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

  #user(pcpu: number, { domain, vcpu }: VcpuName): User {
    const key = `${pcpu} ${domain} ${vcpu}`;
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
