import { Dom0Bench } from '../../src/dom0/dom0-testing.ts';

/** The domains beside the measured RTOS. */
export interface LatencyScenario {
  readonly name: string;
  /** Guests to create, each on the RTOS's pCPU. */
  readonly neighbours: readonly string[];
  /** Text typed on the first one's console afterwards. */
  readonly command?: string;
}

export const latencyScenarios: readonly LatencyScenario[] = [
  { name: 'alone', neighbours: [] },
  { name: 'second RTOS', neighbours: ['rtos'] },
  { name: 'second RTOS, load 50', neighbours: ['rtos'], command: 'load 50' },
  { name: 'second RTOS hangs', neighbours: ['rtos'], command: 'hang' },
  { name: 'second RTOS crashes, restarts', neighbours: ['rtos'], command: 'crash' },
  { name: 'rogue', neighbours: ['rtos', 'rogue'] },
  { name: 'spin', neighbours: ['rtos', 'spin'] },
  { name: 'spin, second RTOS hangs', neighbours: ['rtos', 'spin'], command: 'hang' },
];

/**
 * Release latency of the 1 kHz task of guests/xen/rtos, as its console reports it after some seconds: on one pCPU
 * with its neighbours, or moved to its own pCPU by `xl vcpu-pin`.
 */
export function measureLatency(
  { neighbours, command }: LatencyScenario,
  guests: Readonly<Record<string, Uint8Array>>,
  options: { readonly pcpus: number; readonly ownPcpu: boolean; readonly seconds: number },
): string {
  const bench = new Dom0Bench(guests, options.pcpus);
  const shared = options.pcpus > 1 ? 1 : 0;
  bench.run(20);
  const run = (script: string): void => {
    const { code, printed } = bench.script(script, 20_000);
    if (code !== 0) throw new Error(printed);
  };
  ['rtos', ...neighbours].forEach((guest, i) => {
    const config = `name="d${i}"\nkernel="/guests/${guest}.img"\nmemory=16\nvcpus=1\ncpus="${shared}"\non_crash="restart"\n`;
    bench.dom0.files.write(`/d${i}.cfg`, config);
    run(`xl create -q /d${i}.cfg`);
  });
  if (options.ownPcpu) run('xl vcpu-pin d0 0 2');
  bench.run(500);
  bench.type(1, 'reset\r');
  bench.run(100);
  if (command !== undefined) bench.type(2, `${command}\r`);
  bench.run(1000 * options.seconds);
  const from = (bench.consoles.get(1) ?? '').length;
  bench.type(1, 'stat\r');
  bench.run(500);
  const told = (bench.consoles.get(1) ?? '').slice(from);
  return /control: .*/.exec(told)?.[0] ?? `no answer: ${told}`;
}
