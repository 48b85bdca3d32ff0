/** The ports of a machine's networks, with what the built-in host knows of the stations behind them. */
import { macText } from '../../soc/net/frame.ts';
import { ipText } from '../../soc/net/host/address.ts';
import type { Host } from '../../soc/net/host/host.ts';
import type { Network } from '../../soc/net/network.ts';
import type { PortInfo, StationInfo } from '../api/network.ts';

/** So many stations of a port are shown. */
const maxStations = 8;

/** @param domainOf the domain whose interface a port is; null for others */
export function portsOf(network: Network, host: Host, domainOf: (port: string) => number | null): readonly PortInfo[] {
  const known = new Map(host.stations.map((station) => [station.mac, station]));
  return network.bridges.flatMap((bridge) => {
    const seen = bridge.addresses();
    return bridge.ports.map((port): PortInfo => {
      const isHost = port === host.port;
      const stations: StationInfo[] = seen
        .filter((each) => each.port === port && !isHost)
        .slice(-maxStations)
        .map(({ mac }) => {
          const station = known.get(mac);
          return { mac: macText(mac), address: station ? ipText(station.address) : null, name: station?.name ?? null };
        });
      if (isHost) stations.push({ mac: macText(host.mac), address: ipText(host.interface.address), name: host.name });
      const domain = domainOf(port.name);
      return {
        name: port.name,
        bridge: bridge.name,
        kind: isHost ? 'host' : domain === null ? 'wire' : 'domain',
        domain,
        mtu: port.mtu,
        counters: { ...port.counters },
        stations,
      };
    });
  });
}
