/** The list of domains. */
import type { Dom0 } from '../../dom0/dom0.ts';
import { allPools, poolName } from '../../dom0/libxl/cpupools.ts';
import { nameOf } from '../../dom0/libxl/names.ts';
import { statesOf } from '../../dom0/xl/domains.ts';
import { type Domain, ShutdownReason } from '../../xen/domain/domain.ts';
import { cpusOf } from '../../xen/sched/cpu-mask.ts';
import { Runstate, type SchedUnit } from '../../xen/sched/unit.ts';
import type { ConsoleId } from '../api/console.ts';
import type { DomainInfo, DomainList, PoolInfo, ShutdownWord, VcpuInfo, VcpuState } from '../api/hypervisor.ts';

const consoleKinds = ['pv', 'vuart'] as const;

const vcpuStates: Readonly<Record<Runstate, VcpuState>> = {
  [Runstate.running]: 'running',
  [Runstate.runnable]: 'runnable',
  [Runstate.blocked]: 'blocked',
  [Runstate.offline]: 'offline',
};

const shutdownWords: Readonly<Record<number, ShutdownWord>> = {
  [ShutdownReason.poweroff]: 'poweroff',
  [ShutdownReason.reboot]: 'reboot',
  [ShutdownReason.suspend]: 'suspend',
  [ShutdownReason.crash]: 'crash',
  [ShutdownReason.watchdog]: 'watchdog',
  [ShutdownReason.softReset]: 'soft-reset',
};

const stateWords = [
  ['r', 'running'],
  ['b', 'blocked'],
  ['p', 'paused'],
  ['s', 'shutdown'],
  ['d', 'dying'],
] as const;

export class DomainWatch {
  private dom0: Dom0;
  /** What the counters of machines before a restart have come to. */
  private versionBefore = 0;
  private readonly colours = new Map<Domain, number>();
  private readonly lastNames = new WeakMap<Domain, string>();
  /** Colours by the domain names that have had them. */
  private readonly names = new Map<string, number>();

  constructor(dom0: Dom0) {
    this.dom0 = dom0;
  }

  /** The machine has been restarted, with another Dom0. A domain keeps the colour that its name had. */
  restart(dom0: Dom0): void {
    this.versionBefore = this.version + 1;
    this.colours.clear();
    this.dom0 = dom0;
  }

  /** Its name; once libxl has removed that, the name that it had. */
  nameOf(domain: Domain): string {
    const name = nameOf(this.dom0, domain.domainId);
    if (name !== null) this.lastNames.set(domain, name);
    return name ?? this.lastNames.get(domain) ?? `domain ${domain.domainId}`;
  }

  /** The colour of a domain. It gets the one that an earlier domain of its name had, unless that still exists. */
  colourOf(domain: Domain): number {
    const known = this.colours.get(domain);
    if (known !== undefined) return known;
    for (const other of this.colours.keys()) if (other.life === 'dead') this.colours.delete(other);
    const name = this.nameOf(domain);
    let colour = this.names.get(name);
    const inUse = new Set(this.colours.values());
    if (colour === undefined || inUse.has(colour)) {
      colour = 0;
      const given = new Set(this.names.values());
      while (inUse.has(colour) || given.has(colour)) colour++;
    }
    this.names.set(name, colour);
    this.colours.set(domain, colour);
    return colour;
  }

  /**
   * The sum of the counters of changes to what the list shows, without times and who runs where. It costs the same
   * however many domains there are.
   */
  get version(): number {
    const { xen, store, xenconsoled } = this.dom0;
    return (
      this.versionBefore + xen.domains.changes.value + xen.scheduling.changes + store.changes + xenconsoled.changes
    );
  }

  list(): DomainList {
    const domains = [...this.dom0.xen.domains.values()]
      .sort((a, b) => a.domainId - b.domainId)
      .map((domain) => this.info(domain));
    return { version: this.version, pools: this.pools(), domains };
  }

  pools(): PoolInfo[] {
    return allPools(this.dom0).map(({ id, policy, cpus }) => ({
      id,
      name: poolName(this.dom0, id),
      scheduler: policy.name,
      pcpus: [...cpusOf(cpus)],
    }));
  }

  private info(domain: Domain): DomainInfo {
    const { letters, time } = statesOf(domain, this.dom0.now());
    return {
      id: domain.domainId,
      name: this.nameOf(domain),
      colour: this.colourOf(domain),
      letters,
      states: stateWords.filter(([letter]) => letters.includes(letter)).map(([, word]) => word),
      shutdown: domain.isShutDown ? (shutdownWords[domain.shutdownReason] ?? null) : null,
      memoryKib: domain.pages * 4,
      vcpus: domain.vcpus.map(({ unit, isDown }) => this.vcpu(unit, isDown)),
      time,
      pool: this.dom0.xen.scheduling.pools.of(domain).id,
      scheduling: this.dom0.xen.scheduling.policyOf(domain).domainParameters(domain),
      consoles: this.consolesOf(domain),
      attached: consoleKinds.some((kind) => (this.dom0.xenconsoled.find(domain.domainId, kind)?.terminals ?? 0) > 0),
    };
  }

  private vcpu(unit: SchedUnit, isDown: boolean): VcpuInfo {
    const { state, times } = unit.runstate(this.dom0.now());
    return {
      id: unit.id,
      pcpu: isDown ? null : unit.processor,
      state: vcpuStates[state],
      time: times[Runstate.running],
      hardAffinity: this.cpus(unit.hardAffinity),
      softAffinity: this.cpus(unit.softAffinity),
      scheduling: this.dom0.xen.scheduling.policyOf(unit.domain).unitParameters?.(unit) ?? {},
    };
  }

  private cpus(mask: number): number[] {
    return [...cpusOf(mask & (2 ** this.dom0.xen.machine.cpus - 1))];
  }

  private consolesOf({ domainId: id }: Domain): ConsoleId[] {
    if (id === 0) return ['dom0'];
    return consoleKinds
      .filter((kind) => this.dom0.xenconsoled.find(id, kind))
      .map((kind): ConsoleId => `${id}/${kind}`);
  }
}
