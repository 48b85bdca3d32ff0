// The programs in a Node process of its own: `node programs-sample.js PLACE KERNEL INITRD LAST [profile]`; prints as JSON
// what Linux printed.
import { readFileSync } from 'node:fs';
import { profile } from './profile.ts';
import { type Printed, runPrograms, type Times } from './run.ts';

const [place, kernel, initrd, last, isProfiled] = process.argv.slice(2);
if ((place !== 'board' && place !== 'domain') || kernel === undefined || initrd === undefined || last === undefined)
  throw new Error('node programs-sample.js PLACE KERNEL INITRD LAST');
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

/** Processor time of this thread, where the host tells (proc(5), schedstat: nanoseconds first). */
function threadTime(): Pick<Times, 'threadMs'> {
  try {
    return { threadMs: Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6 };
  } catch {
    return {};
  }
}

const times = (): Times => {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1e3, ...threadTime() };
};

const profiling = isProfiled === undefined ? undefined : profile(process.argv[1] ?? '');
const printed: Printed[] = [];
runPrograms(place, { kernel: read(kernel), initrd: read(initrd) }, last, (said) =>
  printed.push({ ...said, ...times() }),
);
const between = profiling?.stop();
/** With the parts that took the time since the text before. */
const explained = (part: Printed, i: number): Printed =>
  between ? { ...part, parts: between(printed[i - 1]?.wallMs ?? 0, part.wallMs) } : part;
console.log(JSON.stringify(printed.map(explained)));
