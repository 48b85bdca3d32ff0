/** Who used the pCPUs, from Xen's own accounts: the samples add up to what Xen says, to the nanosecond. */
import { clockHz } from '../../soc/board/zynqmp.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import type { SchedUnit } from '../../xen/sched/unit.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import type { Xen } from '../../xen/xen.ts';
import type { Utilisation, UtilisationRequest } from '../api/hypervisor.ts';
import { Usage, type UsageSeries } from '../usage/usage.ts';
import type { DomainWatch } from './domains.ts';

/** A vCPU under observation. */
interface Watched {
  readonly domain: Domain;
  readonly unit: SchedUnit;
  /** By pCPU; a series exists once the vCPU has run there. */
  readonly series: (UsageSeries | undefined)[];
}

export class UtilisationRecorder {
  private xen: Xen;
  /** Virtual time at which Xen's own time was zero. */
  private origin = 0;
  private readonly watch: DomainWatch;
  private readonly watched = new Map<SchedUnit, Watched>();
  private readonly usage = new Usage();
  private readonly idle: readonly UsageSeries[];
  private readonly xenOwn: readonly UsageSeries[];
  /** Called with each domain that has been destroyed. */
  onGone: (domain: Domain) => void = () => {};

  constructor(xen: Xen, watch: DomainWatch) {
    this.xen = xen;
    this.watch = watch;
    const own = (kind: 'idle' | 'xen'): UsageSeries[] =>
      Array.from({ length: xen.machine.cpus }, (_, pcpu) =>
        this.usage.add({ pcpu, kind, domain: -1, vcpu: -1, colour: -1 }, kind),
      );
    this.idle = own('idle');
    this.xenOwn = own('xen');
  }

  /** The machine has been restarted, with another Xen: its domains are others, and its time is zero. */
  restart(xen: Xen, now: number): void {
    for (const { domain, unit, series } of this.watched.values()) {
      for (const one of series) if (one) one.hasEnded = true;
      if (unit.id === 0) this.onGone(domain);
    }
    this.watched.clear();
    for (const one of this.idle) one.total = 0;
    this.xen = xen;
    this.origin = now;
  }

  /** Virtual time of the last sample, in nanoseconds. */
  get sampled(): number {
    return this.usage.sampled;
  }

  /** Takes the next sample, at a virtual time that is a multiple of `samplePeriod`. */
  sample(now: number): void {
    this.usage.begin(now);
    const { cpus, el2Cycles } = this.xen.machine;
    const xenNow = nanoseconds(Math.floor(now - this.origin));
    for (let cpu = 0; cpu < cpus; cpu++) {
      this.usage.note(this.idle[cpu], this.xen.scheduling.idle(cpu).timeOn(cpu, xenNow));
      this.usage.note(this.xenOwn[cpu], ((el2Cycles[cpu] ?? 0) * 1e9) / clockHz);
    }
    for (const domain of this.xen.domains.values()) {
      for (const { unit } of domain.vcpus)
        if (!this.watched.has(unit)) this.watched.set(unit, { domain, unit, series: [] });
    }
    for (const { domain, unit, series } of this.watched.values()) {
      const isThere = this.xen.domains.get(domain.domainId) === domain;
      const name = isThere ? this.watch.nameOf(domain) : null;
      if (name !== null) for (const one of series) if (one) one.name = name;
      for (let pcpu = 0; pcpu < cpus; pcpu++) {
        const total = unit.timeOn(pcpu, xenNow);
        if (total === 0) continue;
        series[pcpu] ??= this.usage.add(
          { pcpu, kind: 'vcpu', domain: domain.domainId, vcpu: unit.id, colour: this.watch.colourOf(domain) },
          name ?? this.watch.nameOf(domain),
        );
        this.usage.note(series[pcpu], total);
      }
      if (isThere) continue;
      this.watched.delete(unit);
      for (const one of series) if (one) one.hasEnded = true;
      if (unit.id === 0) this.onGone(domain);
    }
  }

  /** Who used the pCPUs from one virtual time to another. */
  query(request: UtilisationRequest): Utilisation {
    return this.usage.query(request);
  }
}
