/** The device tree that libxl writes for a guest (Xen 4.17, tools/libs/light/libxl_arm.c). */
import { FdtNode, toCells } from '../../boot/fdt/fdt.ts';
import { writeFdt } from '../../boot/fdt/writer.ts';
import {
  addressBits,
  gicCpuInterface,
  gicDistributor,
  grantTable,
  Ppi,
  pl011,
  pl011Spi,
  type Range,
  ramBanks,
  ramOf,
} from '../../xen/domain/guest-layout.ts';
import { addPartialTree, type PartialTree } from './devices/partial-tree.ts';

export interface GuestTreeOptions {
  readonly vcpus: number;
  /** Bytes of RAM. */
  readonly memory: number;
  readonly bootArguments: string | null;
  readonly initrd: Range | null;
  readonly vuart: boolean;
  /** What `device_tree` adds. */
  readonly partial?: PartialTree | null;
  /** 128 random bytes that seed the guest's generator. */
  readonly rngSeed: Uint8Array;
}

/** The phandle of the only interrupt controller. */
const gicHandle = 0xfde8;
/**
 * Cells of an interrupt (GIC binding): type, number within the type, flags: level active low (8) or active high (4),
 * all CPUs (0xf00).
 */
const ppi = (id: number): number[] => [1, id - 16, 0xf08];
const spi = (id: number): number[] => [0, id - 32, 0xf04];
const reg = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ base, size }) => [...toCells(BigInt(base), 2), ...toCells(BigInt(size), 2)]);

/** Writes the tree. Without a partial tree it is at most 4 KiB long, even with the most vCPUs. */
export function guestDeviceTree(options: GuestTreeOptions): Uint8Array {
  const root = new FdtNode('')
    .setText('model', 'XENVM-4.17')
    .setText('compatible', 'xen,xenvm-4.17', 'xen,xenvm')
    .setCells('interrupt-parent', gicHandle)
    .setCells('#address-cells', 2)
    .setCells('#size-cells', 2);
  chosen(root, options);
  cpus(root, options.vcpus);
  root
    .addChild('psci')
    .setText('compatible', 'arm,psci-1.0', 'arm,psci-0.2', 'arm,psci')
    .setText('method', 'hvc')
    .setCells('cpu_off', 1)
    .setCells('cpu_on', 2);
  for (const bank of ramOf(options.memory)) {
    root
      .addChild(`memory@${bank.base.toString(16)}`)
      .setText('device_type', 'memory')
      .setCells('reg', ...reg([bank]));
  }
  root
    .addChild(`interrupt-controller@${gicDistributor.base.toString(16)}`)
    .setText('compatible', 'arm,cortex-a15-gic', 'arm,cortex-a9-gic')
    .setCells('#interrupt-cells', 3)
    .setCells('#address-cells', 0)
    .setFlag('interrupt-controller')
    .setCells('reg', ...reg([gicDistributor, gicCpuInterface]))
    .setCells('linux,phandle', gicHandle)
    .setCells('phandle', gicHandle);
  root
    .addChild('timer')
    .setText('compatible', 'arm,armv8-timer')
    .setCells('interrupts', ...ppi(Ppi.securePhysicalTimer), ...ppi(Ppi.physicalTimer), ...ppi(Ppi.virtualTimer))
    .setCells('interrupt-parent', gicHandle);
  root
    .addChild('hypervisor')
    .setText('compatible', 'xen,xen-4.17', 'xen,xen')
    .setCells('reg', ...reg([grantTable, ...extendedRegions(options.memory)]))
    .setCells('interrupts', ...ppi(Ppi.eventChannel))
    .setCells('interrupt-parent', gicHandle);
  if (options.vuart) {
    root
      .addChild('sbsa-pl011')
      .setText('compatible', 'arm,sbsa-uart')
      .setCells('reg', ...reg([pl011]))
      .setCells('interrupts', ...spi(pl011Spi))
      .setCells('interrupt-parent', gicHandle)
      .setCells('current-speed', 115200);
  }
  if (options.partial) addPartialTree(root, options.partial);
  return writeFdt({ bootCpu: 0, reservations: [], root });
}

function chosen(root: FdtNode, { bootArguments, initrd, rngSeed }: GuestTreeOptions): void {
  const node = root.addChild('chosen');
  if (bootArguments !== null) node.setText('bootargs', bootArguments);
  if (initrd) {
    node.setCells('linux,initrd-start', ...toCells(BigInt(initrd.base), 2));
    node.setCells('linux,initrd-end', ...toCells(BigInt(initrd.base + initrd.size), 2));
  }
  node.properties.set('rng-seed', rngSeed);
}

function cpus(root: FdtNode, count: number): void {
  const node = root.addChild('cpus').setCells('#address-cells', 1).setCells('#size-cells', 0);
  for (let cpu = 0; cpu < count; cpu++) {
    // MPIDR: 16 vCPUs in each cluster (xen/arch/arm, vcpuid_to_vaffinity).
    const affinity = (cpu & 15) | ((cpu >>> 4) << 8);
    node
      .addChild(`cpu@${affinity.toString(16)}`)
      .setText('device_type', 'cpu')
      .setText('compatible', 'arm,armv8')
      .setText('enable-method', 'psci')
      .setCells('reg', affinity);
  }
}

const extendedMin = 64 * 2 ** 20;
const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

/** Free address space after each bank's RAM, to which the guest may map foreign pages (finalize_hypervisor_node). */
function extendedRegions(memory: number): Range[] {
  const banks = ramOf(memory);
  return ramBanks.flatMap(({ base, size }, i) => {
    const start = base + alignUp(banks[i]?.size ?? 0, 2 * 2 ** 20);
    const end = Math.min(base + size, 2 ** addressBits);
    return end - start >= extendedMin ? [{ base: start, size: end - start }] : [];
  });
}
