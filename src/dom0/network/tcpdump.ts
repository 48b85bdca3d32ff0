/** tcpdump on Dom0's interfaces: lines on the terminal, or a file that Wireshark reads. */
import type { Frame } from '../../soc/net/frame.ts';
import { ByteList } from '../../soc/net/host/http/body.ts';
import type { Network } from '../../soc/net/network.ts';
import { pcapHeader, pcapRecord } from '../../soc/net/pcap.ts';
import { dom0Costs } from '../os/costs.ts';
import { resolvePath } from '../os/files.ts';
import type { Program } from '../os/program.ts';
import { compute, Signal, until } from '../os/task.ts';
import { usage } from '../shell/programs/common.ts';
import { packetText } from './packet-text.ts';

/** The file of a capture grows no longer than this. */
const maxSize = 64 * 2 ** 20;
const usageText = '[-i INTERFACE] [-c COUNT] [-w FILE]';
const linkType = 'link-type EN10MB (Ethernet), snapshot length 262144 bytes';

export function tcpdumpProgram(network: Network): Program {
  return {
    name: 'tcpdump',
    summary: 'show or capture what passes an interface, until Ctrl-C',
    complete: (words) => (words.at(-1) === '-i' ? network.ports.map(({ name }) => name) : ['-i', '-c', '-w']),
    *run(context) {
      const options = readOptions(context.args);
      if (!options) return usage(context, usageText);
      const { count, file } = options;
      const name = options.name ?? network.ports[0]?.name ?? '';
      yield* compute(dom0Costs.smallProgram);
      const port = network.port(name);
      if (!port) {
        context.err(`tcpdump: ${name}: No such device exists\n(No such device exists)\n`);
        return 1;
      }
      const { clock } = port.bridge;
      const arrived = new Signal('frames');
      const capture = new ByteList();
      capture.add(pcapHeader());
      let seen = 0;
      let dropped = 0;
      const take = (frame: Frame): void => {
        if (seen >= count) return;
        const record = pcapRecord(frame, clock.now, clock.hz);
        if (file !== null && capture.length + record.length > maxSize) {
          dropped++;
          return;
        }
        seen++;
        if (file === null) context.out(`${timeText(clock.now / clock.hz)} ${packetText(record.subarray(16))}\n`);
        else capture.add(record);
        if (seen >= count) arrived.raise();
      };
      const path = file === null ? null : resolvePath(file, context.directory);
      const opened = path === null ? null : context.files.write(path, capture.view.slice());
      if (opened && !opened.ok) {
        context.err(`tcpdump: ${file}: ${opened.error}\n`);
        return 1;
      }
      context.err(
        file === null
          ? `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${name}, ${linkType}\n`
          : `tcpdump: listening on ${name}, ${linkType}\n`,
      );
      const stop = network.listen(name, take);
      try {
        yield* until(arrived, () => seen >= count);
      } finally {
        stop();
        if (path !== null) context.files.write(path, capture.view.slice());
        const packets = (number: number): string => `${number} packet${number === 1 ? '' : 's'}`;
        context.err(`\n${packets(seen)} captured\n${packets(seen + dropped)} received by filter\n`);
        context.err(`${packets(dropped)} dropped by kernel\n`);
      }
      return 0;
    },
  };
}

/** Virtual time as the time of day, which begins with the power-on. */
function timeText(seconds: number): string {
  const part = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const micros = String(Math.floor((seconds % 1) * 1e6)).padStart(6, '0');
  return `${part((seconds / 3600) % 24)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}.${micros}`;
}

function readOptions(args: readonly string[]): { name: string | null; count: number; file: string | null } | null {
  const options = { name: null as string | null, count: Number.POSITIVE_INFINITY, file: null as string | null };
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (/^-[nvetlU]+$/.test(word)) continue; // nothing here is named, and everything is printed at once
    const option = /^-([icw])(.*)$/.exec(word);
    if (!option) return null;
    const value = option[2] || words.shift();
    if (value === undefined) return null;
    if (option[1] === 'i') options.name = value;
    else if (option[1] === 'w') options.file = value;
    else if (/^[1-9]\d*$/.test(value)) options.count = Number(value);
    else return null;
  }
  return options;
}
