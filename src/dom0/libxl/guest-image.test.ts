import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FdtNode } from '../../boot/fdt/fdt.ts';
import { readFdt } from '../../boot/fdt/reader.ts';
import { ramBanks } from '../../xen/domain/guest-layout.ts';
import { guestDeviceTree } from './guest-device-tree.ts';
import { planGuest } from './guest-image.ts';

const MiB = 2 ** 20;
const rngSeed = new Uint8Array(128).fill(7);

/** The tree that real libxl 4.17 wrote for a guest on the ZCU102. */
const golden = (name: string): Uint8Array => readFileSync(new URL(`./golden/${name}.dtb`, import.meta.url));

/** A tree as lists, without its random parts. */
function contents(node: FdtNode): unknown {
  const properties = [...node.properties].filter(([name]) => name !== 'rng-seed');
  return [node.name, properties.map(([name, value]) => [name, [...value]]), node.children.map(contents)];
}

const parsed = (bytes: Uint8Array): unknown => {
  const tree = readFdt(bytes);
  if (!tree.ok) throw new Error(tree.error);
  return contents(tree.value.root);
};

/** An Image of `size` bytes that asks for 512 KiB below it. */
function image(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setBigUint64(8, 0x8_0000n, true);
  bytes.set([0x41, 0x52, 0x4d, 0x64], 56);
  return bytes;
}

const request = {
  kernel: image(14756),
  ramdisk: null,
  commandLine: null,
  vcpus: 1,
  memory: 32 * MiB,
  vuart: false,
  rngSeed,
};

describe('the device tree of a guest', () => {
  test('is the one that real libxl writes', () => {
    const plain = { vcpus: 2, memory: 32 * MiB, bootArguments: null, initrd: null, vuart: false, rngSeed };
    expect(parsed(guestDeviceTree(plain))).toEqual(parsed(golden('two-vcpus')));
    const full = {
      vcpus: 1,
      memory: 64 * MiB,
      bootArguments: 'console=hvc0 hello',
      initrd: { base: 0x43ff_e000, size: 0x1000 },
      vuart: true,
      rngSeed,
    };
    expect(parsed(guestDeviceTree(full))).toEqual(parsed(golden('vuart')));
  });

  test('is one that dtc accepts', () => {
    const dtb = guestDeviceTree({
      vcpus: 4,
      memory: 4096 * MiB,
      bootArguments: 'a',
      initrd: null,
      vuart: true,
      rngSeed,
    });
    const dtc = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts', '-'], { input: dtb, encoding: 'utf8' });
    // Without dtc, the comparison above must do.
    if (dtc.error) return;
    expect(dtc.status).toBe(0);
    expect(dtc.stdout).toContain('memory@200000000');
  });
});

describe('a guest in memory', () => {
  test('begins as under real Xen', () => {
    const plain = planGuest({ ...request, vcpus: 2 });
    expect(plain).toMatchObject({ ok: true, value: { entry: 0x4008_0000n, deviceTree: 0x41ff_f000 } });
    const full = planGuest({ ...request, memory: 64 * MiB, ramdisk: new Uint8Array(4096), vuart: true });
    expect(full).toMatchObject({ ok: true, value: { deviceTree: 0x43ff_f000 } });
    const large = planGuest({ ...request, memory: 512 * MiB, ramdisk: new Uint8Array(4096) });
    expect(large).toMatchObject({ ok: true, value: { deviceTree: 0x4800_1000 } });
  });

  test.each([
    ['a file of zeros', { kernel: new Uint8Array(65_536) }, 'kernel-damaged'],
    ['a text', { kernel: new TextEncoder().encode('#!/bin/sh\n') }, 'kernel-damaged'],
    ['no kernel', { kernel: new Uint8Array() }, 'kernel-damaged'],
    ['half a gzip file', { kernel: Uint8Array.of(0x1f, 0x8b, 8, 0) }, 'kernel-damaged'],
    ['a kernel larger than memory', { kernel: image(40 * MiB) }, 'kernel-outside-memory'],
    ['a ramdisk larger than memory', { ramdisk: new Uint8Array(40 * MiB) }, 'no-room'],
    ['no room above the kernel', { memory: MiB }, { place: 0x4007_f000, kernelEnd: 0x4008_4000 }],
  ])('%s is refused', (_, change, error) => {
    expect(planGuest({ ...request, ...change })).toEqual({ ok: false, error });
  });

  test('no piece lies over another or outside memory', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 24 * MiB }),
        fc.option(fc.integer({ min: 1, max: 24 * MiB })),
        fc.integer({ min: 1, max: 300 }),
        (kernelSize, ramdiskSize, memoryMiB) => {
          const ramdisk = ramdiskSize === null ? null : new Uint8Array(ramdiskSize);
          const plan = planGuest({ ...request, kernel: image(kernelSize), ramdisk, memory: memoryMiB * MiB });
          if (!plan.ok) return;
          const pieces = [...plan.value.pieces].sort((a, b) => a.address - b.address);
          let end: number = ramBanks[0].base;
          for (const piece of pieces) {
            expect(piece.address).toBeGreaterThanOrEqual(end);
            end = piece.address + piece.size;
          }
          expect(end).toBeLessThanOrEqual(ramBanks[0].base + memoryMiB * MiB);
        },
      ),
      { numRuns: 25 },
    );
  });
});
