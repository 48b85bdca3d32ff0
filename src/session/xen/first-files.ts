/** The files that Dom0 starts with: configs, its greeting, and the script that creates the first session's domains. */
import { xlConfPath } from '../../dom0/libxl/hvm.ts';
import { messagePath } from '../../dom0/message-of-the-day.ts';
import type { Dom0File } from '../api/files.ts';

const encoder = new TextEncoder();

const hello = `# A first domain: it greets on its console and sends each key back.
# Create it and stay on its console:   xl create -c /etc/xen/hello.cfg      (Ctrl-] leaves the console)
name   = "hello"
kernel = "/guests/hello.img"
memory = 16                  # MiB

# What xl does when the domain stops: destroy, restart, preserve...
on_poweroff = "destroy"      # key q
on_reboot   = "restart"      # key r
on_crash    = "preserve"     # key c
`;

const rtosA = `# A real-time system: its control task is due each millisecond and measures how late it comes.
# Ask it on its console:   xl console rtos-a      then  stat
name   = "rtos-a"
kernel = "/guests/rtos.img"
memory = 16

vcpus  = 1
cpus   = "1"                 # only on physical CPU 1: shared with rtos-b and the noisy neighbour

# Move it to a CPU of its own while it runs:   xl vcpu-pin rtos-a 0 2
`;

const rtosB = `# The same real-time system again, with other work besides its control task.
name   = "rtos-b"
kernel = "/guests/rtos.img"
memory = 16
extra  = "load=20"           # computes for 20 % of the time, at a lower priority

vcpus  = 1
cpus   = "1"
`;

const noisy = `# A noisy neighbour: it takes all the CPU time that it gets.
name   = "noisy"
kernel = "/guests/spin.img"
memory = 16
# extra = "load=30 period=10"   # busy for 30 % of each 10 ms instead

vcpus  = 1
cpus   = "1"

# Its share against others', and a limit in per cent of a CPU; while it runs:   xl sched-credit -d noisy -w 128 -c 40
cpu_weight = 256
cap        = 0
`;

const rogue = `# It tries to break out of its domain in two dozen ways, and reports what came of each.
#   xl create -c /etc/xen/rogue.cfg
name   = "rogue"
kernel = "/guests/rogue.img"
memory = 16

on_crash = "preserve"
`;

const disk = `# A disk without an operating system: it shows the disk's first sectors and counts its own starts there.
#   xl create -c /etc/xen/disk.cfg      then q, and again
name   = "disk"
kernel = "/guests/disk.img"
memory = 16

disk   = [ "/var/lib/xen/images/disk.img,raw,xvda,w" ]   # a file of Domain-0; r instead of w: read-only
`;

const net = `# On the network without an operating system: it gets an address by DHCP, and answers pings.
#   xl create -c /etc/xen/net.cfg       then p, which pings Domain-0; from there, ping net
name   = "net"
kernel = "/guests/net.img"
memory = 16
# extra = "ip=10.0.0.200 gateway=10.0.0.1"   # an address of your choice, without DHCP

# xl-network-configuration(5); rate=10Mb/s limits what it sends, vifname=web0 names its end in Domain-0
vif    = [ "bridge=xenbr0" ]
`;

/** 64 KiB, with a text in the first sector. */
const diskImage = (): Dom0File => {
  const bytes = new Uint8Array(0x1_0000);
  bytes.set(encoder.encode('This is sector 0 of /var/lib/xen/images/disk.img.\n'));
  return { path: '/var/lib/xen/images/disk.img', bytes };
};

/** The example of Xilinx' white paper WP474, as it is printed there. */
const paper = `# This configures an HVM rather than PV guest
builder = "hvm"

# Guest name
name = "My Virtual Machine"

# Initial memory allocation (MB)
memory = 128

# Number of VCPUs
vcpus = 2

# Disk Devices
# A list of \`diskspec' entries as described in
# docs/misc/xl-disk-configuration.txt
disk = [ '/dev/vg/guest-volume,raw,xvda,rw' ]
`;
export const paperConfigPath = '/etc/xen/paper.cfg';

const xlConf = `# Settings of xl itself, as on a Xen host: xl.conf(5). This simulator reads one of its own, which the real xl ignores:
# 1: refuse builder = "hvm" in the real xl's words. 0: build a PVH guest instead, which boots the first disk.
#el2lab_strict=0
`;

/** Dom0 runs this when it starts. */
export const bootScriptPath = '/etc/rc.local';

/** The board's device tree, read at power-on. Without it the board has the stock tree of the ZCU102. */
export const boardTreePath = '/etc/xen/board.dtb';

/** A story's tree of the board, if there is no other. */
export const storyTreePath = '/boot/board.dtb';

const bootScript = `# Runs when Domain-0 starts.
xl create /etc/xen/rtos-a.cfg
xl create /etc/xen/rtos-b.cfg
xl create /etc/xen/noisy.cfg
`;

/** Says that this is a model. */
const message = `Domain-0: EL2 Lab's control shell, a model and not Linux. Type 'help' for its commands, 'xl help' for xl's.
`;

/** Whether a file is about the model: what Debian's Dom0 has there is better. */
export const isOfModel = (path: string): boolean => path === xlConfPath || path === messagePath;

const file = (path: string, text: string): Dom0File => ({ path, bytes: encoder.encode(text) });

export const firstFiles: readonly Dom0File[] = [
  file('/etc/xen/hello.cfg', hello),
  file('/etc/xen/rtos-a.cfg', rtosA),
  file('/etc/xen/rtos-b.cfg', rtosB),
  file('/etc/xen/noisy.cfg', noisy),
  file('/etc/xen/rogue.cfg', rogue),
  file('/etc/xen/disk.cfg', disk),
  file('/etc/xen/net.cfg', net),
  diskImage(),
  file(paperConfigPath, paper),
  file(xlConfPath, xlConf),
  file(bootScriptPath, bootScript),
  file(messagePath, message),
];
