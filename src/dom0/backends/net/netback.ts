/** Dom0's driver for network devices, which knows the interfaces that there are. */
import type { BackendDevice, BackendDriver } from '../xenbus.ts';
import { Vif, type VifHost } from './vif.ts';

export class Netback implements BackendDriver {
  readonly kind = 'vif';
  readonly #host: VifHost;
  readonly #interfaces = new Map<string, Vif>();

  constructor(host: VifHost) {
    this.#host = host;
  }

  probe(device: BackendDevice): Vif {
    const vif = new Vif(device, this.#host);
    this.#interfaces.set(device.path, vif);
    return vif;
  }

  remove({ path }: BackendDevice): void {
    this.#interfaces.get(path)?.detach();
    this.#interfaces.delete(path);
  }

  /** The interface of a device, by the path of its back end. */
  at(path: string): Vif | null {
    return this.#interfaces.get(path) ?? null;
  }

  get interfaces(): readonly Vif[] {
    return [...this.#interfaces.values()];
  }
}
