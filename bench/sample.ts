// One run in a Node process of its own: `node sample.js IMAGE CORES TRANSLATE LEVEL`; prints its figures as JSON.
import { readFileSync } from 'node:fs';
import { run } from './machine.ts';

const [file = '', cores = '1', translate = 'true', level = '1'] = process.argv.slice(2);
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const job = {
  image: new Uint8Array(readFileSync(file)),
  cores: Number(cores),
  level: level === '2' ? (2 as const) : (1 as const),
  translate: translate === 'true',
};
const figures = run(job, cpuMs);
console.log(JSON.stringify({ ...figures, rss: process.memoryUsage().rss }));
