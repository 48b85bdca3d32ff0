import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Utilisation } from '../../session/api/hypervisor.ts';
import type { Connection, ControlView } from '../machine/connection.ts';

/** Wall time between two figures while the machine runs: nobody reads faster. */
const intervalMs = 200;
/** The length of virtual time over which a share is computed. */
const spanNs = 1e9;

/** What a vCPU used of a pCPU in the last second. */
export interface Use {
  readonly pcpu: number;
  readonly domain: number;
  readonly vcpu: number;
  /** Per cent of the pCPU. */
  readonly share: number;
}

interface SharesView {
  /** Per cent of a pCPU that each domain used in the last second, by its number. */
  readonly shares: Readonly<Record<number, number>>;
  /** The same by pCPU and vCPU, where it is more than nothing. */
  readonly uses: readonly Use[];
  /** Per cent of one pCPU that EL2 itself used. */
  readonly xen: number;
}

const nothing: SharesView = { shares: {}, uses: [], xen: 0 };

/** The CPU time of the domains in the last second of virtual time. */
export class Shares {
  readonly store: StoreApi<SharesView> = createStore<SharesView>(() => nothing);
  readonly #connection: Connection;
  #epoch = 0;
  /** The virtual time of the last sample that was asked for, and the wall time of asking. */
  #asked = { sampled: 0, at: 0 };

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onChange((view) => void this.#follow(view));
  }

  async #follow({ status, epoch }: ControlView): Promise<void> {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.store.setState(nothing);
    }
    const sampled = status?.hypervisor ? status.sampled : undefined;
    if (sampled === undefined || sampled === this.#asked.sampled) return;
    if (performance.now() < this.#asked.at + intervalMs && status?.state === 'running') return;
    this.#asked = { sampled, at: performance.now() };
    const period = { from: Math.max(0, sampled - spanNs), to: sampled, buckets: 1 };
    const utilisation = await this.#connection.look('utilisation', period);
    if (!utilisation || epoch !== this.#epoch) return;
    this.store.setState(sharesOf(utilisation));
  }
}

/** The shares in the first bucket. */
function sharesOf({ covered: [covered = 0], series }: Utilisation): SharesView {
  const shares: Record<number, number> = {};
  const uses: Use[] = [];
  let xen = 0;
  for (const { kind, pcpu, domain, vcpu, busy } of covered > 0 ? series : []) {
    const share = ((busy[0] ?? 0) / covered) * 100;
    if (kind === 'xen') xen += share;
    if (kind !== 'vcpu') continue;
    shares[domain] = (shares[domain] ?? 0) + share;
    if (share > 0) uses.push({ pcpu, domain, vcpu, share });
  }
  return { shares, uses, xen };
}
