/** Programs that show Dom0's network interfaces: `ip` and `bridge` of iproute2, `brctl` of bridge-utils. */
import type { Bridge, Port } from '../../soc/net/bridge.ts';
import { broadcastMac, macText } from '../../soc/net/frame.ts';
import { broadcastOf, ipText } from '../../soc/net/host/address.ts';
import type { Host } from '../../soc/net/host/host.ts';
import type { Network } from '../../soc/net/network.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { simple } from '../shell/programs/common.ts';

/** What libxl's scripts give every virtual interface in Dom0, so that the bridge never takes its address. */
const vifMac = 'fe:ff:ff:ff:ff:ff';
/** The board's own ports. A bridge has the lowest address of its ports, so that of such a port and the bridge's are the same. */
const isPhysical = ({ name }: Port): boolean => /^gem\d$/.test(name);
const broadcast = macText(broadcastMac);

interface Shown {
  readonly index: number;
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly bridge: Bridge | null;
  readonly port: Port | null;
  readonly isHost: boolean;
}

/** All interfaces but the loopback, by their numbers. */
function shownOf(network: Network, host: Host): Shown[] {
  const shown = network.bridges.flatMap((bridge): Shown[] => {
    const own = bridge.ports.find((port) => port.name === bridge.name) ?? null;
    const mac = own === host.port ? macText(host.mac) : '00:00:00:00:00:00';
    const { index, name } = bridge;
    const isHost = own === host.port;
    return [
      { index, name, mac, mtu: own?.mtu ?? 1500, bridge: null, port: own, isHost },
      ...bridge.ports
        .filter((port) => port !== own)
        .map((port) => ({
          index: port.index,
          name: port.name,
          mac: isPhysical(port) ? mac : vifMac,
          mtu: port.mtu,
          bridge,
          port,
          isHost: false,
        })),
    ];
  });
  return shown.sort((a, b) => a.index - b.index);
}

const flags = '<BROADCAST,MULTICAST,UP,LOWER_UP>';

function linkLines({ index, name, mac, mtu, bridge }: Shown): string {
  const master = bridge ? ` master ${bridge.name}` : '';
  const rest = `mtu ${mtu} qdisc noqueue${master} state UP mode DEFAULT group default qlen 1000`;
  return `${index}: ${name}: ${flags} ${rest}\n    link/ether ${mac} brd ${broadcast}\n`;
}

const loopback =
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n' +
  '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n';

const columns = (...values: readonly number[]): string =>
  `   ${values.map((value) => String(value).padStart(7)).join(' ')}\n`;

/** The counters as `ip -s link` shows them. */
function counterLines(port: Port | null): string {
  const c = port?.counters;
  // Counters of the bridge's own interface are seen from the host: it receives what the port sends.
  const isOwn = port !== null && port.name === port.bridge.name;
  const [rxBytes, rxFrames, txBytes, txFrames] = isOwn
    ? [c?.sentBytes, c?.sentFrames, c?.receivedBytes, c?.receivedFrames]
    : [c?.receivedBytes, c?.receivedFrames, c?.sentBytes, c?.sentFrames];
  const [rxErrors, groups, dropped] = isOwn
    ? [0, 0, 0]
    : [c?.receivedErrors ?? 0, c?.receivedGroups ?? 0, c?.sentDropped ?? 0];
  return (
    '    RX:  bytes packets errors dropped  missed   mcast\n' +
    columns(rxBytes ?? 0, rxFrames ?? 0, rxErrors, 0, 0, groups) +
    '    TX:  bytes packets errors dropped carrier collsns\n' +
    columns(txBytes ?? 0, txFrames ?? 0, 0, dropped, 0, 0)
  );
}

const addressLines = (host: Host, name: string): string =>
  `    inet ${ipText(host.interface.address)}/${host.interface.prefix} brd ${ipText(broadcastOf(host.interface))} ` +
  `scope global ${name}\n       valid_lft forever preferred_lft forever\n`;

export function ipProgram(network: Network, host: Host): Program {
  const show = (context: ProgramContext, name: string | undefined, kind: 'addr' | 'link', counts: boolean): number => {
    const all = shownOf(network, host);
    if (name !== undefined && name !== 'lo' && !all.some((each) => each.name === name)) {
      context.err(`Device "${name}" does not exist.\n`);
      return 1;
    }
    const text = (lines: string): string => (kind === 'addr' ? lines.replace(' mode DEFAULT', '') : lines);
    if (name === undefined || name === 'lo') {
      context.out(text(loopback));
      if (kind === 'addr')
        context.out('    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n');
    }
    for (const each of all) {
      if (name !== undefined && each.name !== name) continue;
      context.out(text(linkLines(each)));
      if (counts) context.out(counterLines(each.port));
      if (kind === 'addr' && each.isHost) context.out(addressLines(host, each.name));
    }
    return 0;
  };
  return {
    name: 'ip',
    summary: 'show network interfaces, addresses and neighbours',
    complete: (words) => (words.length === 0 ? ['addr', 'link', 'neigh', 'route', '-s'] : ['show']),
    run: simple((context) => {
      const counts = context.args.includes('-s');
      const [object = '', ...rest] = context.args.filter((arg) => arg !== '-s');
      const [verb, ...more] = rest;
      const isShown = verb === undefined || 'show'.startsWith(verb) || verb === 'list' || verb === 'ls';
      const name = more.filter((word) => word !== 'dev')[0];
      const is = (whole: string): boolean => object !== '' && whole.startsWith(object);
      const usage = 'Usage: ip [ -s ] { addr | link | neigh | route } [ show [ dev NAME ] ]\n';
      if (!isShown) {
        context.err(`ip: Domain-0's network is a model: it can only be shown.\n${usage}`);
        return 255;
      }
      if (is('address')) return show(context, name, 'addr', counts);
      if (is('link')) return show(context, name, 'link', counts);
      if (is('route')) {
        const { address, prefix } = host.interface;
        const net = ipText((address & (0xffff_ffff << (32 - prefix))) >>> 0);
        context.out(`${net}/${prefix} dev ${host.port.name} proto kernel scope link src ${ipText(address)}\n`);
        return 0;
      }
      if (is('neighbour') || object === 'neighbor') {
        for (const { address, mac } of host.stations)
          context.out(`${ipText(address)} dev ${host.port.name} lladdr ${macText(mac)} REACHABLE\n`);
        return 0;
      }
      context.err(object === '' ? usage : `Object "${object}" is unknown, try "ip help".\n`);
      return object === '' ? 255 : 1;
    }),
  };
}

