import { assert } from '../src/base/assert.ts';
import { noUserFiles } from '../src/session/api/files.ts';
import { Session } from '../src/session/session.ts';
import { planXen } from '../src/session/xen/xen-system.ts';

/** A command of Linux's shell. */
export interface LinuxRow {
  readonly name: string;
  readonly command: string;
}

/** What the third run of a command took, in milliseconds of virtual time and of host time, and what it printed. */
export interface LinuxTimes {
  readonly virtual: number;
  readonly host: number;
  readonly text: string;
}

const config = (name: string): string => `name = "${name}"
kernel = "/guests/linux.img"
ramdisk = "/guests/linux-initrd.img"
memory = 192
vif = [ "bridge=xenbr0" ]
disk = [ "/${name}.img,raw,xvda,w" ]
extra = "console=hvc0 quiet hostname=${name}"
`;

/**
 * Two Linux domains of the Xen model, a and b, each with a disk and a network. Runs the rows' commands in a. Domain-0 and b
 * both serve a file of 8 MiB named 8M.
 * @param cpuMs processor time so far
 */
export function measureXenLinux(
  { kernel, initrd }: { readonly kernel: Uint8Array; readonly initrd: Uint8Array },
  rows: readonly LinuxRow[],
  cpuMs: () => number,
): LinuxTimes[] {
  const session = new Session(() => performance.now());
  const text = (content: string) => new TextEncoder().encode(content);
  const plan = planXen({
    machine: { cpus: 4, memoryMiB: 2048, el: 2 },
    commandLine: '',
    costs: true,
    seed: 1,
    guests: [
      { path: '/guests/linux.img', bytes: kernel },
      { path: '/guests/linux-initrd.img', bytes: initrd },
      { path: '/srv/8M', bytes: new Uint8Array(8 * 2 ** 20) },
      ...['a', 'b'].map((name) => ({ path: `/etc/xen/${name}.cfg`, bytes: text(config(name)) })),
    ],
    user: noUserFiles,
    startsDomains: false,
    script: 'truncate -s 64M /a.img /b.img; xl create -q /etc/xen/a.cfg; xl create -q /etc/xen/b.cfg',
    interactive: true,
  });
  assert(plan.ok, 'Xen can be planned');
  session.start(plan.value);
  session.run();

  const shell = (domid: number) => {
    let at = 0;
    let shown = '';
    /** Runs until this has appeared, and forgets what was before. */
    const until = (pattern: RegExp): string => {
      for (const end = session.virtualNs + 300e9; session.virtualNs < end; session.advance(0)) {
        const { bytes } = session.console(`${domid}/pv`, at, 1e5);
        at += bytes.length;
        shown += new TextDecoder('latin1').decode(bytes);
        const found = pattern.exec(shown);
        if (!found) continue;
        const before = shown.slice(0, found.index);
        shown = shown.slice(found.index + found[0].length);
        return before;
      }
      throw new Error(`Linux has not printed ${pattern}:\n${shown.slice(-2000)}`);
    };
    const type = (command: string): void => void session.input(`${domid}/pv`, text(`${command}\r`));
    return { until, type };
  };
  const [a, b] = [shell(1), shell(2)];
  for (const each of [a, b]) each.until(/\/ # /);
  b.type('dd if=/dev/zero of=/www/8M bs=1M count=8 2>/dev/null; echo do""ne');
  b.until(/done\r/);
  a.type(
    "disk=/dev/xvda host=10.0.0.1 port=80; dd if=/dev/zero bs=1M count=8 2>/dev/null | tr '\\0' x > /8M; echo do''ne",
  );
  a.until(/done\r/);
  return rows.map(({ command }) => {
    a.type(`${command}; ${command}; echo BE""GIN; ${command}; echo E""ND`);
    a.until(/BEGIN\r\n/);
    const [virtualNs, host] = [session.virtualNs, cpuMs()];
    const printed = a.until(/END\r\n/);
    return { virtual: (session.virtualNs - virtualNs) / 1e6, host: cpuMs() - host, text: printed };
  });
}
