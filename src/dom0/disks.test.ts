import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Dom0Bench } from './dom0-testing.ts';

const disk = new Uint8Array(readFileSync(new URL('../../guests/build/xen/disk.img', import.meta.url)));

/** A booted Dom0 with two images of 1 MiB, and configs of guests by their disks. */
function start(configs: Readonly<Record<string, string>>): Dom0Bench {
  const bench = new Dom0Bench({ disk }, 2);
  const { files } = bench.dom0;
  for (const name of ['a', 'b']) files.write(`/${name}.img`, new Uint8Array(2 ** 20));
  for (const [name, disks] of Object.entries(configs))
    files.write(`/${name}.cfg`, `name = "${name}"\nkernel = "/guests/disk.img"\nmemory = 16\ndisk = [ ${disks} ]\n`);
  bench.run(20);
  return bench;
}

const create = (name: string): string => `xl create -q /${name}.cfg`;

test('a guest finds its disk, and what it writes outlives it', () => {
  const bench = start({ g: '"/a.img,raw,xvda,w"' });
  const free = bench.xen.heap.freePages;
  const nodes = bench.dom0.store.list('/');
  for (let starts = 1; starts <= 3; starts++) {
    expect(bench.script(`${create('g')}; sleep 0.2; xl block-list g`).printed).toMatch(
      new RegExp(`\\n51712 0 {3}${starts} {6}4 {5}3 {6}9 {8}/local/domain/0/backend/vbd/${starts}/51712 *\\n$`),
    );
    expect(bench.consoles.get(starts)).toContain(`2048 sectors of 512 bytes, writable.`);
    expect(bench.consoles.get(starts)).toContain(`This is start number ${starts} of this disk.`);
    expect(bench.script('xl destroy g; losetup').printed).toBe('');
  }
  expect(bench.xen.heap.freePages).toBe(free);
  expect(bench.dom0.store.list('/')).toEqual(nodes);
});

test('a guest that ends and one that reboots let go of their disks', () => {
  const bench = start({ g: '"/a.img,raw,xvda,w"' });
  bench.script(`${create('g')}; sleep 0.2; xl debug-keys g`);
  // The ring is mapped; a page of data only for a request.
  expect(bench.serial).toMatch(
    /grant-table for remote d1 \(v1\)\r\n\(XEN\) {3}1 frames \(64 max\), 0 maptrack frames \(1024 max\)\r\n\(XEN\) \[0x000\] {6}0 0x[0-9a-f]+ 0x00000001 {10}0 0x039000 0x19\r\n\(XEN\) \[0x001\] {6}0 0x[0-9a-f]+ 0x00000001 {10}0 0x039001 0x19\r\n\(XEN\) \[0x009\] {6}0 0x[0-9a-f]+ 0x00000001 {10}0 0x0400[0-9a-f]{2} 0x19\r\n\(XEN\) gnttab_usage_print_all \] done/,
  );
  bench.script('xl reboot g; sleep 2.3');
  expect(bench.consoles.get(2)).toContain('This is start number 2 of this disk.');
  bench.type(2, 'q');
  bench.run(300);
  expect(bench.xen.domains.size).toBe(1);
  expect(bench.script('losetup').printed).toBe('');
});

