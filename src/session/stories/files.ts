/** The files of stories. */
import type { Dom0File } from '../api/files.ts';
import { bootScriptPath } from '../xen/first-files.ts';
import type { Story } from './stories.ts';

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
name   = "channel-${letter}"
kernel = "/guests/rtos.img"
memory = 16

vcpus  = 1
cpus   = "${cpu}"                 # a core of its own

on_crash = "restart"         # xl creates it again when it crashes
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
  'channel-a': channel('a', 1),
  'channel-b': channel('b', 2),
  linux,
};

/** The files that Domain-0 has in a story besides its usual ones: the configs, and the script that creates the domains. */
export function filesOf({ domains }: Story): Dom0File[] {
  const encoder = new TextEncoder();
  const script = domains.map((domain) => {
    const command = `xl create /etc/xen/${domain}.cfg`;
    return `echo '# ${command}'\n${command}\n`;
  });
  return [
    { path: bootScriptPath, bytes: encoder.encode(`# Runs when Domain-0 starts.\n${script.join('')}`) },
    ...domains.flatMap((name) => {
      const text = configs[name];
      return text === undefined ? [] : [{ path: `/etc/xen/${name}.cfg`, bytes: encoder.encode(text) }];
    }),
  ];
}
