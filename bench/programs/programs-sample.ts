// The programs in a Node process of its own: `node programs-sample.js KERNEL INITRD LAST`; prints as JSON what Linux printed.
import { readFileSync } from 'node:fs';
import { runPrograms } from './run.ts';

const [kernel, initrd, last] = process.argv.slice(2);
if (kernel === undefined || initrd === undefined || last === undefined)
  throw new Error('node programs-sample.js KERNEL INITRD LAST');
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
console.log(JSON.stringify(runPrograms({ kernel: read(kernel), initrd: read(initrd) }, last, cpuMs)));
