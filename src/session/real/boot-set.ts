/**
 * What a boot loader puts into memory for Xen: Xen itself, Dom0's kernel and RAM disk as modules, and the board's device tree
 * that names them (Xen, docs/misc/arm/device-tree/booting.txt; U-Boot and ImageBuilder do the same).
 */
import { err, type Result } from '../../base/result.ts';
import { type ArchiveFile, ramdisk } from '../../boot/cpio.ts';
import { copyNode, type FdtNode, toCells } from '../../boot/fdt/fdt.ts';
import { readFdt } from '../../boot/fdt/reader.ts';
import { writeFdt } from '../../boot/fdt/writer.ts';
import type { BootPlan, NamedFile } from '../../boot/loader.ts';
import { planBoot } from '../../boot/loader.ts';
import { boardTree } from '../../soc/board/device-tree.ts';
import { dramBase } from '../../soc/board/map.ts';
import type { RealXen, XenRequest } from '../api/boot.ts';

/** Modules begin at multiples of 2 MiB, as an arm64 Image has to (Linux, Documentation/arm64/booting.rst). */
const alignment = 2 ** 21;

/** Words of Xen's command line before those of the user, of which the last counts. */
const xenWords =
  'console=dtuart dtuart=serial0 dom0_mem=512M dom0_max_vcpus=2 bootscrub=0 sched=credit loglvl=all guest_loglvl=all';
const dom0Words = 'console=hvc0 clk_ignore_unused rdinit=/init';

/**
 * Decides where all goes.
 * @param files of Dom0, laid over those of its RAM disk
 */
export function planBootSet(
  { machine, commandLine }: XenRequest,
  { xen, kernel, deviceTree, ramdisks }: RealXen,
  files: readonly ArchiveFile[],
): Result<BootPlan> {
  const size = machine.memoryMiB * 2 ** 20;
  const root: NamedFile = {
    name: 'RAM disk of Domain-0',
    bytes: ramdisk(
      ramdisks.map(({ bytes }) => bytes),
      files,
    ),
  };
  const kernelAt = dramBase + Math.floor(size / 4 / alignment) * alignment;
  const rootAt = kernelAt + Math.ceil((kernel.bytes.length + 2 ** 24) / alignment) * alignment;
  const read = readFdt(deviceTree.bytes);
  if (!read.ok) return err(`${deviceTree.name} ${read.error}.`);
  const tree = { ...read.value, root: copyNode(read.value.root) };
  const chosen = tree.root.ensureChild('chosen');
  chosen.properties.delete('bootargs');
  chosen
    .setCells('#address-cells', 2)
    .setCells('#size-cells', 2)
    .setText('xen,xen-bootargs', `${xenWords} ${commandLine}`.trim())
    .setText('xen,dom0-bootargs', dom0Words);
  addModule(chosen, 'multiboot,kernel', kernelAt, kernel.bytes.length);
  addModule(chosen, 'multiboot,ramdisk', rootAt, root.bytes.length);
  return planBoot(
    {
      kernel: xen,
      deviceTree: { name: deviceTree.name, bytes: writeFdt(tree) },
      placed: [
        { address: BigInt(kernelAt), file: kernel },
        { address: BigInt(rootAt), file: root },
      ],
    },
    { base: dramBase, size, cores: machine.cpus, builtInTree: boardTree },
  );
}

function addModule(chosen: FdtNode, kind: string, address: number, size: number): void {
  chosen
    .addChild(`module@${address.toString(16)}`)
    .setText('compatible', kind, 'multiboot,module')
    .setCells('reg', ...toCells(BigInt(address), 2), ...toCells(BigInt(size), 2));
}
