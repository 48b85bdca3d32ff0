/** xenstored: the rings of all domains. */
import type { Hasher } from '../../base/hasher.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { type Nanoseconds, nanoseconds } from '../../xen/time/time.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, quietly, Signal, type Task, untilTime } from '../os/task.ts';
import { RingConnection } from './ring.ts';
import type { XenstoreServer } from './server.ts';
import type { XenStore } from './store.ts';

/** Longer than all cores' turns take. */
const lastLook = nanoseconds(100_000);

export class XenstoreDaemon implements XenstoreServer {
  readonly store: XenStore;
  readonly probe: Probe;
  private readonly rings = new Map<number, RingConnection>();
  /** Domains that have notified their channel. */
  private readonly rung = new Set<number>();
  private readonly ring = new Signal('xenstored');
  private readonly now: () => Nanoseconds;

  constructor(store: XenStore, probe: Probe, now: () => Nanoseconds) {
    this.store = store;
    this.probe = probe;
    this.now = now;
  }

  isIntroduced(domid: number): boolean {
    return this.rings.has(domid);
  }

  /** INTRODUCE: serves a domain's ring page from now on. `signal` notifies the domain. */
  introduce(domid: number, page: Uint8Array, signal: () => void): void {
    this.rings.set(domid, new RingConnection(this, domid, page, signal));
    this.store.fireSpecial('@introduceDomain');
    this.rang(domid);
  }

  /** RELEASE: stops serving a destroyed domain and removes its nodes. */
  release(domid: number): void {
    const ring = this.rings.get(domid);
    if (!ring) return;
    ring.close();
    this.rings.delete(domid);
    this.store.releaseDomain(domid);
    this.store.fireSpecial('@releaseDomain');
  }

  /** A domain has notified its event channel. */
  rang(domid: number): void {
    this.rung.add(domid);
    this.ring.raise();
  }

  /** Adds the store and the rings without their pages, which are in guest memory. */
  fingerprint(hasher: Hasher): void {
    this.store.fingerprint(hasher);
    hasher.add([...this.rung], this.rings.size);
    for (const [domid, ring] of this.rings) {
      hasher.add(domid);
      ring.fingerprint(hasher);
    }
  }

  /**
   * The daemon's main loop. Linux tells only of bytes that it puts into an empty ring, and may look whether it is empty
   * before its bytes are there (xb_write). So rings that have just been served are looked at again, the last time when
   * the core of a guest that was between the two must have gone on.
   */
  *run(): Task<number> {
    for (;;) {
      yield* quietly(
        this.ring,
        () => this.rung.size > 0,
        () => this.run(),
      );
      const active = new Set<number>();
      while (this.rung.size > 0) {
        for (const domid of [...this.rung]) {
          this.rung.delete(domid);
          active.add(domid);
          const served = this.rings.get(domid)?.service() ?? 0;
          yield* compute(nanoseconds(served * dom0Costs.xenstoreRequest));
        }
        const end = nanoseconds(this.now() + lastLook);
        yield* untilTime(this.ring, () => this.rung.size > 0, end, this.now);
        for (const domid of active) if (this.rings.get(domid)?.canServe) this.rung.add(domid);
      }
    }
  }
}
