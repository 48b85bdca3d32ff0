import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { physAddr } from '../base/units.ts';
import { readElf } from './elf.ts';
import { type DeviceTree, FdtNode } from './fdt/fdt.ts';
import { readFdt } from './fdt/reader.ts';
import { writeFdt } from './fdt/writer.ts';
import { type LoadRequest, placeSegments, planBoot, planKernel } from './loader.ts';

const dram = { base: physAddr(0), size: 0x8000_0000 };
const guest = (name: string) => new Uint8Array(readFileSync(new URL(`../../guests/build/${name}`, import.meta.url)));
const plan = (bytes: Uint8Array, name = 'kernel') => planKernel({ name, bytes }, dram);

/** A board with four cores. */
function boardTree(): DeviceTree {
  const root = new FdtNode('').setCells('#address-cells', 2).setCells('#size-cells', 2);
  const cpus = root.addChild('cpus').setCells('#address-cells', 1).setCells('#size-cells', 0);
  for (let core = 0; core < 4; core++) cpus.addChild(`cpu@${core}`).setText('device_type', 'cpu').setCells('reg', core);
  root.addChild('chosen').setText('bootargs', 'earlycon');
  root.setText('compatible', 'board'.repeat(500));
  return { bootCpu: 0, reservations: [], root };
}

interface Load {
  readonly offset: bigint;
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
}

/** An ELF64 file for AArch64 with these PT_LOAD segments and `size` bytes in all. */
function makeElf(entry: bigint, loads: readonly Load[], size = 4096): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, 64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 183, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, loads.length, true);
  loads.forEach((load, i) => {
    const at = 64 + 56 * i;
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, 7, true);
    view.setBigUint64(at + 8, load.offset, true);
    view.setBigUint64(at + 16, load.virtual, true);
    view.setBigUint64(at + 24, load.physical, true);
    view.setBigUint64(at + 32, load.fileSize, true);
    view.setBigUint64(at + 40, load.memorySize, true);
  });
  return bytes;
}

const simple = { offset: 0x400n, virtual: 0x8_0000n, physical: 0x8_0000n, fileSize: 0x100n, memorySize: 0x200n };

function makeImage(textOffset: bigint, imageSize: bigint, flags = 10n): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, textOffset, true);
  view.setBigUint64(16, imageSize, true);
  view.setBigUint64(24, flags, true);
  bytes.set([0x41, 0x52, 0x4d, 0x64], 56);
  return bytes;
}

