import { Dom0Bench } from '../../src/dom0/dom0-testing.ts';
import type { LatencyScenario, ReleaseLatency } from '../../src/xen/sched/latency-scenarios.ts';

/** Parameters of schedulers as xl's options. */
const poolCommand = ({ scheduler, pool }: LatencyScenario): string | null => {
  if (!pool) return null;
  const { ratelimitUs = 1000, tsliceMs = 30 } = pool;
  return `xl sched-${scheduler} -p rt -s ${scheduler === 'credit' ? `-t ${tsliceMs} ` : ''}-r ${ratelimitUs}`;
};

/** Release latency of guests/xen/rtos on the whole machine, in a scenario that the real Xen was recorded in. */
export function measureLatency(
  scenario: LatencyScenario,
  guests: Readonly<Record<string, Uint8Array>>,
  seconds: number,
): ReleaseLatency {
  const { scheduler, neighbour, command, config = {}, servers = [], table, pcpus = 1, pins = [] } = scenario;
  const bench = new Dom0Bench(guests, 4);
  bench.run(20);
  const run = (script: string): void => {
    const { code, printed } = bench.script(script, 20_000);
    if (code !== 0) throw new Error(`${script}: ${printed}`);
  };
  const create = (name: string, guest: string, pin?: 0 | 1, keys: object = {}): void => {
    const all = { vcpus: 1, ...(pin !== undefined && { cpus: `"${2 + pin}"` }), ...keys };
    const more = Object.entries(all).map(([key, value]) => `${key}=${value}\n`);
    const text = `name="${name}"\nkernel="/guests/${guest}.img"\nmemory=16\npool="rt"\n${more.join('')}`;
    bench.dom0.files.write(`/${name}.cfg`, text);
    run(`xl create -q /${name}.cfg`);
  };
  const cpus = pcpus === 2 ? '2-3' : '3';
  run(`xl cpupool-cpu-remove Pool-0 ${cpus}`);
  run(`xl cpupool-create 'name="rt"' 'sched="${scheduler}"' 'cpus="${cpus}"'`);
  create('d0', 'rtos', pins[0]);
  if (neighbour !== null) create('d1', neighbour, pins[1], config);
  servers.forEach((server, i) => {
    if (!server) return;
    const { period, budget, extratime } = server;
    run(`xl sched-rtds -d d${i} -v all -p ${period} -b ${budget} -e ${extratime}`);
  });
  if (table) {
    const slots = table.slots.map(([whose, us, vcpu = 0]) => `${whose === 'task' ? 'd0' : 'd1'}.${vcpu} ${us}us\n`);
    bench.dom0.files.write('/slots', `major ${table.major}us\n${slots.join('')}`);
    run('arinc653-schedule -p rt /slots');
  }
  const parameters = poolCommand(scenario);
  if (parameters !== null) run(parameters);
  bench.run(300);
  bench.type(1, 'reset\r');
  bench.run(100);
  if (command !== undefined) bench.type(2, `${command}\r`);
  bench.run(1000 * seconds);
  const from = (bench.consoles.get(1) ?? '').length;
  bench.type(1, 'stat\r');
  bench.run(1000);
  const told = (bench.consoles.get(1) ?? '').slice(from);
  const figures = /(\d+) releases, (\d+) missed; latency p50 (\S+) us, p99 (\S+) us, .*max (\S+) us/.exec(told);
  if (!figures) throw new Error(`no answer of the RTOS: ${told}`);
  const [releases = 0, misses = 0, p50 = 0, p99 = 0, longest = 0] = figures.slice(1).map(Number);
  return { p50, p99, longest, missed: (100 * misses) / (releases + misses) };
}
