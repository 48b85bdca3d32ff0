/** For tests: boards with few devices. */
import { FdtNode } from '../../boot/fdt/fdt.ts';
import { writeFdt } from '../../boot/fdt/writer.ts';
import type { BoardDevices } from './board-devices.ts';
import { readBoardTree } from './board-tree.ts';

/** A tree with the chip's interrupt controller; `fill` adds devices to its bus. */
export const boardTree = (fill: (bus: FdtNode, root: FdtNode) => void): Uint8Array => {
  const root = new FdtNode('').setCells('#address-cells', 2).setCells('#size-cells', 2).setCells('interrupt-parent', 1);
  const bus = root.addChild('axi').setCells('#address-cells', 2).setCells('#size-cells', 2).setFlag('ranges');
  bus
    .addChild('interrupt-controller@f9010000')
    .setCells('reg', 0, 0xf901_0000, 0, 0x1_0000)
    .setCells('#interrupt-cells', 3)
    .setCells('phandle', 1)
    .setFlag('interrupt-controller');
  fill(bus, root);
  return writeFdt({ bootCpu: 0, reservations: [], root });
};

/** A device with one page and one shared interrupt, level-sensitive unless `flags` say otherwise. */
export const addDevice = (bus: FdtNode, base: number, spi: number, flags = 4): FdtNode =>
  bus
    .addChild(`device@${base.toString(16)}`)
    .setCells('reg', 0, base, 0, 0x1000)
    .setCells('interrupts', 0, spi, flags);

/** The SMMU, and two DMA channels behind it: the first is for a guest. */
export const boardWithFreeChannel = (): BoardDevices => {
  const devices = readBoardTree(
    boardTree((bus) => {
      addDevice(bus, 0xfd80_0000, 155).setText('compatible', 'arm,mmu-500').setCells('phandle', 2);
      addDevice(bus, 0xfd50_0000, 124).setCells('iommus', 2, 0x14e8).setFlag('xen,passthrough');
      addDevice(bus, 0xfd51_0000, 125).setCells('iommus', 2, 0x14e9);
      addDevice(bus, 0xff06_0000, 23);
    }),
  );
  if (!devices.ok) throw new Error(devices.error);
  return devices.value;
};

/** UART 1 is for a guest; its interrupt is 54. Dom0 has CAN 0 with 55. */
export const boardWithFreeUart = (flags = 4): BoardDevices => {
  const devices = readBoardTree(
    boardTree((bus) => {
      addDevice(bus, 0xff01_0000, 22, flags).setFlag('xen,passthrough');
      addDevice(bus, 0xff06_0000, 23);
    }),
  );
  if (!devices.ok) throw new Error(devices.error);
  return devices.value;
};