describe('ELF', () => {
  test('segments go to their physical addresses, and the rest of each is zero', () => {
    const bytes = makeElf(0x8_0010n, [simple]);
    const result = plan(bytes);
    if (!result.ok) throw new Error(result.error);
    expect(result.value.entry).toBe(0x8_0010n);
    const memory = new Uint8Array(0x10_0000).fill(0xee);
    const placed = placeSegments(result.value, {
      base: physAddr(0),
      size: memory.length,
      view: (address, length) => memory.subarray(address, address + length),
    });
    expect(placed).toBe(0x100);
    expect(memory.subarray(0x8_0000, 0x8_0100)).toEqual(bytes.subarray(0x400, 0x500));
    expect(memory.subarray(0x8_0100, 0x8_0200)).toEqual(new Uint8Array(0x100));
    expect([memory[0x7_ffff], memory[0x8_0200]]).toEqual([0xee, 0xee]);
  });

  test('an entry at a virtual address moves with its segment', () => {
    const high = 0xffff_0000_0800_0000n;
    const result = plan(makeElf(high + 8n, [{ ...simple, virtual: high }]));
    expect(result.ok && result.value.entry).toBe(0x8_0008n);
  });

  const changed = (offset: number, value: number, bytes = makeElf(0x8_0000n, [simple])) => {
    bytes[offset] = value;
    return bytes;
  };
  test.each<[string, Uint8Array, string]>([
    ['another machine', changed(18, 62), 'kernel is an ELF file for x86-64, not for AArch64.'],
    ['32-bit Arm', changed(18, 40), 'kernel is an ELF file for 32-bit Arm, not for AArch64.'],
    ['an unknown machine', changed(18, 200), 'kernel is an ELF file for machine number 200, not for AArch64.'],
    ['big-endian', changed(5, 2), 'kernel is a big-endian ELF file; the machine runs little-endian kernels.'],
    ['ILP32', changed(4, 1), 'kernel is a 32-bit ELF file; the machine runs 64-bit kernels.'],
    ['an object file', changed(16, 1), 'kernel is an ELF file of type 1, not an executable.'],
    ['no header', makeElf(0n, []).subarray(0, 40), 'kernel ends inside its ELF header, after 40 bytes.'],
    ['no segments', makeElf(0n, []), 'kernel is an ELF file with nothing to load.'],
    [
      'cut in its headers',
      makeElf(0x8_0000n, [simple]).subarray(0, 100),
      'kernel is cut short: its ELF program headers lie beyond its end.',
    ],
    [
      'cut in its data',
      makeElf(0x8_0000n, [simple]).subarray(0, 0x4ff),
      'kernel is cut short: ELF segment 0 lies beyond its end.',
    ],
    [
      'memory smaller than the file',
      makeElf(0x8_0000n, [{ ...simple, memorySize: 1n }]),
      'kernel has an ELF segment 0 that is larger in the file than in memory.',
    ],
    [
      'outside DRAM',
      makeElf(0x8_0000n, [{ ...simple, physical: 0x7fff_ff00n }]),
      'kernel has a segment at 0x7fffff00 to 0x800000ff, outside DRAM (0x0 to 0x7fffffff).',
    ],
    ['an entry elsewhere', makeElf(0x9_0000n, [simple]), 'kernel starts at 0x90000, which is in none of its segments.'],
    [
      'an odd entry',
      makeElf(0x8_0001n, [simple]),
      'kernel starts at 0x80001, which is not the address of an instruction.',
    ],
  ])('%s is refused in one sentence', (_, bytes, sentence) => {
    expect(plan(bytes)).toEqual({ ok: false, error: sentence });
  });

  test('agrees with readelf on the built-in guests', ({ skip }) => {
    const path = new URL('../../guests/build/hello.elf', import.meta.url).pathname;
    let listing: string;
    try {
      listing = execFileSync('readelf', ['-lW', path], { encoding: 'utf8' });
    } catch {
      skip('readelf (package binutils) is not installed');
      return;
    }
    const result = readElf(guest('hello.elf'));
    if (!result.ok) throw new Error(result.error);
    const entry = BigInt(listing.match(/Entry point (0x[0-9a-f]+)/)?.[1] ?? -1);
    const loads = [...listing.matchAll(/LOAD +0x\w+ 0x\w+ (0x\w+) (0x\w+) (0x\w+)/g)].map((m) =>
      m.slice(1, 4).map((field) => BigInt(field)),
    );
    expect(result.value.entry).toBe(entry);
    expect(result.value.segments.map((s) => [s.address, BigInt(s.bytes.length), s.memorySize])).toEqual(
      loads.filter(([, , memorySize]) => memorySize !== 0n),
    );
  });

  test('any segments within bounds are read as written', () => {
    const load = fc.record({
      offset: fc.bigInt({ min: 0n, max: 4000n }),
      virtual: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      physical: fc.bigInt({ min: 0n, max: 0x7000_0000n }),
      fileSize: fc.bigInt({ min: 0n, max: 96n }),
      extra: fc.bigInt({ min: 1n, max: 0x1000n }),
    });
    fc.assert(
      fc.property(fc.array(load, { minLength: 1, maxLength: 6 }), (drawn) => {
        const loads = drawn.map(({ extra, ...rest }) => ({ ...rest, memorySize: rest.fileSize + extra }));
        const bytes = makeElf(0n, loads);
        const result = readElf(bytes);
        if (!result.ok) throw new Error(result.error);
        expect(result.value.segments).toEqual(
          loads.map((l) => ({
            address: l.physical,
            bytes: bytes.subarray(Number(l.offset), Number(l.offset + l.fileSize)),
            memorySize: l.memorySize,
          })),
        );
      }),
    );
  });
});

describe('Image', () => {
  test.each<[string, Uint8Array, bigint]>([
    ['text_offset 0 leaves the first 2 MiB free', makeImage(0n, 0x1000n), 0x20_0000n],
    ['another text_offset counts from the base of DRAM', makeImage(0x8_0000n, 0x1000n), 0x8_0000n],
    ['no image_size means the old text_offset', makeImage(0x1234n, 0n), 0x8_0000n],
  ])('%s', (_, bytes, address) => {
    const result = plan(bytes);
    if (!result.ok) throw new Error(result.error);
    expect(result.value.entry).toBe(address);
    expect(result.value.segments[0]?.address).toBe(address);
  });

  test('an Image that does not fit is refused', () => {
    expect(plan(makeImage(0n, 0x7fe0_0001n))).toEqual({
      ok: false,
      error: 'kernel has a segment at 0x200000 to 0x80000000, outside DRAM (0x0 to 0x7fffffff).',
    });
    expect(plan(makeImage(0n, 0x7fe0_0000n)).ok).toBe(true);
  });

  test('a big-endian Image is refused', () => {
    expect(plan(makeImage(0n, 0x1000n, 1n))).toEqual({
      ok: false,
      error: 'kernel is a big-endian arm64 Image; the machine runs little-endian kernels.',
    });
  });

  test('the built-in guest in both formats has the same code', () => {
    const elf = plan(guest('hello.elf'));
    const image = plan(guest('hello.img'));
    if (!elf.ok || !image.ok) throw new Error('the guests do not load');
    expect([elf.value.format, image.value.format]).toEqual(['ELF', 'Image']);
    const code = elf.value.segments.find((s) => s.address === elf.value.entry)?.bytes.subarray(0, 64);
    expect(image.value.segments[0]?.bytes.subarray(0, 64)).toEqual(code);
  });
});

