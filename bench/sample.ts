// One run in a Node process of its own: `node sample.js IMAGE CORES TRANSLATE`; prints its figures as JSON.
import { readFileSync } from 'node:fs';
import { machine } from './machine.ts';

const [file = '', cores = '1', translate = 'true'] = process.argv.slice(2);
const run = machine({
  image: new Uint8Array(readFileSync(file)),
  cores: Number(cores),
  translate: translate === 'true',
});
const before = process.cpuUsage();
const figures = run();
const { user, system } = process.cpuUsage(before);
const { rss } = process.memoryUsage();
console.log(JSON.stringify({ ...figures, cpuMs: (user + system) / 1e3, rss }));
