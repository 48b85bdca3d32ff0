/** Programs for Dom0's network. */
import type { Host } from '../../soc/net/host/host.ts';
import type { Network } from '../../soc/net/network.ts';
import type { Program } from '../os/program.ts';
import { brctlProgram, bridgeProgram, ipProgram } from './interfaces.ts';
import { PingProgram } from './ping.ts';
import { tcpdumpProgram } from './tcpdump.ts';
import { curlProgram, wgetProgram } from './web.ts';

export const networkPrograms = (network: Network, host: Host): readonly Program[] => [
  brctlProgram(network, host),
  bridgeProgram(network),
  curlProgram(host),
  ipProgram(network, host),
  new PingProgram(host),
  tcpdumpProgram(network),
  wgetProgram(host),
];
