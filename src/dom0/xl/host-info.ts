/** xl's commands that show the machine and Xen: info, dmesg, debug-keys (tools/xl/xl_info.c). */

import { pressDebugKey } from '../../xen/debug-keys.ts';
import { restartMachine } from '../../xen/domain/life.ts';
import { countCpus } from '../../xen/sched/cpu-mask.ts';
import { capabilities, changeset, compileInfo, version, versionText } from '../../xen/version.ts';
import { Signal, type Task, until } from '../os/task.ts';
import { atOnce, Exit, type Parsed, type Xl, type XlCommand } from './command.ts';
import { pad } from './domains.ts';

const info = atOnce((xl, { options }) => {
  const { xen } = xl.libxl;
  const { cpus } = xen.machine;
  const total = Math.round((xen.heap.frames * 4) / 1024);
  const free = Math.floor((xen.heap.freePages * 4) / 1024);
  const topology = [
    'cpu_topology           :',
    'cpu:    core    socket     node',
    ...Array.from({ length: cpus }, (_, cpu) => `  ${cpu}:       0        0        0`),
    'device topology        :',
    'device           node',
    'No device topology data available',
    'numa_info              :',
    'node:    memsize    memfree    distances',
    `   0: ${pad(total, 9)} ${pad(free, 10)}      20`,
  ];
  const field = (name: string, value: string | number): string => `${name.padEnd(23)}: ${value}`;
  const zeros = new Array(8).fill('00000000').join(':');
  const lines = [
    field('host', 'el2lab'),
    field('release', 'model'),
    field('version', "Domain-0's control shell, a model"),
    field('machine', 'aarch64'),
    field('nr_cpus', cpus),
    field('max_cpu_id', cpus - 1),
    field('nr_nodes', 1),
    field('cores_per_socket', 1),
    field('threads_per_core', 1),
    field('cpu_mhz', (xen.machine.counterHz / 1e6).toFixed(3)),
    field('hw_caps', zeros),
    field(
      'virt_caps',
      xen.iommu.isEnabled ? 'hvm hvm_directio hap iommu_hap_pt_share vpmu gnttab-v1' : 'hvm hap vpmu gnttab-v1',
    ),
    field('total_memory', total),
    field('free_memory', free),
    field('sharing_freed_memory', 0),
    field('sharing_used_memory', 0),
    field('outstanding_claims', 0),
    field('free_cpus', countCpus(xen.scheduling.pools.free)),
    ...(options.has('n') ? topology : []),
    field('xen_major', version.major),
    field('xen_minor', version.minor),
    field('xen_extra', version.extra),
    field('xen_version', versionText),
    field('xen_caps', capabilities),
    field('xen_scheduler', xen.scheduling.policy.name),
    field('xen_pagesize', 4096),
    field('platform_params', 'virt_start=0x200000'),
    field('xen_changeset', changeset),
    field('xen_commandline', xen.commandLine.text),
    field('cc_compiler', compileInfo.compiler),
    field('cc_compile_by', compileInfo.by),
    field('cc_compile_domain', compileInfo.domain),
    field('cc_compile_date', compileInfo.date),
    field('xend_config_format', 4),
  ];
  xl.context.out(`${lines.join('\n')}\n`);
  return 0;
});

export const infoCommand: XlCommand = {
  name: 'info',
  summary: 'Get information about Xen host',
  syntax: {
    usage: '-n, --numa         List host NUMA topology information',
    short: 'n',
    long: { numa: 'n' },
  },
  run: info,
};

const dmesg = atOnce((xl, { options }) => {
  const { log } = xl.libxl.xen;
  xl.context.out(log.ring);
  if (options.has('c')) log.clear();
  return 0;
});

export const dmesgCommand: XlCommand = {
  name: 'dmesg',
  summary: 'Read and/or clear dmesg buffer',
  syntax: {
    usage: '[-c]',
    options: ['  -c                        Clear dmesg buffer as well as printing it'],
    short: 'c',
    long: { clear: 'c' },
  },
  run: dmesg,
};

function* debugKeys(xl: Xl, { operands: [keys = ''] }: Parsed): Task<number> {
  const { xen } = xl.libxl;
  for (const key of keys) {
    if (key === 'R') {
      xen.log.printk("'R' pressed -> rebooting machine");
      restartMachine(xen);
      yield* until(new Signal('end of the machine'), () => false);
    } else pressDebugKey(xen, key);
  }
  return 0;
}

export const debugKeysCommand: XlCommand = {
  name: 'debug-keys',
  summary: 'Send debug keys to Xen',
  syntax: { global: 'f', usage: '<Keys>', required: 1 },
  run: debugKeys,
};

/** What can be set while Xen runs (xl set-parameters, /params of xenhypfs(7)). The model prints everything and has no other limits. */
const runtimeParameters: readonly string[] = [
  'gnttab_max_frames',
  'gnttab_max_maptrack_frames',
  'guest_loglvl',
  'loglvl',
];

export const setParametersCommand: XlCommand = {
  name: 'set-parameters',
  summary: 'Set hypervisor parameters',
  syntax: { global: 'f', usage: '<Params>', required: 1 },
  run: atOnce((_, { operands: [text = ''] }) => {
    const [name = '', ...value] = text.split('=');
    if (runtimeParameters.includes(name) && value.length > 0) return 0;
    throw new Exit(
      `libxl: error: libxl.c:706:libxl_set_parameters: setting parameters: No such file or directory\ncannot set parameters: ${text}\n`,
    );
  }),
};

/** The daemon of domains that serve others' devices. Dom0's kernel and libxl do that here, so there is nothing for it to do. */
export const devdCommand: XlCommand = {
  name: 'devd',
  summary: 'Daemon that listens for devices and launches backends',
  syntax: {
    global: 'f',
    usage: '[options]',
    options: [
      '-F                      Run in the foreground.',
      '-p, --pidfile [FILE]    Write PID to pidfile when daemonizing.',
    ],
    short: 'Fp:',
    long: { pidfile: 'p' },
  },
  run: atOnce(() => 0),
};
