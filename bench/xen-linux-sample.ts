// Linux domains of the Xen model in a Node process of its own: `node xen-linux-sample.js KERNEL INITRD ROWS`, the rows as
// JSON; prints what they took as JSON.
import { readFileSync } from 'node:fs';
import { measureXenLinux } from './xen-linux.ts';

const [kernel, initrd, rows] = process.argv.slice(2);
if (kernel === undefined || initrd === undefined || rows === undefined)
  throw new Error('node xen-linux-sample.js KERNEL INITRD ROWS');
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
console.log(JSON.stringify(measureXenLinux({ kernel: read(kernel), initrd: read(initrd) }, JSON.parse(rows), cpuMs)));
