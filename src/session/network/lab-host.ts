/** The neighbour of a board on its network: the built-in host with a few files of its own. */
import type { Bridge } from '../../soc/net/bridge.ts';
import { Host } from '../../soc/net/host/host.ts';
import { MemoryFolder } from '../../soc/net/host/http/folder.ts';

const readme = `You have fetched this file over the board's Ethernet from lab, the host that EL2 Lab has on its network.

wget -O - http://10.0.0.1/          lists what is here
curl -T FILE http://10.0.0.1/       puts a file here
`;

/** Bytes that it keeps of what is sent to it. */
const capacity = 128 * 2 ** 20;

export const labHost = (bridge: Bridge): Host =>
  new Host(bridge, {
    name: 'lab',
    folder: new MemoryFolder({ 'readme.txt': new TextEncoder().encode(readme) }, capacity),
  });
