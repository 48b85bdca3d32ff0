/**
 * What a boot loader writes into a device tree before it starts a kernel (Devicetree Specification v0.4, 3.3, 3.4, 3.6
 * and 3.8).
 */
import { RandomBytes } from '../../base/random.ts';
import { copyNode, type DeviceTree, FdtNode, toCells } from './fdt.ts';

export interface BootParameters {
  /** Cores present. */
  readonly cores: number;
  readonly dramBase: number;
  readonly dramSize: number;
  /** The kernel's command line; without one the tree's stays. */
  readonly bootArguments?: string | undefined;
  readonly initrd?: { readonly address: number; readonly size: number } | undefined;
  /**
   * Source of the seeds of the kernel's random numbers; without it the kernel gets a fixed `rng-seed` and no
   * `kaslr-seed`.
   */
  readonly seed?: number | undefined;
}

/** A copy of the tree with the machine's memory and cores and with `chosen` filled in. */
export function treeForBoot(tree: DeviceTree, parameters: BootParameters): DeviceTree {
  const root = copyNode(tree.root);
  setMemory(root, parameters);
  limitCores(root, parameters.cores);
  fillChosen(root.ensureChild('chosen'), parameters);
  return { ...tree, root };
}

/**
 * Replaces all memory nodes by one for the machine's DRAM, which keeps the place and the other properties of the first.
 */
function setMemory(root: FdtNode, { dramBase, dramSize }: BootParameters): void {
  const isMemory = (node: FdtNode) => node.text('device_type') === 'memory';
  const first = root.children.findIndex(isMemory);
  const memory = new FdtNode(`memory@${dramBase.toString(16)}`);
  for (const [name, value] of root.children[first]?.properties ?? []) memory.properties.set(name, value);
  const addressCells = root.cells('#address-cells')?.[0] ?? 2;
  const sizeCells = root.cells('#size-cells')?.[0] ?? 1;
  memory
    .setText('device_type', 'memory')
    .setCells('reg', ...toCells(BigInt(dramBase), addressCells), ...toCells(BigInt(dramSize), sizeCells));
  const at = first < 0 ? root.children.length : first;
  root.children.splice(at, 0, memory);
  keepChildren(root, (node) => node === memory || !isMemory(node));
}

/** Removes the cores that the machine does not have. */
function limitCores(root: FdtNode, cores: number): void {
  const cpus = root.child('cpus');
  if (!cpus) return;
  keepChildren(cpus, (node) => node.text('device_type') !== 'cpu' || (node.cells('reg')?.at(-1) ?? 0) < cores);
}

function keepChildren(node: FdtNode, keep: (child: FdtNode) => boolean): void {
  node.children.splice(0, node.children.length, ...node.children.filter(keep));
}

/** Bytes of the seeds; the kernel asks for no more than 64 at first (Linux, drivers/of/fdt.c and kaslr_early.c). */
const rngSeedSize = 64;
const kaslrSeedSize = 8;

function fillChosen(chosen: FdtNode, { bootArguments, initrd, seed }: BootParameters): void {
  if (bootArguments !== undefined) chosen.setText('bootargs', bootArguments);
  if (initrd) {
    const { address, size } = initrd;
    chosen.setCells('linux,initrd-start', ...toCells(BigInt(address), 2));
    chosen.setCells('linux,initrd-end', ...toCells(BigInt(address + size), 2));
  }
  const random = new RandomBytes(seed ?? 0).bytes(kaslrSeedSize + rngSeedSize);
  // The board's boot loader gives no kaslr-seed, and one costs time: it makes Linux isolate its page tables (KPTI).
  if (seed !== undefined) chosen.properties.set('kaslr-seed', random.subarray(0, kaslrSeedSize));
  chosen.properties.set('rng-seed', random.subarray(kaslrSeedSize));
}