describe('xl says what the real one says', () => {
  const removal = (domid: number): string =>
    [
      `libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain ${domid}:Non-existant domain`,
      `libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain ${domid}:Unable to destroy guest`,
      `libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain ${domid}:Destruction of domain failed`,
      '',
    ].join('\n');

  test('of a disk that another guest writes', () => {
    const bench = start({
      g: '"/a.img,raw,xvda,w"',
      h: '"/a.img,raw,xvda,r"',
      both: '"/b.img,raw,xvda,w","/b.img,raw,xvdb,w"',
    });
    expect(bench.script(create('g')).code).toBe(0);
    const free = bench.xen.heap.freePages;
    const nodes = bench.dom0.store.list('/local/domain/0');
    const refused = bench.script(create('h'));
    expect(refused.code).toBe(3);
    expect(refused.printed.replaceAll(/\[\d+\]/g, '[PID]')).toBe(
      `libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/block add [PID] exited with error status 1
libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: File /a.img is loopback-mounted through 7:0,
which is mounted read-write in a guest domain,
and so cannot be mounted read-only now.
libxl: error: libxl_create.c:1672:domcreate_launch_dm: Domain 2:unable to add disk devices
libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/block remove [PID] exited with error status 1
libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: /etc/xen/scripts/block failed; error detected.
${removal(2)}`,
    );
    expect(bench.xen.heap.freePages).toBe(free);
    expect(bench.dom0.store.list('/local/domain/0')).toEqual(nodes);
    // The same guest may have a disk twice.
    expect(bench.script(create('both')).code).toBe(0);
  });

  test('of images, numbers and scripts that are not there', () => {
    const bench = start({
      missing: '"/none.img,raw,xvda,w"',
      vdev: '"/a.img,raw,foo,w"',
      script: '"format=raw,vdev=xvda,access=w,script=block-none,target=/a.img"',
    });
    const free = bench.xen.heap.freePages;
    const said = (name: string): string => {
      const { printed, code } = bench.script(create(name), 60_000);
      expect(code).toBe(3);
      return printed;
    };
    expect(said('missing')).toContain('Disk vdev=xvda failed to stat: /none.img: No such file or directory\n');
    expect(said('vdev')).toContain('Invalid or unsupported virtual disk identifier foo\n');
    expect(said('script')).toContain('libxl: cannot execute /etc/xen/scripts/block-none: No such file or directory\n');
    expect(bench.xen.heap.freePages).toBe(free);
    expect(bench.script('xl list; losetup; xenstore-ls /local/domain/0').printed).not.toMatch(/loop|backend|missing/);
  });
});

test('disks come and go while a guest runs', () => {
  const bench = start({ g: '"/a.img,raw,xvda,w"' });
  bench.script(`${create('g')}; sleep 0.1`);
  expect(bench.script('xl block-attach g /b.img,raw,xvdb,w; xl block-list g | tail -n 1')).toMatchObject({
    code: 0,
    printed: expect.stringMatching(/^51728 0 {3}1 {6}1 {5}-1 {5}-1 {7}\/local\/domain\/0\/backend\/vbd\/1\/51728 *\n$/),
  });
  expect(bench.script('xl list -l g').printed).toContain('"pdev_path": "/b.img"');
  expect(bench.script('xl block-attach g /b.img,raw,xvdb,w').printed).toBe(
    `libxl: error: libxl_disk.c:343:device_disk_add: Domain 1:device already exists in xenstore
libxl: error: libxl_device.c:1486:device_addrm_aocomplete: unable to add device
libxl_device_disk_add failed.
`,
  );
  // This guest does not look at a second disk, so it does not let go of it either.
  const kept = bench.script('xl block-detach g xvdb', 20_000);
  expect(kept).toMatchObject({ code: 1, printed: expect.stringContaining('libxl_device_disk_safe_remove failed.\n') });
  expect(bench.script('xl block-detach -f g xvdb; xl block-list g; losetup').printed).not.toMatch(/51728|b\.img/);
  expect(bench.script('xl block-detach g xvdb')).toEqual({
    code: 1,
    printed: `libxl: error: libxl_disk.c:516:libxl__disk_from_xenstore: disk /libxl/1/device/vbd/51728 does not exist (no backend path
Error: Device xvdb not connected.
`,
  });
  expect(bench.script('xl cd-insert g xvda /b.img')).toEqual({
    code: 1,
    printed: 'libxl: error: libxl_disk.c:838:libxl_cdrom_insert: Domain 1:cdrom-insert requires an HVM domain\n',
  });
});