describe('other files', () => {
  test.each<[string, Uint8Array, string]>([
    ['empty.img', new Uint8Array(0), 'empty.img is empty.'],
    ['Image.gz', Uint8Array.of(0x1f, 0x8b, 8), 'Image.gz is cut short: it ends inside its gzip data.'],
    ['notes.gz', gzipSync('hello'), 'notes.gz is neither an ELF file nor an arm64 Image.'],
    ['notes.txt', new TextEncoder().encode('hello'), 'notes.txt is neither an ELF file nor an arm64 Image.'],
  ])('%s', (name, bytes, sentence) => {
    expect(plan(bytes, name)).toEqual({ ok: false, error: sentence });
  });

  test('no bytes break the loader or send it outside DRAM', () => {
    const spoil = (bytes: Uint8Array) =>
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 12 }).map((edits) => {
        const copy = bytes.slice();
        for (const [at, value] of edits) copy[at] = value;
        return copy;
      });
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      spoil(makeElf(0x8_0000n, [simple, simple]).slice(0, 0x500)),
      spoil(makeImage(0n, 0x1000n)),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        const result = plan(bytes);
        if (!result.ok) {
          expect(result.error).toMatch(/^kernel .*\.$/);
          return;
        }
        for (const { address, memorySize, bytes: data } of result.value.segments) {
          expect(address >= 0n && address + memorySize <= 0x8000_0000n).toBe(true);
          expect(BigInt(data.length) <= memorySize).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a boot', () => {
  const target = { ...dram, cores: 2, builtInTree: boardTree };
  const kernel = { name: 'Image', bytes: makeImage(0n, 0x10_0000n) };
  const filled = (name: string, size: number) => ({ name, bytes: new Uint8Array(size).fill(0xa5) });
  function planned(request: Partial<LoadRequest> = {}, where = target) {
    const result = planBoot({ kernel, ...request }, where);
    if (!result.ok) throw new Error(result.error);
    const blob = result.value.segments.find((s) => s.address === result.value.deviceTree)?.bytes ?? new Uint8Array();
    const tree = readFdt(blob);
    if (!tree.ok) throw new Error(tree.error);
    return { ...result.value, root: tree.value.root };
  }
  const refused = (request: Partial<LoadRequest>, where = target) => {
    const result = planBoot({ kernel, ...request }, where);
    return result.ok ? '' : result.error;
  };
  const names = (node: FdtNode | undefined) => node?.children.map((child) => child.name);

  test('a kernel packed with gzip is the same kernel', () => {
    expect(planned().places[0]).toBe('Image: Image, 256 bytes, entry 0x200000');
    const packed = planned({ kernel: { name: 'Image.gz', bytes: gzipSync(kernel.bytes) } });
    expect(packed.entry).toBe(0x20_0000n);
    expect(packed.segments[0]?.bytes).toEqual(kernel.bytes);
  });

  test('initrd and device tree lie 128 MiB up, the tree within 2 MiB', () => {
    const plan = planned({ initrd: filled('initrd', 5001) });
    expect(plan.segments[1]).toMatchObject({ address: 0x800_0000n, memorySize: 5001n });
    expect(plan.places[1]).toBe('initrd: 5001 bytes at 0x8000000');
    expect(plan.deviceTree).toBeGreaterThanOrEqual(0x800_0000n + 5001n);
    const end = plan.deviceTree + (plan.segments.at(-1)?.memorySize ?? 0n);
    expect((end - 1n) / 0x20_0000n).toBe(plan.deviceTree / 0x20_0000n);
    expect(plan.root.child('chosen')?.cells('linux,initrd-start')).toEqual([0, 0x800_0000]);
    expect(plan.root.child('chosen')?.cells('linux,initrd-end')).toEqual([0, 0x800_0000 + 5001]);
  });

  test('a small memory is used from its middle, then from its start', () => {
    const small = { ...target, size: 0x40_0000 };
    expect(planned({}, small).deviceTree).toBe(0x30_0000n);
    expect(planned({ initrd: filled('initrd', 0x10_0000) }, small).deviceTree).toBe(0x1000n);
  });

  test('memory, cores and chosen follow the parameters', () => {
    const { root } = planned({ bootArguments: 'console=ttyPS0' });
    expect(root.child('memory')?.cells('reg')).toEqual([0, 0, 0, 0x8000_0000]);
    expect(names(root.child('cpus'))).toEqual(['cpu@0', 'cpu@1']);
    expect(root.child('chosen')?.text('bootargs')).toBe('console=ttyPS0');
    expect(root.child('chosen')?.properties.has('linux,initrd-start')).toBe(false);
  });

  test('a given tree keeps its own nodes', () => {
    const own = boardTree();
    for (const high of [8, 0])
      own.root
        .addChild(`memory@${high}00000000`)
        .setText('device_type', 'memory')
        .setCells('numa-node-id', high)
        .setCells('reg', high, 0, 0, 0x8000_0000);
    own.root.addChild('extra').setFlag('here');
    const { root, places } = planned({ deviceTree: { name: 'own.dtb', bytes: writeFdt(own) } });
    expect(names(root)?.filter((name) => /^memory|^extra/.test(name))).toEqual(['memory@0', 'extra']);
    expect(root.child('memory')?.cells('reg')).toEqual([0, 0, 0, 0x8000_0000]);
    expect(root.child('memory')?.cells('numa-node-id')).toEqual([8]);
    expect(root.child('chosen')?.text('bootargs')).toBe('earlycon');
    expect(places[1]).toMatch(/^own\.dtb: \d+ bytes at 0x8000000$/);
  });

  test('the seed decides the random properties and nothing else does', () => {
    const random = (seed?: number) => {
      const chosen = planned({ seed }).root.child('chosen');
      return [chosen?.properties.get('kaslr-seed'), chosen?.properties.get('rng-seed')];
    };
    expect(random(7)).toEqual(random(7));
    expect(random(7)).not.toEqual(random());
    expect(random(0).map((bytes) => bytes?.length)).toEqual([8, 64]);
    expect(random()).toEqual([undefined, random(0)[1]]);
  });

  test('placed files go to their addresses, and everything else avoids them', () => {
    const plan = planned({
      placed: [
        { address: 0x800_0000n, file: filled('a', 0x1000) },
        { address: 0x800_1000n, file: filled('b', 0x1001) },
      ],
      initrd: filled('initrd', 100),
    });
    expect(plan.segments.map((s) => s.address).slice(1, 4)).toEqual([0x800_0000n, 0x800_1000n, 0x800_3000n]);
  });

  test.each<[string, Partial<LoadRequest>, string]>([
    [
      'a file outside DRAM',
      { placed: [{ address: 0x7fff_fff0n, file: filled('a', 0x20) }] },
      'a at 0x7ffffff0 has 32 bytes, which do not all lie in DRAM (0x0 to 0x7fffffff).',
    ],
    [
      'a file over the kernel',
      { placed: [{ address: 0x20_0ff0n, file: filled('a', 0x20) }] },
      'a at 0x200ff0 would lie over Image.',
    ],
    ['a bad tree', { deviceTree: filled('bad.dtb', 100) }, 'bad.dtb is not a device tree blob.'],
    [
      'a large tree',
      {
        deviceTree: {
          name: 'large.dtb',
          bytes: writeFdt({
            ...boardTree(),
            root: boardTree().root.setText('filler', ' '.repeat(0x20_0000)),
          }),
        },
      },
      'bytes; a kernel takes a tree of 2 MiB at most.',
    ],
  ])('%s is refused', (_, request, sentence) => {
    expect(refused(request)).toContain(sentence);
  });

  test('a file for which there is no room is refused', () => {
    const small = { ...target, size: 0x40_0000 };
    expect(refused({ initrd: filled('initrd', 0x40_0000) }, small)).toBe(
      'initrd has 4194304 bytes, for which DRAM (0x0 to 0x3fffff) has no room.',
    );
    expect(refused({ kernel: { name: 'k', bytes: makeImage(0x1000n, 0x1000n) } }, { ...target, size: 0x2000 })).toMatch(
      /^The built-in device tree has \d+ bytes, for which DRAM \(0x0 to 0x1fff\) has no room\.$/,
    );
  });
});
