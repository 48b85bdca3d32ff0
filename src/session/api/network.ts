/** What can be known of a machine's virtual networks. Plain data. */
import type { PortCounters } from '../../soc/net/bridge.ts';

export type { PortCounters };

/** A station behind a port, by the address from which it has sent. */
export interface StationInfo {
  /** As `ip` writes it: 00:16:3e:00:00:01. */
  readonly mac: string;
  /** Its IPv4 address, if it has shown one: 10.0.0.11. */
  readonly address: string | null;
  /** Its name in the network. */
  readonly name: string | null;
}

/** A port of a bridge. */
export interface PortInfo {
  /** Such as vif1.0; that of the bridge itself has the bridge's name. */
  readonly name: string;
  readonly bridge: string;
  /** `host`: the built-in host. `domain`: a domain's interface. `wire`: what is wired to the board. */
  readonly kind: 'host' | 'domain' | 'wire';
  /** Number of the domain; null for the other kinds. */
  readonly domain: number | null;
  readonly mtu: number;
  readonly counters: Readonly<PortCounters>;
  readonly stations: readonly StationInfo[];
}

/** A capture of a port, which may be running, and whose port need not be there. */
export interface CaptureInfo {
  readonly port: string;
  readonly isRunning: boolean;
  readonly frames: number;
  /** Bytes of its file. */
  readonly size: number;
  /** Frames for which there was no room. */
  readonly missed: number;
}

export interface NetworkInfo {
  readonly ports: readonly PortInfo[];
  readonly captures: readonly CaptureInfo[];
}
