// The figures of Xen in a Node process of its own: `node xen-sample.js HELLO`; prints them as JSON.
import { readFileSync } from 'node:fs';
import { measureXen } from './xen.ts';

const [hello] = process.argv.slice(2);
if (hello === undefined) throw new Error('node xen-sample.js HELLO');
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
console.log(JSON.stringify(measureXen(new Uint8Array(readFileSync(hello)), cpuMs)));
