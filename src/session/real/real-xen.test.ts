import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFdt } from '../../boot/fdt/reader.ts';
import { writeFdt } from '../../boot/fdt/writer.ts';
import { boardTree } from '../../soc/board/device-tree.ts';
import type { RealXen, XenRequest } from '../api/boot.ts';
import { planBootSet } from './boot-set.ts';
import { RealDomains } from './domains.ts';
import { type Frame, Link, largestFrame } from './link.ts';

const encoder = new TextEncoder();

/** The smallest Image that the loader takes. */
function image(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, BigInt(size), true);
  view.setBigUint64(24, 0xan, true);
  bytes.set([0x41, 0x52, 0x4d, 0x64], 56);
  return bytes;
}

const real: RealXen = {
  xen: { name: 'xen', bytes: image(4096) },
  kernel: { name: 'Image', bytes: image(8192) },
  deviceTree: { name: 'zcu102.dtb', bytes: writeFdt(boardTree()) },
  ramdisks: [{ name: 'initrd.gz', bytes: encoder.encode('abc') }],
  agent: encoder.encode('agent'),
};
const request = (memoryMiB: number): XenRequest => ({
  machine: { cpus: 4, memoryMiB, el: 2 },
  real,
  commandLine: 'sched=credit2',
  costs: true,
  seed: 1,
  guests: [],
  user: { files: [], removed: [] },
  startsDomains: false,
  script: null,
  interactive: true,
});

describe('the boot set', () => {
  test('has modules in DRAM where the tree says, of the lengths that it says', () => {
    const planned = planBootSet(request(1024), real, [{ path: 'etc/a', mode: 0o644, bytes: encoder.encode('file') }]);
    if (!planned.ok) throw new Error(planned.error);
    const { segments, deviceTree } = planned.value;
    const at = (address: bigint) => segments.find((segment) => segment.address === address)?.bytes ?? new Uint8Array();
    const tree = readFdt(at(deviceTree));
    if (!tree.ok) throw new Error(tree.error);
    const chosen = tree.value.root.child('chosen');
    expect(chosen?.text('xen,xen-bootargs')).toMatch(/^console=dtuart .* sched=credit .* sched=credit2$/);
    expect(chosen?.properties.has('bootargs')).toBe(false);
    const modules = chosen?.children.map((node) => [node.text('compatible'), ...(node.cells('reg') ?? [])]) ?? [];
    expect(modules.map(([kind]) => kind)).toEqual(['multiboot,kernel', 'multiboot,ramdisk']);
    const [kernel, ramdisk] = modules.map(([, , low = 0, , size = 0]) => ({ bytes: at(BigInt(low)), size }));
    expect(kernel?.bytes).toEqual(real.kernel.bytes);
    expect(ramdisk?.bytes).toHaveLength(Number(ramdisk?.size));
    // An archive begins at a multiple of four, where the kernel looks for it.
    expect(new TextDecoder().decode(ramdisk?.bytes.subarray(0, 10))).toBe('abc\x00070701');
  });

  test('says what does not fit', () => {
    expect(planBootSet(request(1), real, [])).toMatchObject({ ok: false, error: expect.stringContaining('DRAM') });
    const deviceTree = { name: 'broken.dtb', bytes: encoder.encode('no tree') };
    expect(planBootSet(request(1024), { ...real, deviceTree }, [])).toMatchObject({
      ok: false,
      error: expect.stringContaining('broken.dtb'),
    });
  });
});

test('frames arrive whole and in order, however much the line takes at a time', () => {
  const contents = fc.uint8Array({ maxLength: 3 * largestFrame });
  fc.assert(
    fc.property(fc.array(contents, { maxLength: 5 }), fc.integer({ min: 1, max: 30 }), (sent, room) => {
      const frames: Frame[] = [];
      const there = new Link(
        () => 0,
        (frame) => frames.push(frame),
      );
      const here = new Link(
        (bytes) => {
          const taken = bytes.subarray(0, room);
          for (const byte of taken) there.receive(byte);
          return taken.length;
        },
        () => {},
      );
      for (const bytes of sent) here.send('d', bytes);
      expect(frames).toEqual([]);
      here.open();
      while (here.backlog > 0) here.pump();
      expect(frames.every(({ type, contents: { length } }) => type === 'd' && length <= largestFrame)).toBe(true);
      expect(frames.flatMap((frame) => [...frame.contents])).toEqual(sent.flatMap((bytes) => [...bytes]));
    }),
  );
});

test('domains are as the agent tells of them, and any record is taken', () => {
  const domains = new RealDomains(4, 'credit');
  domains.named(0, 'Domain-0');
  domains.named(3, 'a');
  const record = new Uint8Array(48);
  const view = new DataView(record.buffer);
  view.setUint16(0, 3, true);
  view.setUint16(2, 1, true);
  view.setUint32(4, (1 << 2) | (1 << 4) | (3 << 16), true); // shut down by a crash, blocked
  view.setBigUint64(8, 4096n, true);
  view.setUint32(32, 1 | 2, true); // online, blocked
  view.setUint32(36, 2, true);
  domains.state(record);
  const [, a] = domains.list({ refusal: '' }, () => 0).domains;
  expect(a).toMatchObject({ id: 3, name: 'a', letters: '-b-sc-', shutdown: 'crash', memoryKib: 16_384 });
  expect(a?.vcpus).toMatchObject([{ id: 0, pcpu: 2, state: 'blocked' }]);
  const { version } = domains;
  domains.state(record);
  expect(domains.version).toBe(version);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => domains.state(bytes)));
  domains.gone(3);
  domains.named(4, 'a');
  expect(domains.list({ refusal: '' }, () => 0).domains).toMatchObject([{ colour: 0 }, { id: 4, colour: 1 }]);
});
