/** The virtual networks of a machine: bridges, and who listens at their ports. */
import { assert, defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { Bridge, type BridgeState, type NetClock, type Port, type Tap, type Taps } from './bridge.ts';

export class Network {
  private readonly clock: NetClock;
  private readonly _bridges = new Map<string, Bridge>();
  /** Listeners by the name of their port, which need not be there yet. */
  private readonly taps: Map<string, Set<Tap>> & Taps = new Map();

  /** As Linux numbers interfaces: the first is the loopback. */
  private nextIndex = 2;

  constructor(clock: NetClock) {
    this.clock = clock;
  }

  /** In the order in which they were made. */
  get bridges(): readonly Bridge[] {
    return [...this._bridges.values()];
  }

  get ports(): readonly Port[] {
    return this.bridges.flatMap(({ ports }) => ports);
  }

  bridge(name: string): Bridge | null {
    return this._bridges.get(name) ?? null;
  }

  /** The bridge of this name, which is made if there is none. */
  addBridge(name: string): Bridge {
    const bridge =
      this._bridges.get(name) ?? new Bridge(this.clock, name, { taps: this.taps, nextIndex: () => this.nextIndex++ });
    this._bridges.set(name, bridge);
    return bridge;
  }

  /** Removes a bridge; its ports are detached. */
  removeBridge(name: string): void {
    for (const port of this.bridge(name)?.ports ?? []) port.detach();
    this._bridges.delete(name);
  }

  /** The port of this name on any bridge. */
  port(name: string): Port | null {
    return this.ports.find((port) => port.name === name) ?? null;
  }

  /**
   * Shows each frame at the port of this name from now on, also when a port of this name is attached later. Returns how
   * to stop. Listening changes nothing.
   */
  listen(name: string, tap: Tap): () => void {
    const taps = this.taps.get(name) ?? new Set();
    this.taps.set(name, taps.add(tap));
    return () => {
      taps.delete(tap);
      if (taps.size === 0) this.taps.delete(name);
    };
  }

  saveState(): readonly BridgeState[] {
    return this.bridges.map((bridge) => bridge.saveState());
  }

  /** Continues from a saved state; the same bridges must be there. Throws AssertionError. */
  loadState(states: readonly BridgeState[]): void {
    assert(states.length === this._bridges.size, `there are ${states.length} bridges`);
    for (const state of states) defined(this.bridge(state.name), state.name).loadState(state);
  }

  fingerprint(hasher: Hasher): void {
    for (const bridge of this._bridges.values()) bridge.fingerprint(hasher);
  }
}
