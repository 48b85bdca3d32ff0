/**
 * Debian's Linux as domains: which files of `npm run images` they need, where those lie in Domain-0, and their configs.
 */
import type { Dom0File } from '../api/files.ts';

/** Files of images/ and their places in Domain-0. */
export const linuxImages = {
  Image: '/guests/linux.img',
  'initrd.gz': '/guests/initrd.img',
  'guest-initrd.gz': '/guests/linux-initrd.img',
  'guest-disk.img': '/var/lib/xen/images/linux-disk.img',
} as const;

/** The volume that is made of them (guest-volume.ts). */
export const guestVolumePath = '/dev/vg/guest-volume';

const linux = `# Debian's Linux, unmodified, as a domain with two vCPUs. Create it and stay on its console:
#   xl create -c /etc/xen/linux.cfg           (Ctrl-] leaves the console)
# Its kernel and RAM disk come into /guests when a domain first needs them, from the page's server: "npm run images" fetches
# them from Debian, and "npm start" serves them. From elsewhere, upload an arm64 Image and a RAM disk of your own.
name    = "linux"
kernel  = "/guests/linux.img"
ramdisk = "/guests/initrd.img"
memory  = 256
vcpus   = 2
extra   = "console=hvc0"
`;

const onNetwork = (
  name: string,
  other: string,
): string => `# Linux from a RAM disk, with a network: it gets an address, and answers on port 80.
#   xl create -c /etc/xen/${name}.cfg         (Ctrl-] leaves the console)
# On its console:   wget -qO - http://${other}
name     = "${name}"
kernel   = "/guests/linux.img"
ramdisk  = "/guests/linux-initrd.img"
memory   = 192               # xl mem-set ${name} 128
vcpus    = 1
maxvcpus = 2                 # xl vcpu-set ${name} 2
vif      = ["bridge=xenbr0"]
extra    = "console=hvc0 hostname=${name}"
`;

const onDisk = `# Linux with its root on a disk, and a network. What it writes is there after a restart.
#   xl create -c /etc/xen/linux-disk.cfg      (Ctrl-] leaves the console)
name     = "linux-disk"
kernel   = "/guests/linux.img"
ramdisk  = "/guests/linux-initrd.img"
memory   = 192
vcpus    = 1
maxvcpus = 2
disk     = ["/var/lib/xen/images/linux-disk.img,raw,xvda,w"]
vif      = ["bridge=xenbr0"]
extra    = "console=hvc0 hostname=linux-disk root=/dev/xvda"
`;

const file = (name: string, text: string): Dom0File => ({
  path: `/etc/xen/${name}.cfg`,
  bytes: new TextEncoder().encode(text),
});

export const linuxConfigs: readonly Dom0File[] = [
  file('linux', linux),
  file('linux-a', onNetwork('linux-a', 'linux-b')),
  file('linux-b', onNetwork('linux-b', 'linux-a')),
  file('linux-disk', onDisk),
];
