/**
 * The threads of a machine: its cores, and of each domain the vCPUs whose registers the session knows. Looking changes
 * nothing.
 */
import { defined } from '../../base/assert.ts';
import type { CoreRegisters } from '../../session/api/debug.ts';
import type { DomainInfo, VcpuName } from '../../session/api/hypervisor.ts';
import type { Session } from '../../session/session.ts';
import type { VcpuInspection } from '../../session/vcpu-inspection.ts';
import type { ThreadInfo } from './target.ts';

/** vCPUs of domain 0 have numbers from here on, with as many for each domain. */
const vcpus = 0x100;

export const threadOfCore = (core: number): number => core + 1;
export const threadOfVcpu = ({ domain, vcpu }: VcpuName): number => (domain + 1) * vcpus + vcpu + 1;

/** The vCPU of a thread; null for a core. */
export const vcpuOf = (thread: number): VcpuName | null =>
  thread < vcpus ? null : { domain: Math.floor(thread / vcpus) - 1, vcpu: (thread % vcpus) - 1 };

/** The number of a domain; null if there is none of that name. */
export function domainNamed({ hypervisor }: Session, wanted: string): number | null {
  const domains = hypervisor.ok ? hypervisor.value.domains().domains : [];
  return domains.find(({ name }) => name === wanted)?.id ?? null;
}

export class SessionThreads {
  readonly #session: Session;
  /** The only domain that is shown; null for everything. */
  readonly #only: number | null;
  /** What has been looked at since the machine last moved. */
  #seen: Seen | null = null;

  constructor(session: Session, only: number | null) {
    this.#session = session;
    this.#only = only;
  }

  /** The machine has moved. */
  forget(): void {
    this.#seen = null;
  }

  list(): readonly ThreadInfo[] {
    return this.#look().threads;
  }

  /** The domains that are shown. */
  domains(): readonly DomainInfo[] {
    const { hypervisor } = this.#session;
    if (!hypervisor.ok) return [];
    return hypervisor.value.domains().domains.filter(({ id }) => this.#only === null || id === this.#only);
  }

  /** The vCPU that runs on a core, at EL0 or EL1; null for none. */
  vcpuOn(core: number): VcpuName | null {
    const { hypervisor } = this.#session;
    const vcpu = hypervisor.ok ? (hypervisor.value.running()[core] ?? null) : null;
    return vcpu && this.core(core).el < 2 ? vcpu : null;
  }

  /** The core on which a thread executes: for a vCPU not while it waits, or Xen works for it. */
  coreOf(thread: number): number | null {
    const vcpu = vcpuOf(thread);
    if (!vcpu) return thread - 1;
    const { hypervisor } = this.#session;
    const running = hypervisor.ok ? hypervisor.value.running() : [];
    const core = running.findIndex((one) => one?.domain === vcpu.domain && one.vcpu === vcpu.vcpu);
    return core >= 0 && this.core(core).el < 2 ? core : null;
  }

  core(index: number): CoreRegisters {
    const { registers } = this.#look();
    const inspection = this.#session.inspect(index);
    const known = registers.get(index) ?? defined(inspection.ok ? inspection.value : undefined, 'a core').registers();
    registers.set(index, known);
    return known;
  }

  /** Null for one that is no more. */
  vcpu(name: VcpuName): VcpuInspection | null {
    const { vcpus } = this.#look();
    const key = `${name.domain} ${name.vcpu}`;
    const known = vcpus.get(key);
    if (known !== undefined) return known;
    const inspection = this.#session.inspectVcpu(name);
    const found = inspection.ok ? inspection.value : null;
    vcpus.set(key, found);
    return found;
  }

  /** System registers of a core by their names. */
  systemRegisters(core: number): ReadonlyMap<string, bigint> {
    const { system } = this.#look();
    const inspection = this.#session.inspect(core);
    if (!inspection.ok) return new Map();
    const known =
      system.get(core) ?? new Map(inspection.value.systemRegisters().map(({ name, value }) => [name, value]));
    system.set(core, known);
    return known;
  }

  #look(): Seen {
    if (this.#seen) return this.#seen;
    const seen: Seen = { threads: [], registers: new Map(), vcpus: new Map(), system: new Map() };
    this.#seen = seen;
    seen.threads = [
      ...(this.#only === null ? this.#cores() : []),
      ...this.domains().flatMap((one) => this.#vcpus(one)),
    ];
    return seen;
  }

  #cores(): ThreadInfo[] {
    const { hypervisor } = this.#session;
    const kind = hypervisor.ok ? 'pCPU' : 'CPU';
    return this.#session.status().cores.map(({ state }, core) => {
      const vcpu = this.vcpuOn(core);
      const what = vcpu ? `, d${vcpu.domain}v${vcpu.vcpu}` : '';
      const detail = state === 'off' ? 'off' : `EL${this.core(core).el}, ${state}${what}`;
      return { id: threadOfCore(core), name: `${kind}${core}`, core, detail };
    });
  }

  #vcpus({ id, name, states, vcpus }: DomainInfo): ThreadInfo[] {
    return vcpus.flatMap((info): ThreadInfo[] => {
      const vcpu = { domain: id, vcpu: info.id };
      const found = this.vcpu(vcpu);
      // Xen calls vCPUs of a paused domain offline, too; one that has not been turned on has no PC.
      if (!found || (info.state === 'offline' && found.registers.pc === 0n)) return [];
      const { el, core } = found.registers;
      const state = states.includes('paused') ? 'paused' : info.state;
      const detail = `EL${el}, ${state}${core === null ? '' : ` on pCPU${core}`}`;
      return [{ id: threadOfVcpu(vcpu), name: `${name}/vCPU${info.id}`, core, detail }];
    });
  }
}

interface Seen {
  threads: readonly ThreadInfo[];
  readonly registers: Map<number, CoreRegisters>;
  readonly vcpus: Map<string, VcpuInspection | null>;
  readonly system: Map<number, ReadonlyMap<string, bigint>>;
}
