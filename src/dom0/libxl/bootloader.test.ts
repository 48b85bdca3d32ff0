import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { SparseDisk, sectorSize } from '../../soc/storage/disk.ts';
import { DiskPart } from '../../soc/storage/filesystems/disk-part.ts';
import { makeFat } from '../../soc/storage/filesystems/fat/make.ts';
import { Dom0Bench } from '../dom0-testing.ts';

const hello = new Uint8Array(readFileSync(new URL('../../../guests/build/xen/hello.img', import.meta.url)));
const encoder = new TextEncoder();

/** A disk image with these files in a FAT file system. */
function image(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const disk = new SparseDisk(4096);
  const list = Object.entries(files).map(([path, content]) => ({
    path,
    bytes: typeof content === 'string' ? encoder.encode(content) : content,
  }));
  makeFat(new DiskPart(disk), list);
  const bytes = new Uint8Array(disk.sectors * sectorSize);
  disk.read(0, bytes);
  return bytes;
}

const config = 'timeout 1\nlabel a\n kernel /hello\nlabel b\n kernel /none\n';
let bench: Dom0Bench;
beforeAll(() => {
  bench = new Dom0Bench({});
  bench.dom0.files.write('/guests/boot.img', image({ '/extlinux.conf': config, '/hello': hello }));
  bench.dom0.files.write('/guests/text.img', image({ '/extlinux.conf': config, '/hello': 'no kernel' }));
  bench.dom0.files.write('/guests/empty.img', image({}));
});

/** What xl prints behind its first line, the exit code, and the log of the boot loader. */
function create(text: string): { readonly lines: readonly string[]; readonly log: string } {
  const domid = bench.xen.domains.nextNumber;
  bench.dom0.files.write('/tmp/a.cfg', `name = "g"\nmemory = 16\n${text}\n`);
  const { printed } = bench.script('xl create -p /tmp/a.cfg 2>&1', 40_000);
  const log = bench.dom0.files.readText(`/var/log/xen/bootloader.${domid}.log`);
  const lines = printed
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.replaceAll(`Domain ${domid}:`, 'Domain N:').replaceAll(`bootloader.${domid}.log`, 'LOG'))
    .map((line) => line.replace(/bootloader \[\d+\]/, 'bootloader [PID]'));
  bench.script('xl destroy g', 40_000);
  return { lines, log: log.ok ? log.value : '' };
}

const disk = (name: string): string => `disk = [ "/guests/${name}.img,raw,xvda,w" ]`;

/** The lines of the real xl, 4.17.7, when a boot loader ends with an exit code. */
const failed = (code: number): string[] => [
  'libxl: error: libxl_bootloader.c:767:bootloader_finished: Domain N:bootloader failed - consult logfile /var/log/xen/LOG',
  `libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: bootloader [PID] exited with error status ${code}`,
  'libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain N:cannot (re-)build domain: -3',
  'libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain N:Non-existant domain',
  'libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain N:Unable to destroy guest',
  'libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain N:Destruction of domain failed',
];

