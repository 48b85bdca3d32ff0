// One boot in a Node process of its own: `node linux-sample.js KERNEL INITRD TREE`; prints its figures as JSON.
import { readFileSync } from 'node:fs';
import { bootLinux } from './linux.ts';

const [kernel, initrd, deviceTree] = process.argv.slice(2).map((path) => new Uint8Array(readFileSync(path)));
if (!kernel || !initrd || !deviceTree) throw new Error('node linux-sample.js KERNEL INITRD TREE');
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
console.log(JSON.stringify(bootLinux({ kernel, initrd, deviceTree }, cpuMs)));
