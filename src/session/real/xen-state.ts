/**
 * What the real Xen's own structures say, read from memory by the symbols of its build. Symbols name places and no structures.
 * Where a structure has what is known of Debian's Xen 4.17 for arm64, from what its debug keys print; whether that
 * holds for the Xen that runs is checked each time by what must be true: a vCPU's domain is the one that lists it, the
 * unit of a run queue is its own, a scheduler has a name of Xen's command line.
 */
import type { SymbolTable } from '../../boot/symbols.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import { XenMemory, type XenRecord } from './xen-memory.ts';

/** Offsets in bytes, and sizes as far as they are read. */
const domainAt = { id: 0, vcpus: 8, pages: 88, maxPages: 100, extra: 104, priv: 112, pool: 128, next: 136 } as const;
const p2mAt = { vmid: 560, vttbr: 568, end: 576 } as const;
const vcpuAt = { id: 0, pcpu: 4, domain: 16, next: 24, unit: 200, runstate: 216, flags: 296, end: 304 } as const;
const unitAt = { domain: 0, vcpu: 8, priv: 16, resource: 32, hard: 72, soft: 104, end: 120 } as const;
const resourceAt = { scheduler: 0, priv: 56, cpu: 112, end: 120 } as const;
const poolAt = { id: 0, cpus: 8, links: 40, scheduler: 64, end: 72 } as const;
const schedulerAt = { option: 8, end: 40 } as const;
/** struct csched_unit and csched_dom, and those of credit2. */
const creditAt = { links: 0, domain: 32, unit: 40, priority: 60, credit: 64, end: 72 } as const;
const credit2At = { domain: 0, unit: 8, credit: 24, end: 32 } as const;
const weightAt = { credit: { weight: 42, cap: 44 }, credit2: { weight: 120, cap: 122 } } as const;

/** _VPF_down of struct vcpu's pause_flags. */
const down = 1n << 1n;
const idleDomain = 0x7fff;

/** By their names on Xen's command line. */
const schedulers: ReadonlySet<string> = new Set(['credit', 'credit2', 'rtds', 'null', 'arinc653']);

const isKnown = (name: string): name is keyof typeof weightAt => name === 'credit' || name === 'credit2';

export interface SeenVcpu {
  readonly id: number;
  /** Where its structure is. */
  readonly address: number;
  readonly pcpu: number;
  /** RUNSTATE_* (public/vcpu.h). */
  readonly runstate: number;
  /** Nanoseconds that it has run, up to the last switch. */
  readonly time: number;
  readonly isDown: boolean;
  readonly hardAffinity: number;
  readonly softAffinity: number;
  /** What its scheduler counts for it; null if that is neither credit nor credit2. */
  readonly credit: number | null;
}

/** What a switch tells of a vCPU. */
export interface NotedVcpu {
  readonly runstate: number;
  /** Nanoseconds in all that it could run and did not. */
  readonly waited: number;
  /** Null where its scheduler has none. */
  readonly priority: number | null;
  readonly credit: number | null;
}

export interface SeenDomain {
  readonly id: number;
  readonly vmid: number;
  readonly vttbr: bigint;
  readonly pages: number;
  readonly maxPages: number;
  readonly pool: number;
  readonly scheduling: Readonly<Record<string, number>>;
  readonly vcpus: readonly SeenVcpu[];
}

export interface SeenPool {
  readonly id: number;
  readonly scheduler: string;
  /** A bit for each pCPU. */
  readonly cpus: number;
}

/** Domains and pools; or why they cannot be read, in one sentence, empty as long as Xen has not made Domain-0. */
export type Seen =
  | { readonly domains: readonly SeenDomain[]; readonly pools: readonly SeenPool[]; readonly refusal: null }
  | { readonly refusal: string };

/** Something that must be true of the structures is not. */
class Refused extends Error {}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Refused(what);
}

