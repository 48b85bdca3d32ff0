/**
 * The hypervisor view of the real Xen: names by Dom0's agent, who runs where by the cores' registers, and the rest from
 * Xen's own structures where its symbols are there and fit. Without them, the agent tells of states and times.
 */
import { SymbolTable } from '../../boot/symbols.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import type { DomainDetails } from '../api/domain-details.ts';
import type { DomainList, StageTwoRoot, Utilisation, UtilisationRequest, VcpuName } from '../api/hypervisor.ts';
import type { DomainAddresses, HypervisorView } from '../hypervisor.ts';
import { emulatedByXen } from '../translation/emulated.ts';
import { inCore } from '../vcpu-registers.ts';
import type { RealDomains } from './domains.ts';
import { savedContext } from './saved-context.ts';
import { RealUsage, type RealUsageState } from './usage.ts';
import { type Seen, XenState } from './xen-state.ts';

/** Nanoseconds between two looks for changes of what the list shows, as the agent tells of them. */
const lookPeriod = 100_000_000;

export class RealView implements HypervisorView {
  readonly #board: ZynqMp;
  readonly #told: RealDomains;
  readonly #usage: RealUsage;
  readonly #state: XenState | null;
  readonly #memoryKib: number;
  readonly #hasFile: (path: string) => boolean;
  readonly #log: (text: string) => void;
  #changes = 0;
  /** What the list was at the last look. */
  #seen = '';
  #refusal = '';

  /**
   * @param symbols Xen's ELF file, or empty
   * @param hasFile whether there is a file in Domain-0
   * @param log gets why Xen's structures cannot be read, once
   */
  constructor(
    board: ZynqMp,
    told: RealDomains,
    symbols: Uint8Array,
    memoryKib: number,
    hasFile: (path: string) => boolean,
    log: (text: string) => void,
  ) {
    this.#board = board;
    this.#told = told;
    this.#state = symbols.length > 0 ? new XenState(board, new SymbolTable(symbols)) : null;
    this.#usage = new RealUsage(board, told, this.#state);
    this.#memoryKib = memoryKib;
    this.#hasFile = hasFile;
    this.#log = log;
  }

  get scheduler(): string {
    return this.#told.scheduler;
  }

  get version(): number {
    return this.#told.version + this.#changes;
  }

  get freeKib(): number {
    const used = this.domains().domains.reduce((sum, { memoryKib }) => sum + memoryKib, 0);
    return this.#memoryKib - used;
  }

  get sampled(): number {
    return this.#usage.sampled;
  }

  domains(): DomainList {
    const list = this.#told.list(this.#look(), (vcpu) => this.#usage.runningFor(vcpu));
    return { ...list, version: this.version };
  }

  details(domain: number): DomainDetails | null {
    const seen = this.#look();
    const found = seen.refusal === null ? seen.domains.find(({ id }) => id === domain) : undefined;
    if (!found || !this.#state || !this.#told.has(domain)) return null;
    const { memory } = this.#state;
    const config = `/etc/xen/${this.#told.nameOf(domain)}.cfg`;
    const running = this.#usage.running();
    const { cores } = this.#board.cluster;
    return {
      id: domain,
      uuid: null,
      config: this.#hasFile(config) ? config : null,
      kernel: null,
      vmid: found.vmid,
      maxMemoryKib: found.maxPages < 2 ** 31 ? found.maxPages * 4 : 0,
      devices: [],
      exits: this.#usage.exits(domain),
      vcpus: found.vcpus.flatMap(({ id, address }) => {
        const saved = savedContext(memory, address);
        const cpu = running.findIndex((vcpu) => vcpu?.domain === domain && vcpu.vcpu === id);
        const core = cores[cpu];
        return saved ? [{ id, exit: saved.exit, registers: core ? inCore(core, cpu) : saved.registers }] : [];
      }),
    };
  }

  running(): readonly (VcpuName | null)[] {
    return this.#usage.running();
  }

  roots(): readonly StageTwoRoot[] {
    const seen = this.#look();
    if (seen.refusal !== null) return [];
    return seen.domains.map(({ id, vmid, vttbr }) => ({
      domain: id,
      vmid,
      table: vttbr & 0xffff_ffff_fffen,
      vttbr,
    }));
  }

  addresses(domain: number): DomainAddresses {
    return { emulated: emulatedByXen(domain), shared: [], isShadowed: false };
  }

  utilisation(request: UtilisationRequest): Utilisation {
    const utilisation = this.#usage.utilisation(request);
    const { pools } = this.domains();
    const named = this.#board.cluster.cores.map((_, cpu) => pools.find(({ pcpus }) => pcpus.includes(cpu))?.name ?? '');
    return pools.length > 1 ? { ...utilisation, pools: named } : utilisation;
  }

  /** The board has been reset. */
  restart(): void {
    this.#told.clear();
    this.#usage.restart();
  }

  sliceEnded(now: number): void {
    this.#usage.sliceEnded(now);
    if (now % lookPeriod === 0) this.#compare(this.#look());
  }

  saveUsage(): RealUsageState {
    return this.#usage.saveState();
  }

  loadUsage(state: RealUsageState): void {
    this.#usage.loadState(state);
  }

  #look(): Seen {
    return this.#state?.look() ?? { refusal: '' };
  }

  #compare(seen: Seen): void {
    if (seen.refusal !== null) {
      if (seen.refusal !== '' && seen.refusal !== this.#refusal) this.#log(seen.refusal);
      this.#refusal = seen.refusal;
      return;
    }
    const domains = seen.domains.map(({ id, pool, scheduling, vcpus }) => {
      return [id, pool, scheduling, vcpus];
    });
    const now = JSON.stringify([seen.pools, domains]);
    if (now !== this.#seen) this.#changes++;
    this.#seen = now;
  }
}