describe('a boot loader', () => {
  it('that finds no kernel fails as with the real xl, and its log says why', () => {
    const { lines, log } = create(`bootloader = "pygrub"\n${disk('empty')}`);
    expect(lines).toEqual(failed(1));
    expect(log).toContain('RuntimeError: Unable to find partition containing kernel\n');
    const missing = create(`bootloader = "pygrub"\nbootloader_args = ["--entry=b"]\n${disk('boot')}`);
    expect(missing.lines).toEqual(failed(1));
    expect(missing.log).toContain('Error opening /none in guest\n');
  });

  it('that is not there fails as with the real xl', () => {
    expect(create(`bootloader = "nothere"\n${disk('boot')}`)).toEqual({
      lines: failed(255),
      log: 'libxl: cannot execute nothere: No such file or directory\n',
    });
    expect(create(`bootloader = "/usr/bin/pygrub"\n${disk('boot')}`).lines).toEqual([
      "libxl: warning: libxl_bootloader.c:508:bootloader_disk_attached_cb: Domain N:bootloader='/usr/bin/pygrub' is deprecated; use bootloader='pygrub' instead",
      ...failed(255),
    ]);
  });

  it('whose kernel is none is reported when the domain is built', () => {
    const { lines, log } = create(`bootloader = "pygrub"\n${disk('text')}`);
    expect(lines[0]).toContain('xc_dom_find_loader: no loader found: Invalid kernel');
    expect(log).toContain("Using <class 'grub.ExtLinuxConf.ExtLinuxConfigFile'> to parse /extlinux.conf\n");
  });

  it('leaves older logs under other names', () => {
    const { files } = bench.dom0;
    const next = bench.xen.domains.nextNumber;
    for (const n of ['', '.1', '.10']) files.write(`/var/log/xen/bootloader.${next}.log${n}`, `old${n}`);
    create(`bootloader = "pygrub"\n${disk('empty')}`);
    const logs = ['.1', '.2', '.10'].map((n) => files.readText(`/var/log/xen/bootloader.${next}.log${n}`));
    expect(logs.map((log) => log.ok && log.value)).toEqual(['old', 'old.1', false]);
  });
});

describe('a guest', () => {
  it('boots the kernel of its disk, and so does the same guest as HVM', () => {
    for (const text of ['bootloader = "pygrub"', 'builder = "hvm"']) {
      const domid = bench.xen.domains.nextNumber;
      bench.dom0.files.write('/tmp/a.cfg', `name = "g"\nmemory = 16\n${text}\n${disk('boot')}\n`);
      expect(bench.script('xl create /tmp/a.cfg', 40_000).code).toBe(0);
      bench.run(200);
      expect(bench.consoles.get(domid)).toContain('Hello from a domain of Xen 4.17');
      // A restart takes the kernel from the disk again.
      bench.dom0.xenconsoled.type(domid, 'pv', encoder.encode('r'));
      bench.run(5000);
      expect(bench.consoles.get(domid + 1)).toContain('Hello from a domain of Xen 4.17');
      bench.script('xl destroy g', 40_000);
    }
  });
});