export class XenState {
  readonly #board: ZynqMp;
  readonly memory: XenMemory;
  readonly #symbols: SymbolTable;
  /** What was seen last, and when, in cycles. */
  #seen: Seen = { refusal: '' };
  #seenAt = -1;
  #isOfBuild = false;
  /** The symbols' addresses; 0 where one is missing. */
  readonly #at;

  constructor(board: ZynqMp, symbols: SymbolTable) {
    this.#board = board;
    this.memory = new XenMemory(board);
    this.#symbols = symbols;
    const at = (name: string): number => Number(symbols.addressOf(name) ?? 0n);
    this.#at = {
      domains: at('domain_list'),
      dom0: at('hardware_domain'),
      pools: at('cpupool_list'),
      current: at('per_cpu__curr_vcpu'),
      buildId: at('__note_gnu_build_id_start'),
    };
  }

  /** Where Xen's symbols do not belong to it, or its structures are others: why, in one sentence. */
  look(): Seen {
    const { now } = this.#board.cluster;
    if (now !== this.#seenAt) this.#seen = this.#look();
    this.#seenAt = now;
    return this.#seen;
  }

  #look(): Seen {
    try {
      const { domains, dom0 } = this.#at;
      const first = this.memory.number(domains);
      if (first === 0 || this.memory.number(dom0) === 0) return { refusal: '' };
      this.#checkBuild();
      check(first === this.memory.number(dom0), 'the first domain is not Domain-0');
      const pools = this.#pools();
      return { domains: this.#domains(first, pools), pools, refusal: null };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { refusal: `This Xen’s structures are not those of Debian’s Xen 4.17: ${error.message}.` };
    }
  }

  /** The vCPU whose context a core has, and its address; null while that is the idle vCPU, or none is known. */
  current(core: number): { readonly domain: number; readonly vcpu: number; readonly address: number } | null {
    const base = this.#board.cluster.cores[core]?.system('TPIDR_EL2');
    if (base === undefined || this.#at.current === 0) return null;
    const vcpu = this.memory.record(this.memory.number(this.#at.current + Number(base)), vcpuAt.end);
    const id = vcpu && this.memory.record(vcpu.number(vcpuAt.domain), 8)?.u16(domainAt.id);
    return vcpu && id !== undefined && id !== null && id !== idleDomain
      ? { domain: id, vcpu: vcpu.u32(vcpuAt.id) & 0xff, address: vcpu.address }
      : null;
  }

  /** What Xen has noted of the vCPU at an address; null where nothing is there. */
  noted(address: number): NotedVcpu | null {
    const vcpu = this.memory.record(address, vcpuAt.end);
    const unit = vcpu && this.memory.record(vcpu.number(vcpuAt.unit), unitAt.end);
    const priv = unit && this.memory.record(unit.number(unitAt.priv), creditAt.end);
    if (!vcpu || !unit) return null;
    const isOf = (at: number): boolean => priv !== null && priv.number(at) === unit.address;
    return {
      runstate: vcpu.u32(vcpuAt.runstate),
      // After the state: when it was entered, then the times in each (struct vcpu_runstate_info).
      waited: vcpu.number(vcpuAt.runstate + 24),
      priority: priv && isOf(creditAt.unit) ? priv.s16(creditAt.priority) : null,
      credit:
        priv && isOf(creditAt.unit)
          ? priv.s32(creditAt.credit)
          : priv && isOf(credit2At.unit)
            ? priv.s32(credit2At.credit)
            : null,
    };
  }

  /** The symbols name places of this build only. */
  #checkBuild(): void {
    const { buildId } = this.#symbols;
    if (buildId === null || this.#isOfBuild) return;
    const note = this.memory.record(this.#at.buildId, 16 + buildId.length);
    check(note !== null && buildId.every((byte, i) => note.u8(16 + i) === byte), 'the symbols are of another build');
    this.#isOfBuild = true;
  }

  #pools(): SeenPool[] {
    return this.memory.ring(this.#at.pools, poolAt.end, poolAt.links).map((pool) => {
      const scheduler = this.memory.record(pool.number(poolAt.scheduler), schedulerAt.end);
      const name = scheduler ? this.memory.text(scheduler.number(schedulerAt.option)) : '';
      check(schedulers.has(name), 'the scheduler of a pool has no name');
      return { id: pool.u32(poolAt.id), scheduler: name, cpus: pool.u32(poolAt.cpus) };
    });
  }

  #domains(first: number, pools: readonly SeenPool[]): SeenDomain[] {
    return this.memory.list(first, p2mAt.end, domainAt.next).map((domain) => {
      const pool = this.memory.record(domain.number(domainAt.pool), poolAt.end)?.u32(poolAt.id) ?? 0;
      const scheduler = pools.find(({ id }) => id === pool)?.scheduler ?? '';
      const vttbr = domain.u64(p2mAt.vttbr);
      const vmid = domain.u16(p2mAt.vmid);
      check(Number(vttbr >> 48n) === vmid, 'a domain’s root of stage 2 has another VMID than the domain');
      return {
        id: domain.u16(domainAt.id),
        vmid,
        vttbr,
        pages: domain.u32(domainAt.pages) - domain.u32(domainAt.extra),
        maxPages: domain.u32(domainAt.maxPages),
        pool,
        scheduling: this.#parameters(domain, scheduler),
        vcpus: this.#vcpus(domain, scheduler),
      };
    });
  }

  #parameters(domain: XenRecord, scheduler: string): Readonly<Record<string, number>> {
    if (!isKnown(scheduler)) return {};
    const { weight, cap } = weightAt[scheduler];
    const priv = this.memory.record(domain.number(domainAt.priv), cap + 2);
    check(priv !== null && priv.u16(weight) > 0, 'a domain has no weight');
    return { weight: priv.u16(weight), cap: priv.u16(cap) };
  }

  #vcpus(domain: XenRecord, scheduler: string): SeenVcpu[] {
    const first = this.memory.number(domain.number(domainAt.vcpus));
    const { cores } = this.#board.cluster;
    return this.memory.list(first, vcpuAt.end, vcpuAt.next).map((vcpu, id) => {
      check(
        vcpu.u32(vcpuAt.id) === id && vcpu.number(vcpuAt.domain) === domain.address,
        'a vCPU is not of the domain that lists it',
      );
      const unit = this.memory.record(vcpu.number(vcpuAt.unit), unitAt.end);
      check(unit?.number(unitAt.domain) === domain.address, 'a vCPU’s unit is of another domain');
      const resource = this.memory.record(unit.number(unitAt.resource), resourceAt.end);
      check(resource !== null && resource.u32(resourceAt.cpu) < cores.length, 'a vCPU has no pCPU');
      return {
        id,
        address: vcpu.address,
        pcpu: vcpu.u32(vcpuAt.pcpu),
        runstate: vcpu.u32(vcpuAt.runstate),
        time: vcpu.number(vcpuAt.runstate + 16),
        isDown: (vcpu.u64(vcpuAt.flags) & down) !== 0n,
        hardAffinity: unit.u32(unitAt.hard),
        softAffinity: unit.u32(unitAt.soft),
        credit: this.#credit(unit, domain, scheduler),
      };
    });
  }

  #credit(unit: XenRecord, domain: XenRecord, scheduler: string): number | null {
    if (!isKnown(scheduler)) return null;
    const at = scheduler === 'credit' ? creditAt : credit2At;
    const priv = this.memory.record(unit.number(unitAt.priv), at.end);
    check(priv?.number(at.unit) === unit.address, 'the scheduler’s part of a vCPU is of another one');
    check(
      priv.number(at.domain) === domain.number(domainAt.priv),
      'the scheduler’s part of a domain is of another one',
    );
    return priv.s32(at.credit);
  }
}