/** The ports that a bridge program shows: not the bridge's own interface. */
const membersOf = (bridge: Bridge): readonly Port[] => bridge.ports.filter((port) => port.name !== bridge.name);

export function bridgeProgram(network: Network): Program {
  return {
    name: 'bridge',
    summary: 'show the ports of bridges and what these have learned',
    complete: (words) => (words.length === 0 ? ['link', 'fdb'] : ['show']),
    run: simple((context) => {
      const [object = ''] = context.args;
      for (const bridge of network.bridges) {
        for (const port of membersOf(bridge)) {
          if (object === 'link') {
            const state = `mtu ${port.mtu} master ${bridge.name} state forwarding priority 32 cost 100`;
            context.out(`${port.index}: ${port.name}: ${flags} ${state} \n`);
          } else if (object === 'fdb') {
            for (const known of bridge.addresses()) {
              if (known.port === port) context.out(`${macText(known.mac)} dev ${port.name} master ${bridge.name} \n`);
            }
          }
        }
      }
      if (object === 'link' || object === 'fdb') return 0;
      context.err('Usage: bridge { link | fdb } [ show ]\n');
      return 255;
    }),
  };
}

const brctlUsage = `Usage: brctl [commands]
commands:
\taddbr     \t<bridge>\t\tadd bridge
\tdelbr     \t<bridge>\t\tdelete bridge
\tshow      \t[ <bridge> ]\t\tshow a list of bridges
\tshowmacs  \t<bridge>\t\tshow a list of mac addrs
`;

export function brctlProgram(network: Network, host: Host): Program {
  return {
    name: 'brctl',
    summary: 'show, make and remove bridges',
    complete: (words) =>
      words.length === 0 ? ['addbr', 'delbr', 'show', 'showmacs'] : network.bridges.map(({ name }) => name),
    run: simple((context) => {
      const { out, err } = context;
      const [command, name] = context.args;
      const bridge = name === undefined ? null : network.bridge(name);
      switch (command) {
        case 'show': {
          out('bridge name\tbridge id\t\tSTP enabled\tinterfaces\n');
          if (name !== undefined && !bridge) {
            err(`bridge ${name} does not exist!\n`);
            return 1;
          }
          for (const each of bridge ? [bridge] : network.bridges) out(bridgeRow(each, host));
          return 0;
        }
        case 'showmacs': {
          if (name === undefined) break;
          if (!bridge) {
            err(`read of forward table failed: No such device\n`);
            return 1;
          }
          out('port no\tmac addr\t\tis local?\tageing timer\n');
          const ports = membersOf(bridge);
          for (const { mac, port, age } of bridge.addresses()) {
            if (!ports.includes(port)) continue;
            const seconds = (age / bridge.clock.hz).toFixed(2).padStart(8);
            out(`${String(ports.indexOf(port) + 1).padStart(3)}\t${macText(mac)}\tno\t\t${seconds}\n`);
          }
          return 0;
        }
        case 'addbr':
          if (name === undefined) break;
          if (!/^[!-.0-~]{1,15}$/.test(name)) {
            err(`add bridge failed: Invalid argument\n`);
            return 1;
          }
          if (bridge || network.port(name)) {
            err(`device ${name} already exists; can't create bridge with the same name\n`);
            return 1;
          }
          network.addBridge(name);
          return 0;
        case 'delbr':
          if (name === undefined) break;
          if (!bridge) {
            err(`bridge ${name} doesn't exist; can't delete it\n`);
            return 1;
          }
          if (bridge.ports.length > 0) {
            err(`bridge ${name} is still up; can't delete it\n`);
            return 1;
          }
          network.removeBridge(name);
          return 0;
      }
      err(
        command === undefined || name === undefined ? brctlUsage : `never heard of command [${command}]\n${brctlUsage}`,
      );
      return 1;
    }),
  };
}

function bridgeRow(bridge: Bridge, host: Host): string {
  const mac = bridge === host.port.bridge ? macText(host.mac).replaceAll(':', '') : '000000000000';
  const names = membersOf(bridge).map(({ name }) => name);
  return `${bridge.name}\t\t8000.${mac}\tno\t\t${names.join('\n\t\t\t\t\t\t\t')}\n`;
}
