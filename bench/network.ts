import { assert } from '../src/base/assert.ts';
import { noUserFiles } from '../src/session/api/files.ts';
import { Session } from '../src/session/session.ts';
import { planXen } from '../src/session/xen/xen-system.ts';

/** A domain and Domain-0 on a bridge: in virtual time, and what that costs the host. */
export interface NetworkFigures {
  /** Microseconds of virtual time for a ping: on average and at most. */
  readonly pingUs: number;
  readonly worstPingUs: number;
  /** MB a second of virtual time that the domain sends in frames of 1514 bytes. */
  readonly megabytes: number;
  /** Such frames per second of host time. */
  readonly frames: number;
}

const config = `name = "net"
kernel = "/guests/net.img"
memory = 16
vif = [ "bridge=xenbr0" ]
`;
const sent = 20_000;

/** @param cpuMs processor time so far, or wall time where the host does not tell */
export function measureNetwork(net: Uint8Array, cpuMs: () => number): NetworkFigures {
  const session = new Session(() => performance.now());
  const file = (path: string, bytes: Uint8Array) => ({ path, bytes });
  const plan = planXen({
    machine: { cpus: 4, memoryMiB: 2048, el: 2 },
    commandLine: '',
    costs: true,
    seed: 1,
    guests: [file('/guests/net.img', net), file('/etc/xen/net.cfg', new TextEncoder().encode(config))],
    user: noUserFiles,
    startsDomains: false,
    script: 'xl create -q /etc/xen/net.cfg',
    interactive: true,
  });
  assert(plan.ok, 'Xen can be planned');
  session.start(plan.value);
  session.run();
  const shown = (): string => new TextDecoder().decode(session.console('1/pv', 0, 1e6).bytes);
  const until = (text: RegExp): RegExpExecArray => {
    for (const end = session.virtualNs + 60e9; session.virtualNs < end; session.advance(0)) {
      const found = text.exec(shown());
      if (found) return found;
    }
    throw new Error(`The guest has not printed ${text}:\n${shown()}`);
  };
  until(/has address/);
  session.input('1/pv', new TextEncoder().encode('m'));
  const pings = until(/(\d+) us on average, (\d+) us at most/);
  const start = cpuMs();
  const frames = until(/frames of 1514 bytes: (\d+) MB/);
  const seconds = (cpuMs() - start) / 1e3;
  return {
    pingUs: Number(pings[1]),
    worstPingUs: Number(pings[2]),
    megabytes: Number(frames[1]),
    frames: sent / seconds,
  };
}
