// The figures of Xen in a Node process of its own: `node xen-sample.js HELLO NET`; prints them as JSON.
import { readFileSync } from 'node:fs';
import { measureNetwork } from './network.ts';
import { measureXen } from './xen.ts';

const [hello, net] = process.argv.slice(2);
if (hello === undefined || net === undefined) throw new Error('node xen-sample.js HELLO NET');
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const figures = { ...measureXen(read(hello), cpuMs), network: measureNetwork(read(net), cpuMs) };
console.log(JSON.stringify(figures));
