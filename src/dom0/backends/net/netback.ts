/** Dom0's driver for network devices, which knows the interfaces that there are. */
import type { BackendDevice, BackendDriver } from '../xenbus.ts';
import { Vif, type VifHost } from './vif.ts';

export class Netback implements BackendDriver {
  readonly kind = 'vif';
  private readonly host: VifHost;
  private readonly _interfaces = new Map<string, Vif>();

  constructor(host: VifHost) {
    this.host = host;
  }

  probe(device: BackendDevice): Vif {
    const vif = new Vif(device, this.host);
    this._interfaces.set(device.path, vif);
    return vif;
  }

  remove({ path }: BackendDevice): void {
    this._interfaces.get(path)?.detach();
    this._interfaces.delete(path);
  }

  /** The interface of a device, by the path of its back end. */
  at(path: string): Vif | null {
    return this._interfaces.get(path) ?? null;
  }

  get interfaces(): readonly Vif[] {
    return [...this._interfaces.values()];
  }
}
