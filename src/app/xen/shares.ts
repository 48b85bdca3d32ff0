import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Connection, ControlView } from '../machine/connection.ts';

/** Wall time between two figures while the machine runs: nobody reads faster. */
const intervalMs = 200;
/** The length of virtual time over which a share is computed. */
const spanNs = 1e9;

interface SharesView {
  /** Per cent of a pCPU that each domain used in the last second, by its number. */
  readonly shares: Readonly<Record<number, number>>;
}

/** The CPU time of the domains in the last second of virtual time. */
export class Shares {
  readonly store: StoreApi<SharesView> = createStore<SharesView>(() => ({ shares: {} }));
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
      this.store.setState({ shares: {} });
    }
    const sampled = status?.hypervisor?.sampled;
    if (sampled === undefined || sampled === this.#asked.sampled) return;
    if (performance.now() < this.#asked.at + intervalMs && status?.state === 'running') return;
    this.#asked = { sampled, at: performance.now() };
    const period = { from: Math.max(0, sampled - spanNs), to: sampled, buckets: 1 };
    const utilisation = await this.#connection.look('utilisation', period);
    if (!utilisation || epoch !== this.#epoch) return;
    const shares: Record<number, number> = {};
    const covered = utilisation.covered[0] ?? 0;
    for (const { kind, domain, busy } of utilisation.series)
      if (kind === 'vcpu' && covered > 0) shares[domain] = (shares[domain] ?? 0) + ((busy[0] ?? 0) / covered) * 100;
    this.store.setState({ shares });
  }
}
