/** What Domain-0 has for the story of the SMMU: configs, and the board's device tree, which has a DMA channel for a guest. */
import { FdtNode } from '../../../boot/fdt/fdt.ts';
import { writeFdt } from '../../../boot/fdt/writer.ts';
import { storyTreePath } from '../../xen/first-files.ts';

const channel = '/axi/dma-controller@fd500000';

const dma = `# A domain with a DMA channel of the board. On its console: copy, write FRAME, write FRAME COUNT
name   = "dma"
kernel = "/guests/dma.img"
memory = 16

vcpus  = 1
cpus   = "2"

iomem  = ["0xfd500,1"]       # the channel's registers
dtdev  = ["${channel}"]   # the SMMU translates what it reads and writes by this domain's tables
`;

const bare = `# The same domain without dtdev: nothing translates what its DMA channel reads and writes.
# With the SMMU on it then reaches nothing; with iommu=off it reaches the whole machine.
name   = "dma"
kernel = "/guests/dma.img"
memory = 16

vcpus  = 1
cpus   = "2"

iomem  = ["0xfd500,1"]       # the channel's registers
`;

const neighbour = `# Holds a text in the page of its console, and tells when somebody has changed it.
# Xen tells the machine's frame of that page:   xl debug-keys g; xl dmesg     (reference 0x000 of this domain)
name   = "neighbour"
kernel = "/guests/dma.img"
memory = 16
extra  = "watch=1"

vcpus  = 1
cpus   = "3"
`;

/** A board that has the SMMU on, and one DMA channel, which is for a guest. `words` are for Xen's command line. */
function tree(words: string): Uint8Array {
  const root = new FdtNode('').setCells('#address-cells', 2).setCells('#size-cells', 2).setCells('interrupt-parent', 1);
  root.addChild('chosen').setText('xen,xen-bootargs', words);
  const bus = root.addChild('axi').setCells('#address-cells', 2).setCells('#size-cells', 2).setFlag('ranges');
  bus
    .addChild('interrupt-controller@f9010000')
    .setCells('reg', 0, 0xf901_0000, 0, 0x1_0000)
    .setCells('#interrupt-cells', 3)
    .setCells('phandle', 1)
    .setFlag('interrupt-controller');
  bus
    .addChild('iommu@fd800000')
    .setText('compatible', 'arm,mmu-500')
    .setCells('reg', 0, 0xfd80_0000, 0, 0x2_0000)
    .setCells('interrupts', 0, 155, 4)
    .setCells('phandle', 2);
  bus
    .addChild(channel.slice(channel.lastIndexOf('/') + 1))
    .setCells('reg', 0, 0xfd50_0000, 0, 0x1000)
    .setCells('interrupts', 0, 124, 4)
    .setCells('iommus', 2, 0x14e8)
    .setFlag('xen,passthrough');
  return writeFdt({ bootCpu: 0, reservations: [], root });
}

export const smmuFiles: Readonly<Record<string, string | Uint8Array>> = {
  '/etc/xen/dma.cfg': dma,
  '/etc/xen/dma-bare.cfg': bare,
  '/etc/xen/neighbour.cfg': neighbour,
  [storyTreePath]: tree(''),
  '/boot/iommu-off.dtb': tree('iommu=off'),
};
