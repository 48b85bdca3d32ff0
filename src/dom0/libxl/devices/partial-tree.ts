/** The partial device tree of `device_tree`, and libxl's words about one that it cannot use (docs/xen/passthrough.md). */

import { err, ok, type Result } from '../../../base/result.ts';
import { copyNode, type FdtNode } from '../../../boot/fdt/fdt.ts';
import { FDT_MAGIC, Header, headerSize } from '../../../boot/fdt/format.ts';
import { readFdt } from '../../../boot/fdt/reader.ts';

/** The nodes that libxl copies into the guest's tree. */
export interface PartialTree {
  readonly passthrough: FdtNode;
  readonly aliases: FdtNode | null;
}

/** What a path holds: a file's bytes, or why there are none. */
export type PartialFile = Uint8Array | 'missing' | 'directory';

/** Reads a partial tree. The error is libxl's lines, the last of which names what has failed. */
export const readPartialTree = (path: string, file: PartialFile): Result<PartialTree, string[]> => {
  const where = (place: string): string => `libxl: error: libxl_arm.c:${place}: `;
  const dom = (reason: string): string =>
    `libxl: error: libxl_dom.c:575:libxl__build_dom: libxl__arch_domain_init_hw_description failed: ${reason}`;
  const noFile = 'No such file or directory';
  const unread = `${where('1156:libxl__prepare_dtb')}failed to read the partial device file ${path}: `;
  if (file === 'missing') return err([unread + noFile, dom(noFile)]);
  if (file === 'directory') {
    const reason = 'Inappropriate ioctl for device';
    const plain = `libxl: error: libxl_utils.c:346:libxl_read_file_contents: ${path} is not a plain file: ${noFile}`;
    return err([plain, unread + reason, dom(reason)]);
  }
  const bad = (place: string, what: string): Result<never, string[]> => err([where(place) + what, dom(noFile)]);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 4 || view.getUint32(0) !== FDT_MAGIC)
    return bad('977:check_partial_fdt', 'Partial FDT is not a valid Flat Device Tree');
  // -FDT_ERR_BADSTATE and so on are numbers of libfdt.
  if (file.length < headerSize) return bad('983:check_partial_fdt', 'Failed to check the partial FDT (-10)');
  if (view.getUint32(Header.totalsize) > file.length)
    return bad('988:check_partial_fdt', 'Partial FDT totalsize is too big');
  const tree = readFdt(file);
  if (!tree.ok) return bad('983:check_partial_fdt', 'Failed to check the partial FDT (-10)');
  const { root } = tree.value;
  const passthrough = root.child('passthrough');
  if (!passthrough) {
    return err([
      `${where('1088:copy_partial_fdt')}Can't copy the node "/passthrough" from the partial FDT`,
      `${where('1258:libxl__prepare_dtb')}FDT: copy_partial_fdt(gc, fdt, pfdt) failed: -1 = FDT_ERR_NOTFOUND`,
      dom(noFile),
    ]);
  }
  return ok({ passthrough, aliases: root.child('aliases') ?? null });
};

/** Adds the partial tree's nodes to a guest's. */
export const addPartialTree = (root: FdtNode, { passthrough, aliases }: PartialTree): void => {
  root.children.push(copyNode(passthrough), ...(aliases ? [copyNode(aliases)] : []));
};