describe("pygrub's menu", () => {
  beforeAll(() => bench.dom0.startShell());

  const start = (command: string): number => {
    const text = `name = "g"\nmemory = 16\nbootloader = "pygrub"\n${disk('menu')}\n`;
    bench.dom0.files.write('/tmp/a.cfg', text);
    bench.dom0.files.write(
      '/guests/menu.img',
      image({ '/extlinux.conf': 'timeout 20\nlabel a\n kernel /none\nlabel b\n kernel /hello\n', '/hello': hello }),
    );
    bench.terminal = '';
    bench.dom0.tty.type(encoder.encode(`${command}\r`));
    bench.run(1000);
    return bench.xen.domains.nextNumber - 1;
  };

  it('is on the console that xl create -c attaches, and so is what was chosen', () => {
    const domid = start('xl create -c /tmp/a.cfg');
    expect(bench.terminal).toContain('pyGRUB  version 0.7');
    expect(bench.consoles.get(domid)).toContain('Will boot selected entry in 20 seconds');
    for (const key of ['\x1bOB', '\r']) bench.dom0.tty.type(encoder.encode(key));
    bench.run(500);
    expect(bench.terminal).toContain('Hello from a domain of Xen 4.17');
    bench.dom0.tty.type(encoder.encode('\x1dxl list\r'));
    bench.run(500);
    expect(bench.terminal).toMatch(/\ng +\d+ +16 /);
    bench.script('xl destroy g');
  });

  it('waits for a key for as long as the domain is there', () => {
    const domid = start('xl create /tmp/a.cfg');
    bench.type(domid, 'x');
    bench.run(30_000);
    expect(bench.script('xl list').printed).toMatch(/^g +\d+ /m);
    expect(bench.script('xl destroy g; xl list', 20_000).printed).not.toMatch(/^g +\d/m);
    bench.run(2000);
    expect(bench.terminal).toContain('died due to fatal signal Terminated');
    expect(bench.xen.domains.get(domid)).toBeUndefined();
    // The next one finds nothing left of it.
    expect(create(`bootloader = "pygrub"\n${disk('boot')}`).lines).toEqual([]);
  });

  it('has a domain beside it that xl shows as the real one does, which has none of its vCPUs yet', () => {
    const domid = start('xl create /tmp/a.cfg');
    /** What the real xl 4.17.7 said of its domain 2, named wait, on this board while a boot loader slept. */
    const recorded = readFileSync(new URL('recorded/bootloader-waits.txt', import.meta.url), 'utf8');
    const commands = [...recorded.matchAll(/^dom0# (.*)$/gm)].map(([, command = '']) => command);
    const printed = commands.map((command) => {
      const own = command.replace(/2$/, String(domid)).replace('wait', 'g');
      const text = bench
        .script(`${own} 2>&1`)
        .printed.replace(/^Domain-0 .*\n/m, '')
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')
        .replaceAll(/\/dev\/pts\/\d+/g, '/dev/pts/1')
        .replaceAll(`(n${domid})`, '(n2)')
        .replaceAll(`r${domid})`, 'r2)')
        .replaceAll(`Domain ${domid}:`, 'Domain 2:')
        .replace(/^g +\d+/m, 'wait 2')
        .replace('"g"', '"wait"')
        .replace(/^\d+$/m, '2');
      return `dom0# ${command}\n${text}`;
    });
    expect(printed.join('').replaceAll(/^wait +2/gm, 'wait 2')).toBe(recorded.replaceAll(/^wait +2/gm, 'wait 2'));
    bench.script('xl destroy g', 20_000);
    bench.run(2000);
  });

  it('ends with an xl that is interrupted', () => {
    start('xl create /tmp/a.cfg');
    bench.dom0.tty.type(encoder.encode('\x03'));
    bench.run(100);
    expect(bench.script('ps').printed).not.toContain('pygrub');
    expect(bench.script('xl destroy g; xl list', 20_000).printed).not.toMatch(/^g +\d/m);
  });
});

describe('builder = "hvm"', () => {
  it('is said once to be refused by the real xl', () => {
    const { lines } = create(`builder = "hvm"\n${disk('empty')}`);
    expect(lines[0]).toMatch(/^\/tmp\/a\.cfg:3: el2lab: HVM is a type of guest for x86/);
    expect(lines.slice(1)).toEqual(failed(1));
  });

  it('is refused in the real xl’s words if /etc/xen/xl.conf says so', () => {
    bench.dom0.files.write('/etc/xen/xl.conf', '# comment\nel2lab_strict=1\n');
    expect(create(`builder = "hvm"\n${disk('boot')}`).lines.slice(0, 2)).toEqual([
      "xc: error: panic: xg_dom_core.c:205: failed to open file '/usr/lib/xen-4.17/boot/hvmloader': No such file or directory: Internal error",
      'libxl: error: libxl_dom.c:942:libxl__domain_firmware: xc_dom_{kernel_file/ramdisk_file} failed: No such file or directory',
    ]);
    // With x86's firmware it gets further.
    for (const path of ['/usr/lib/xen-4.17/boot/hvmloader', '/usr/share/seabios/bios-256k.bin']) {
      bench.dom0.files.makePath(path.slice(0, path.lastIndexOf('/')));
      bench.dom0.files.write(path, hello);
    }
    expect(create(`builder = "hvm"\n${disk('boot')}`).lines.slice(0, 3)).toEqual([
      'libxl: error: libxl_arm.c:1292:libxl__arch_domain_init_hw_description: Unsupported Arm guest type hvm',
      'libxl: error: libxl_dom.c:575:libxl__build_dom: libxl__arch_domain_init_hw_description failed: No such file or directory',
      'libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain N:cannot (re-)build domain: -3',
    ]);
    bench.dom0.files.remove('/etc/xen/xl.conf');
  });
});
