/**
 * What becomes of accesses that stage 2 or the SMMU refuses: an entry in the log for each place that a domain or a DMA master
 * is refused at, with the walk as it was at that moment and what in the domain's config is behind it. Devices that Xen
 * emulates are reached by such faults all the time, and are left out. It only looks, and is no part of the machine's state.
 */
import type { Fault } from '../../arch/mmu/faults.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { DmaAddr } from '../../base/units.ts';
import { devicePlaces } from '../../soc/board/map.ts';
import { ramBanks } from '../../xen/domain/guest-layout.ts';
import type { FaultCause, FaultRecord, Walk, WalkAccess } from '../api/translation.ts';
import type { Log } from '../consoles/log.ts';
import type { Translated } from './registers.ts';
import { dmaMasters, walk } from './walk.ts';

/** Of one domain or DMA master, and of all. */
const mostOfOne = 24;
const most = 200;
/** Places whose faults are not told again. */
const mostSeen = 4096;

type Kept = FaultRecord & { readonly text: string };

export class Faults {
  readonly #system: Translated;
  readonly #log: Log;
  readonly #now: () => number;
  /** Those of a past that the machine has left are among them, until others take their entries: it may come back. */
  #records: Kept[] = [];
  readonly #seen = new Set<number>();
  /** The list of domains in which `#seen` holds. */
  #version = -1;
  /** Where the log ended when `#seen` was last asked. */
  #end = 0;

  /** @param now virtual time in nanoseconds */
  constructor(system: Translated, log: Log, now: () => number) {
    this.#system = system;
    this.#log = log;
    this.#now = now;
    const { board } = system;
    if (system.hypervisor) board.cluster.onStage2Fault = (core, fault, isFetch) => this.#ofCore(core, fault, isFetch);
    board.onDmaFault = (stream, address, write) => this.#ofMaster(stream, address, write);
  }

  /** Those whose entries are in the log, the oldest first. */
  list(): readonly FaultRecord[] {
    const isThere = ({ entry, text, virtualNs }: Kept): boolean => {
      const there = this.#log.at(entry);
      return there?.text === text && there.virtualNs === virtualNs;
    };
    return this.#records.filter(isThere).sort((a, b) => a.entry - b.entry);
  }

