import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DomainInfo, PoolInfo } from '../../session/api/hypervisor.ts';
import type { Connection, ControlView } from '../machine/connection.ts';

/** Wall time between two requests for the list: its letters change thousands of times a second. */
const intervalMs = 200;

interface DomainsView {
  readonly domains: readonly DomainInfo[];
  readonly pools: readonly PoolInfo[];
  /** The domain whose details were asked for last. */
  readonly chosen: { readonly id: number; readonly name: string } | null;
}

/** The domain that was chosen, or the one that has its name now; else the first guest. */
export const chosenOf = ({ domains, chosen }: DomainsView): DomainInfo | undefined =>
  domains.find(({ id, name }) => id === chosen?.id && name === chosen.name) ??
  domains.find(({ name }) => name === chosen?.name) ??
  domains.find(({ id }) => id === chosen?.id) ??
  domains.find(({ id }) => id > 0);

/** Xen's list of domains. */
export class Domains {
  readonly store: StoreApi<DomainsView> = createStore<DomainsView>(() => ({ domains: [], pools: [], chosen: null }));
  readonly #connection: Connection;
  /** The list that is shown: the machine's epoch, the list's version, and its arrival in wall time. */
  #shown = { epoch: 0, version: -1, at: 0, isPending: false };

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onChange((view) => this.#follow(view));
  }

  get all(): readonly DomainInfo[] {
    return this.store.getState().domains;
  }

  find(name: string): DomainInfo | undefined {
    return this.all.find((domain) => domain.name === name);
  }

  /** Chooses the domain whose details are shown. */
  choose(id: number): void {
    const name = this.all.find((domain) => domain.id === id)?.name;
    if (name !== undefined) this.store.setState({ chosen: { id, name } });
  }

  #follow({ status, epoch }: ControlView): void {
    if (epoch !== this.#shown.epoch) {
      this.#shown = { epoch, version: -1, at: 0, isPending: false };
      this.store.setState({ domains: [] });
    }
    const shown = this.#shown;
    if (!status?.hypervisor || status.hypervisor.domains === shown.version || shown.isPending) return;
    shown.isPending = true;
    setTimeout(() => void this.#list(shown), Math.max(0, shown.at + intervalMs - performance.now()));
  }

  async #list(shown: { version: number; at: number; isPending: boolean }): Promise<void> {
    const list = await this.#connection.look('domains');
    shown.isPending = false;
    if (!list || shown !== this.#shown) return;
    shown.version = list.version;
    shown.at = performance.now();
    this.store.setState({ domains: list.domains, pools: list.pools });
  }
}
