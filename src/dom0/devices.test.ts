import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assemble } from '../a64/assembler/assemble.ts';
import { FdtNode } from '../boot/fdt/fdt.ts';
import { readFdt } from '../boot/fdt/reader.ts';
import { writeFdt } from '../boot/fdt/writer.ts';
import { Dom0Bench, imageOf } from './dom0-testing.ts';

const hello = new Uint8Array(readFileSync(new URL('../../guests/build/xen/hello.img', import.meta.url)));

const benchWith = (...lines: string[]): Dom0Bench => {
  const bench = new Dom0Bench({ hello }, 1);
  const config = ['name = "g"', 'kernel = "/guests/hello.img"', 'memory = 16', ...lines, ''].join('\n');
  bench.dom0.files.write('/g.cfg', config);
  return bench;
};
const create = 'xl create -q /g.cfg';

describe('refusals leave nothing half made', () => {
  test.each([
    ['dtdev = ["/x"]', 6, 'passthrough not supported on this platform'],
    ['device_tree = "/nope.dtb"', 3, 'failed to read the partial device file /nope.dtb: No such file or directory'],
    ['irqs = [95]', 3, 'failed give domain access to irq 95: Device or resource busy'],
    ['irqs = [35]', 3, 'failed give domain access to irq 35: Operation not permitted'],
    [
      'iomem = ["ff010,1", "0x7ffff,1"]',
      3,
      'failed give domain access to iomem range 7ffff-7ffff: Operation not permitted',
    ],
    ['disk = ["vdev=xvda,backend=nodom,target=/x"]', 3, 'Unable to set disk defaults for disk 0'],
    ['vif = ["bridge=nix"]', 3, 'script: Could not find bridge device nix'],
    ['vtpm = ["backend=0"]', 3, 'unable to add device with path /local/domain/0/backend/vtpm/1/0'],
  ])('does xl refuse %s with exit code %i?', (line, code, message) => {
    const bench = benchWith(line);
    bench.run(20);
    const free = bench.xen.heap.freePages;
    const failed = bench.script(create, 30_000);
    expect(failed.code).toBe(code);
    expect(failed.printed).toContain(message);
    expect(bench.xen.heap.freePages).toBe(free);
    expect(bench.xen.domains.size).toBe(1);
    expect(bench.script('xenstore-ls /local/domain').printed).not.toContain('backend');
  });
});

test('what do console/tty and vuart/0/tty name in xenstore?', () => {
  const bench = benchWith('vuart = "sbsa_uart"');
  const read = 'xenstore-read /local/domain/1/console/tty; xenstore-read /local/domain/1/vuart/0/tty';
  expect(bench.script(`${create}; ${read}`).printed).toBe('/dev/pts/0\n/dev/pts/1\n');
});

test('does iomem = ["0xff010,1"] let a guest store to UART 1?', () => {
  const bench = benchWith('iomem = ["0xff010,1"]', 'on_crash = "preserve"');
  const assembly = assemble(
    `
    movz x0, #0xff01, lsl #16
    mov  w1, #0x14
    str  w1, [x0]
    ldr  w2, [x0]
    ubfx w2, w2, #4, #1
    add  w2, w2, #2           // 3 (crash) if UART 1 holds what was stored
    mov  x0, #2               // SCHEDOP_shutdown
    adr  x1, reason
    str  w2, [x1]
    mov  x16, #29
    hvc  #0xea1
    b    .
    .align 3
    reason: .word 0`,
    { origin: 0x4000_0040n },
  );
  if (!assembly.ok) throw new Error(JSON.stringify(assembly.error));
  bench.dom0.files.write('/guests/hello.img', imageOf(assembly.value.bytes));
  expect(bench.script(`${create}; sleep 0.01`).code).toBe(0);
  expect(bench.xen.domains.get(1)?.shutdownReason).toBe(3);
});

test('does the guest find the nodes of device_tree in its own tree?', () => {
  const bench = benchWith('device_tree = "/part.dtb"');
  const part = new FdtNode('');
  part.addChild('aliases').setText('serial', '/passthrough/uart');
  part.addChild('passthrough').addChild('uart').setCells('reg', 0, 0xff01_0000, 0, 0x1000);
  part.addChild('other');
  bench.dom0.files.write('/part.dtb', writeFdt({ bootCpu: 0, reservations: [], root: part }));
  expect(bench.script('xl create -q -p /g.cfg').code).toBe(0);
  const domain = bench.xen.domains.get(1);
  const bytes = new Uint8Array(16 * 2 ** 20);
  for (let page = 0; page < 4096; page++) {
    const mapping = domain?.p2m.lookUp(0x40000 + page);
    if (mapping) bytes.set(bench.xen.machine.page(mapping.mfn, true), page * 4096);
  }
  const view = new DataView(bytes.buffer);
  let at = 0;
  while (view.getUint32(at) !== 0xd00d_feed) at += 4096;
  const tree = readFdt(bytes.subarray(at));
  expect(tree.ok && tree.value.root.child('passthrough')?.child('uart')?.cells('reg')).toEqual([
    0, 0xff010000, 0, 0x1000,
  ]);
  expect(tree.ok && tree.value.root.child('aliases')?.text('serial')).toBe('/passthrough/uart');
  expect(tree.ok && tree.value.root.child('other')).toBeUndefined();
});
