/** The files of stories. */
import type { Dom0File } from '../api/files.ts';
import { bootScriptPath } from '../xen/first-files.ts';
import { loadFiles, poolPath } from './load/files.ts';
import { loadLinuxFiles } from './load/linux-files.ts';
import { scriptPath, scripts } from './redundancy/scripts.ts';
import { scalingFiles } from './scaling/files.ts';
import { smmuFiles } from './smmu/files.ts';
import type { Story, StoryName } from './stories.ts';

const spinning = (name: string, weight: number): string => `# Takes all the CPU time that it gets.
name   = "${name}"
kernel = "/guests/spin.img"
memory = 16

cpu_weight = ${weight}             # its share against others'; while it runs:   xl sched-credit -d ${name} -w 256
cap        = 0               # at most so much, in per cent of a CPU; 0: no limit
`;

const channel = (
  letter: string,
  cpu: number,
): string => `# One of two channels that do the same work: if one fails, the other is still there.
# The monitor hears of what fails, and /etc/xen/scripts/redundancy helps it.
name   = "channel-${letter}"
kernel = "/guests/rtos.img"
memory = 16

vcpus  = 1
cpus   = "${cpu}"                 # a core of its own

on_crash = "preserve"        # what has crashed stays, to be looked at
`;

const monitor = `# Watches the channels, and lets one of them control the plant. It needs xsm=dummy on Xen's command line:
# by default Xen lets domains reach Domain-0 alone.
name   = "monitor"
kernel = "/guests/monitor.img"
memory = 16
extra  = "deadline=2000"     # microseconds without a heartbeat, after which a channel has failed

vcpus  = 1
cpus   = "3"                 # a core of its own
`;

const accelerated = `# Does what makes a guest enter the hypervisor: compute, pages, spaces, sgi, timer, interrupts on its console.
name   = "fast"
kernel = "/guests/exits.img"
memory = 16

vcpus  = 1
cpus   = "1"                 # a core of its own
`;

const unaccelerated = `# The same guest without what ARMv8 has for guests: EL2 keeps shadow tables, and serves the interrupt
# controller and the timer in software.
name   = "slow"
kernel = "/guests/exits.img"
memory = 16

vcpus  = 1
cpus   = "2"                 # a core of its own

el2lab_unaccelerated = 1     # this simulator's own: the real Xen has no such mode, and the real xl ignores the key
`;

const linux = `# Debian's Linux, unmodified, with a small root in its RAM disk.
name    = "linux"
kernel  = "/guests/linux.img"
ramdisk = "/guests/initrd.img"
memory  = 256
extra   = "console=hvc0"

vcpus   = 1
cpus    = "2-3"              # not on the real-time system's core
`;

/** Configs that the ready session does not have, by their names. */
const configs: Readonly<Record<string, string>> = {
  light: spinning('light', 256),
  heavy: spinning('heavy', 512),
  monitor,
  'channel-a': channel('a', 1),
  'channel-b': channel('b', 2),
  fast: accelerated,
  slow: unaccelerated,
  linux,
};

/** What Domain-0 has besides, by their paths. */
const others: Readonly<Partial<Record<StoryName, Readonly<Record<string, string | Uint8Array>>>>> = {
  load: loadFiles,
  'load-linux': loadLinuxFiles,
  scaling: scalingFiles,
  smmu: smmuFiles,
};

/** Commands of Domain-0 before the domains are created. */
const before: Readonly<Partial<Record<StoryName, readonly string[]>>> = {
  load: ['xl cpupool-cpu-remove Pool-0 1-3', `xl cpupool-create ${poolPath}`],
};

/** The files that Domain-0 has in a story besides its usual ones: the configs, and the script that creates the domains. */
export function filesOf({ name, domains, service }: Story): Dom0File[] {
  const encoder = new TextEncoder();
  const [program, ...args] = service ?? [];
  const script = [
    ...(before[name] ?? []),
    ...domains.map((domain) => `xl create /etc/xen/${domain}.cfg`),
    ...(program ? [`sh ${scriptPath(program)} ${args.join(' ')} &`] : []),
  ].map((command) => `echo '# ${command}'\n${command}\n`);
  return [
    { path: bootScriptPath, bytes: encoder.encode(`# Runs when Domain-0 starts.\n${script.join('')}`) },
    ...(program ? [{ path: scriptPath(program), bytes: encoder.encode(scripts[program]) }] : []),
    ...domains.flatMap((domain) => {
      const text = configs[domain];
      return text === undefined ? [] : [{ path: `/etc/xen/${domain}.cfg`, bytes: encoder.encode(text) }];
    }),
    ...Object.entries(others[name] ?? {}).map(([path, content]) => ({
      path,
      bytes: typeof content === 'string' ? encoder.encode(content) : content,
    })),
  ];
}
