/** The domains of the real Xen, as Dom0's agent tells of them. */
import type { Hasher } from '../../base/hasher.ts';
import { bytes, list, nullable, pair, record, text, whole } from '../../base/shape.ts';
import type { ConsoleId } from '../api/console.ts';
import type { DomainInfo, DomainList, ShutdownWord, VcpuInfo, VcpuName, VcpuState } from '../api/hypervisor.ts';
import type { Seen, SeenDomain } from './xen-state.ts';

/** XEN_DOMINF_* (public/domctl.h), in the order of xl's letters. */
const flags = [
  ['r', 'running', 1 << 5],
  ['b', 'blocked', 1 << 4],
  ['p', 'paused', 1 << 3],
  ['s', 'shutdown', 1 << 2],
  ['c', 'crashed', 0],
  ['d', 'dying', 1 << 0],
] as const;
const crashed = 3; // SHUTDOWN_crash (public/sched.h)
const shutdownWords: readonly ShutdownWord[] = ['poweroff', 'reboot', 'suspend', 'crash', 'watchdog', 'soft-reset'];

/** By RUNSTATE_* (public/vcpu.h). */
const runstates: readonly VcpuState[] = ['running', 'runnable', 'blocked', 'offline'];

/** So many the agent follows (guests/dom0/domains.c). */
const mostDomains = 64;

/** What was told of a domain last. Plain data. */
interface Told {
  name: string;
  colour: number;
  /** Xen gives the lowest free one, as observed; Domain-0 gets the first. */
  vmid: number;
  flags: number;
  pages: number;
  time: number;
  pool: number;
  vcpus: VcpuInfo[];
}

const nothingTold = { flags: 0, pages: 0, time: 0, pool: 0, vcpus: [] };

/** What is known of the domains: of each, the last record of its state. */
export interface DomainsState {
  readonly version: number;
  readonly colours: readonly (readonly [name: string, colour: number])[];
  readonly domains: readonly {
    readonly id: number;
    readonly name: string;
    readonly colour: number;
    readonly vmid: number;
    readonly record: Uint8Array | null;
  }[];
}

export const domainsState = record<DomainsState>({
  version: whole(),
  colours: list(pair(text, whole())),
  domains: list(record({ id: whole(), name: text, colour: whole(), vmid: whole(), record: nullable(bytes) })),
});

export class RealDomains {
  #told = new Map<number, Told>();
  /** By domain: what `state` got last. */
  readonly #records = new Map<number, Uint8Array>();
  readonly #colours = new Map<string, number>();
  #version = 0;
  readonly #pcpus: readonly number[];
  readonly scheduler: string;

  constructor(cpus: number, scheduler: string) {
    this.#pcpus = Array.from({ length: cpus }, (_, cpu) => cpu);
    this.scheduler = scheduler;
  }

  get version(): number {
    return this.#version;
  }

