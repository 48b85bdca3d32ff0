import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FdtNode } from '../../boot/fdt/fdt.ts';
import type { BoardDevices } from './board-devices.ts';
import { addDevice, boardTree } from './board-testing.ts';
import { readBoardTree } from './board-tree.ts';
import { stockBoard } from './stock-board.ts';

const read = (fill: (bus: FdtNode, root: FdtNode) => void): BoardDevices => {
  const devices = readBoardTree(boardTree(fill));
  if (!devices.ok) throw new Error(devices.error);
  return devices.value;
};

const routed = (fill: (bus: FdtNode, root: FdtNode) => void): Record<number, boolean> =>
  Object.fromEntries([...read(fill).interrupts].map(([id, { isRouted }]) => [id, isRouted]));

describe('what Dom0 has of a board', () => {
  const stock = new URL('../../../images/zcu102.dtb', import.meta.url);
  // The stock tree comes with the images that `npm run images` fetches.
  test.skipIf(!existsSync(stock))('is with the stock tree what was found with real Xen', () => {
    const devices = readBoardTree(new Uint8Array(readFileSync(stock)));
    expect(devices.ok && [...devices.value.interrupts.keys()].sort((a, b) => a - b)).toEqual([
      ...stockBoard.interrupts.keys(),
    ]);
    expect(devices.ok && devices.value.frames).toEqual(stockBoard.frames);
  });

  test('has interrupts that it may hand on, but that are not routed to it, of devices marked xen,passthrough', () => {
    expect(
      routed((bus) => {
        addDevice(bus, 0xff01_0000, 22).setFlag('xen,passthrough');
        addDevice(bus, 0xff06_0000, 23);
      }),
    ).toEqual({ 54: false, 55: true });
  });

  test('keeps an interrupt that a marked device shares with another', () => {
    expect(
      routed((bus) => {
        addDevice(bus, 0xff01_0000, 22).setFlag('xen,passthrough');
        addDevice(bus, 0xff06_0000, 22);
      }),
    ).toEqual({ 54: true });
  });

  test('has neither Xen’s console, nor the SMMU, nor what uses private interrupts, nor what is below it', () => {
    const devices = read((bus) => {
      addDevice(bus, 0xff00_0000, 21);
      addDevice(bus, 0xfd80_0000, 155).setText('compatible', 'vendor,smmu', 'arm,mmu-500').addChild('part');
      const own = addDevice(bus, 0xff06_0000, 23).setCells('interrupts', 1, 7, 4).setFlag('ranges');
      addDevice(own, 0xff07_0000, 24);
    });
    expect(devices).toMatchObject({ interrupts: new Map(), frames: [] });
  });

  test('has interrupts of interrupts-extended, of edges, and none of another controller', () => {
    const { interrupts } = read((bus) => {
      addDevice(bus, 0xff0a_0000, 16)
        .setFlag('interrupt-controller')
        .setCells('#interrupt-cells', 1)
        .setCells('phandle', 2);
      addDevice(bus, 0xff01_0000, 0).setCells('interrupts-extended', 1, 0, 22, 1, 2, 5);
    });
    expect([...interrupts]).toEqual([
      [48, { isEdge: false, isRouted: true }],
      [54, { isEdge: true, isRouted: true }],
    ]);
  });

  test('has the windows and mapped interrupts of a PCI bridge', () => {
    const { interrupts, frames } = read((bus) => {
      const bridge = addDevice(bus, 0xfd0e_0000, 118).setText('device_type', 'pci');
      bridge.setCells('#address-cells', 3).setCells('#size-cells', 2).setCells('#interrupt-cells', 1);
      bridge.setCells('ranges', 0x200_0000, 0, 0xe000_0000, 0, 0xe000_0000, 0, 0x1000_0000);
      bridge.setCells('interrupt-map', 0, 0, 0, 1, 1, 0, 114, 4);
    });
    expect([...interrupts.keys()]).toEqual([150, 146]);
    expect(frames).toEqual([
      [0xe_0000n, 0xf_0000n],
      [0xf_d0e0n, 0xf_d0e1n],
    ]);
  });

  test('translates addresses through buses, and ignores nodes below what is no bus', () => {
    const { frames } = read((bus) => {
      const inner = bus.addChild('bus').setCells('#address-cells', 1).setCells('#size-cells', 1);
      inner.setCells('ranges', 0x1000, 0, 0xff06_0000, 0x1000);
      inner.addChild('device@1000').setCells('reg', 0x1000, 0x1000).addChild('part@0').setCells('reg', 0, 4);
    });
    expect(frames).toEqual([[0xf_f060n, 0xf_f061n]]);
  });
});

describe('a tree that Xen cannot use', () => {
  test.each([
    ['is not a device tree blob', new Uint8Array(100)],
    [
      'makes Xen stop while it builds Domain-0: an address of device@9000 is not one of the bus above it',
      boardTree((bus) => {
        const inner = bus.addChild('bus').setCells('#address-cells', 1).setCells('#size-cells', 1);
        inner.setCells('ranges', 0x1000, 0, 0xff06_0000, 0x1000);
        inner.addChild('device@9000').setCells('reg', 0x9000, 0x1000);
      }),
    ],
  ])('%s', (error, bytes) => {
    expect(readBoardTree(bytes)).toEqual({ ok: false, error });
  });
});