  #ofCore(core: CoreState, fault: Fault, isFetch: boolean): void {
    const { hypervisor } = this.#system;
    const page = Math.floor(fault.ipa / 4096);
    const access: WalkAccess = isFetch ? 'execute' : fault.write ? 'write' : 'read';
    // VMID in bits 63:48 of VTTBR_EL2; the page of an IPA has 28 bits.
    const vttbr = core.system('VTTBR_EL2');
    const place = (Number(vttbr >> 48n) * 2 ** 28 + page) * 4 + (isFetch ? 2 : fault.write ? 1 : 0);
    if (!hypervisor || !this.#isNew(place)) return;
    const domain = hypervisor.roots().find((root) => root.vttbr === vttbr)?.domain;
    if (domain === undefined) return;
    const { emulated, isShadowed } = hypervisor.addresses(domain);
    if (isShadowed || emulated.some(({ base, size }) => fault.ipa >= base && fault.ipa < base + size)) return;
    const address = (BigInt(fault.high >>> 0) << 32n) | BigInt(fault.low >>> 0);
    const walked = walk(this.#system, {
      of: { kind: 'core', core: core.index, el: core.el === 0 ? 0 : 1 },
      address,
      access,
    });
    // Xen makes entries invalid that it will make valid again when they are used; those are not empty.
    if (!walked.ok || !walked.value.result || walked.value.result.ok) return;
    const last = walked.value.steps.at(-1);
    if (last?.kind === 'invalid' && last.descriptor !== 0n) return;
    const name = hypervisor.domains().domains.find(({ id }) => id === domain)?.name ?? String(domain);
    const isMapped = last?.kind === 'block' || last?.kind === 'page';
    const what = isMapped ? 'which its stage 2 does not allow' : 'which its stage 2 does not map';
    this.#add('stage2', `${name} ${verbs[access]} ${hex(fault.ipa)}, ${what}`, {
      domain,
      name,
      core: core.index,
      pc: core.pc,
      access,
      address: fault.ipa,
      walk: walked.value,
      ...this.#causeOf(domain, fault.ipa, isMapped),
    });
  }

  #ofMaster(stream: number, address: DmaAddr, write: boolean): void {
    if (!this.#isNew(2 ** 46 + (Math.floor(address / 4096) * 2 ** 15 + (stream & 0x7fff)) * 2 + (write ? 1 : 0)))
      return;
    const access = write ? 'write' : 'read';
    const walked = walk(this.#system, { of: { kind: 'stream', stream }, address: BigInt(address), access });
    if (!walked.ok || walked.value.result?.ok) return;
    const name = dmaMasters.find((master) => master.stream === stream)?.name ?? `stream ${hex(stream)}`;
    const domain = this.#ownerOf(walked.value);
    const config = domain === null ? null : (this.#system.hypervisor?.details(domain)?.config ?? null);
    const cause: FaultCause = domain === null ? { kind: 'dtdev', master: name } : { kind: 'dma', domain };
    this.#add('smmu', `${name} ${verbs[access]} ${hex(address)}, which the SMMU refuses`, {
      domain,
      name,
      core: null,
      pc: null,
      access,
      address,
      walk: walked.value,
      cause,
      config,
    });
  }

  /** The domain whose tables the SMMU has walked. */
  #ownerOf({ smmu, steps }: Walk): number | null {
    const first = steps.find(({ stage }) => stage === 2)?.address;
    if (smmu?.kind !== 'context' || first === undefined) return null;
    const roots = this.#system.hypervisor?.roots() ?? [];
    // Xen's root is two pages.
    return roots.find(({ table }) => first >= Number(table) && first < Number(table) + 8192)?.domain ?? null;
  }

  /** What in a domain's config decides about an address. */
  #causeOf(domain: number, ipa: number, isMapped: boolean): Pick<FaultRecord, 'cause' | 'config'> {
    const details = this.#system.hypervisor?.details(domain);
    const config = details?.config ?? null;
    if (isMapped) return { cause: { kind: 'right' }, config };
    const device = devicePlaces.find(({ base, size }) => ipa >= base && ipa < base + size);
    if (device) return { cause: { kind: 'iomem', device: device.name, page: Math.floor(ipa / 4096) }, config };
    const [low, high] = ramBanks;
    const kib = this.#system.hypervisor?.domains().domains.find(({ id }) => id === domain)?.memoryKib ?? 0;
    const isRam = (ipa >= low.base && ipa < low.base + low.size) || (ipa >= high.base && ipa < high.base + high.size);
    return { cause: isRam && domain !== 0 ? { kind: 'memory', kib } : { kind: 'nothing' }, config };
  }

  #isNew(place: number): boolean {
    const version = this.#system.hypervisor?.version ?? 0;
    const { end } = this.#log;
    if (version !== this.#version || end < this.#end || this.#seen.size >= mostSeen) this.#seen.clear();
    this.#version = version;
    this.#end = end;
    if (this.#seen.has(place)) return false;
    this.#seen.add(place);
    return true;
  }

  #add(source: string, text: string, record: Omit<FaultRecord, 'entry' | 'virtualNs'>): void {
    const entry = this.#log.end;
    const others = this.#records.filter((one) => one.entry !== entry);
    if (others.length >= most || others.filter(({ name }) => name === record.name).length >= mostOfOne) return;
    const virtualNs = this.#now();
    this.#records = [...others, { entry, virtualNs, text, ...record }];
    this.#log.add(virtualNs, source, text);
  }
}

const verbs = { read: 'reads', write: 'writes', execute: 'executes' } as const;
const hex = (value: number): string => `0x${value.toString(16)}`;