  get ids(): readonly number[] {
    return [...this.#told.keys()];
  }

  /** The board has been reset. */
  clear(): void {
    this.#told.clear();
    this.#records.clear();
    this.#version++;
  }

  nameOf(id: number): string {
    return this.#told.get(id)?.name ?? `domain ${id}`;
  }

  colourOf(id: number): number {
    return this.#told.get(id)?.colour ?? 0;
  }

  has(id: number): boolean {
    return this.#told.has(id);
  }

  /** There is a domain, or it has another name. A program of Dom0 may say anything: so many are believed. */
  named(id: number, name: string): void {
    if (!this.has(id) && this.#told.size >= mostDomains) return;
    const colour = this.#colours.get(name) ?? this.#colours.size;
    if (this.#colours.size < 1000) this.#colours.set(name, colour);
    const known = this.#told.get(id) ?? { name, colour, vmid: this.#freeVmid(), ...nothingTold };
    this.#told.set(id, { ...known, name, colour });
    this.#version++;
  }

  gone(id: number): void {
    this.#records.delete(id);
    if (this.#told.delete(id)) this.#version++;
  }

  /** The domain that has a VMID; null if none is known. */
  withVmid(vmid: number): number | null {
    for (const [id, told] of this.#told) if (told.vmid === vmid) return id;
    return null;
  }

  #freeVmid(): number {
    let vmid = 1;
    while (this.withVmid(vmid) !== null) vmid++;
    return vmid;
  }

  /** What Xen says of a domain: a record of guests/dom0/domains.c. */
  state(record: Uint8Array): void {
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const id = record.length < 32 ? -1 : view.getUint16(0, true);
    const told = this.#told.get(id);
    if (!told) return;
    this.#records.set(id, record);
    const count = Math.min(view.getUint16(2, true), Math.floor((record.length - 32) / 16));
    const before = `${told.flags & ~0x30} ${told.pages} ${told.pool} ${told.vcpus.length}`;
    told.flags = view.getUint32(4, true);
    told.pages = Number(view.getBigUint64(8, true));
    told.time = Number(view.getBigUint64(16, true));
    told.pool = view.getUint32(24, true);
    told.vcpus = Array.from({ length: count }, (_, id) => this.#vcpu(view, id));
    if (before !== `${told.flags & ~0x30} ${told.pages} ${told.pool} ${told.vcpus.length}`) this.#version++;
  }

  /**
   * @param seen what Xen's own structures say, where they can be read
   * @param runningFor nanoseconds for which a vCPU has run since it was last switched to
   */
  list(seen: Seen, runningFor: (vcpu: VcpuName) => number): DomainList {
    const known = seen.refusal === null ? seen : { pools: [], domains: [] };
    const pools = known.pools.map(({ id, scheduler, cpus }) => {
      return { id, name: `Pool-${id}`, scheduler, pcpus: this.#cpus(cpus) };
    });
    const pool = { id: 0, name: 'Pool-0', scheduler: this.scheduler, pcpus: this.#pcpus };
    const domains = [...this.#told]
      .sort(([a], [b]) => a - b)
      .map(([id, told]) => {
        const info = this.#info(id, told);
        const domain = known.domains.find((one) => one.id === id);
        return domain ? { ...info, ...this.#seen(info, domain, runningFor) } : info;
      });
    return { version: this.#version, pools: pools.length > 0 ? pools : [pool], domains };
  }

  /** What of a domain Xen's structures say, newer than what was told. */
  #seen(info: DomainInfo, domain: SeenDomain, runningFor: (vcpu: VcpuName) => number): Partial<DomainInfo> {
    const vcpus = domain.vcpus.map(
      ({ id, pcpu, runstate, time, isDown, hardAffinity, softAffinity, credit }): VcpuInfo => {
        const isRunning = runstate === 0;
        return {
          id,
          pcpu: isDown ? null : pcpu,
          state: isDown ? 'offline' : (runstates[runstate] ?? 'offline'),
          time: time + (isRunning ? runningFor({ domain: domain.id, vcpu: id }) : 0),
          hardAffinity: this.#cpus(hardAffinity),
          softAffinity: this.#cpus(softAffinity),
          scheduling: {},
          credit: credit ?? undefined,
        };
      },
    );
    const online = vcpus.filter(({ state }) => state !== 'offline');
    const isRunning = online.some(({ state }) => state === 'running');
    const isBlocked = online.length > 0 && online.every(({ state }) => state === 'blocked');
    const first = `${isRunning ? 'r' : '-'}${isBlocked ? 'b' : '-'}`;
    return {
      letters: first + info.letters.slice(2),
      states: [
        ...(isRunning ? (['running'] as const) : []),
        ...(isBlocked ? (['blocked'] as const) : []),
        ...info.states.filter((state) => state !== 'running' && state !== 'blocked'),
      ],
      memoryKib: domain.pages * 4,
      vcpus,
      time: vcpus.reduce((sum, vcpu) => sum + vcpu.time, 0),
      pool: domain.pool,
      scheduling: domain.scheduling,
    };
  }

  #cpus(mask: number): number[] {
    return this.#pcpus.filter((cpu) => (mask & (1 << cpu)) !== 0);
  }

  saveState(): DomainsState {
    const domains = [...this.#told].map(([id, { name, colour, vmid }]) => {
      return { id, name, colour, vmid, record: this.#records.get(id) ?? null };
    });
    return { version: this.#version, colours: [...this.#colours], domains };
  }

  loadState({ version, colours, domains }: DomainsState): void {
    this.clear();
    this.#colours.clear();
    for (const [name, colour] of colours) this.#colours.set(name, colour);
    for (const { id, name, colour, vmid, record } of domains) {
      this.#told.set(id, { name, colour, vmid, ...nothingTold });
      if (record) this.state(record);
    }
    this.#version = version;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(JSON.stringify([...this.#told]), [...this.#colours.keys()]);
  }

  #info(id: number, { name, colour, flags: set, pages, time, pool, vcpus }: Told): DomainInfo {
    const reason = (set >> 16) & 0xff;
    const isShutDown = (set & (1 << 2)) !== 0;
    const isSet = (letter: string, bit: number) =>
      letter === 'c' ? isShutDown && reason === crashed : (set & bit) !== 0;
    return {
      id,
      name,
      colour,
      letters: flags.map(([letter, , bit]) => (isSet(letter, bit) ? letter : '-')).join(''),
      states: flags.flatMap(([letter, word, bit]) => (word !== 'crashed' && isSet(letter, bit) ? [word] : [])),
      shutdown: isShutDown ? (shutdownWords[reason] ?? null) : null,
      memoryKib: pages * 4,
      vcpus,
      time,
      pool,
      scheduling: {},
      consoles: [id === 0 ? 'dom0' : (`${id}/pv` satisfies ConsoleId)],
      attached: false,
    };
  }

  #vcpu(view: DataView, id: number): VcpuInfo {
    const at = 32 + 16 * id;
    const state = view.getUint32(at, true);
    return {
      id,
      pcpu: state & 1 ? view.getUint32(at + 4, true) : null,
      state: !(state & 1) ? 'offline' : state & 4 ? 'running' : state & 2 ? 'blocked' : 'runnable',
      time: Number(view.getBigUint64(at + 8, true)),
      hardAffinity: this.#pcpus,
      softAffinity: this.#pcpus,
      scheduling: {},
    };
  }
}
