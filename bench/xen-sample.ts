// The figures of Xen in a Node process of its own: `node xen-sample.js HELLO DISK NET`; prints them as JSON.
import { readFileSync } from 'node:fs';
import { measureNetwork } from './network.ts';
import { measureXen } from './xen.ts';

const [hello, disk, net] = process.argv.slice(2);
if (hello === undefined || disk === undefined || net === undefined)
  throw new Error('node xen-sample.js HELLO DISK NET');
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const guests = { hello: read(hello), disk: read(disk) };
const figures = { ...measureXen(guests, cpuMs), network: measureNetwork(read(net), cpuMs) };
console.log(JSON.stringify(figures));
