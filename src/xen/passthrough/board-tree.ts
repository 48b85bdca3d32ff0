/** What Dom0 has of a board by its device tree: the tree is walked as Xen walks it to build Dom0 (docs/xen/passthrough.md). */
import { err, ok, type Result } from '../../base/result.ts';
import type { FdtNode } from '../../boot/fdt/fdt.ts';
import { readFdt } from '../../boot/fdt/reader.ts';
import { gic } from '../machine/gic.ts';
import { pageSize } from '../machine/machine.ts';
import { serialBase } from '../machine/serial.ts';
import {
  type BoardDevices,
  type BoardInterrupt,
  type BoardMaster,
  type BoardSmmu,
  type FrameRun,
  frameRuns,
} from './board-devices.ts';

/** Nodes that Dom0 does not see, with all that is below them. */
const hidden: ReadonlySet<string> = new Set([
  'xen,xen',
  'xen,multiboot-module',
  'multiboot,module',
  'arm,psci',
  'arm,psci-0.2',
  'arm,psci-1.0',
  'arm,cortex-a7-pmu',
  'arm,cortex-a15-pmu',
  'arm,cortex-a53-edac',
  'arm,armv8-pmuv3',
  'arm,armv7-timer-mem',
  'arm,armv7-timer',
  'arm,armv8-timer',
  'arm,mmu-400',
  'arm,mmu-401',
  'arm,mmu-500',
  'arm,smmu-v1',
  'arm,smmu-v2',
  'cavium,smmu-v2',
]);
const firstPrivate = 16;
const firstShared = 32;

/** A node with the nodes above it, from its parent to the root. */
type Path = readonly [node: FdtNode, ...above: FdtNode[]];

/** Reads the board's tree. The error is a sentence's rest, after the name of the file. */
export const readBoardTree = (bytes: Uint8Array): Result<BoardDevices> => {
  const tree = readFdt(bytes);
  if (!tree.ok) return tree;
  const walk = new Walk(tree.value.root);
  if (!walk.hasController) return err('has no interrupt controller at the address of the board’s GIC');
  const failed = walk.handle([tree.value.root]);
  if (failed !== null) return err(`makes Xen stop while it builds Domain-0: ${failed}`);
  const commandLine = tree.value.root.child('chosen')?.text('xen,xen-bootargs') ?? '';
  return ok({ commandLine, smmu: walk.smmu(), interrupts: walk.interrupts, frames: frameRuns(walk.frames) });
};

/** One pass over the tree. */
class Walk {
  readonly interrupts = new Map<number, BoardInterrupt>();
  readonly frames: FrameRun[] = [];
  private readonly all: readonly Path[];
  private readonly byPhandle = new Map<number, Path>();
  private readonly controller: FdtNode | undefined;

  constructor(root: FdtNode) {
    const all: Path[] = [];
    const visit = (path: Path): void => {
      all.push(path);
      for (const child of path[0].children) visit([child, ...path]);
    };
    visit([root]);
    this.all = all;
    for (const path of all) {
      const [handle] = path[0].cells('phandle') ?? path[0].cells('linux,phandle') ?? [];
      if (handle !== undefined) this.byPhandle.set(handle, path);
    }
    const isGic = (path: Path): boolean =>
      path[0].properties.has('interrupt-controller') && addressesOf(path)?.[0]?.base === BigInt(gic.distributor);
    this.controller = all.find(isGic)?.[0];
  }

  get hasController(): boolean {
    return this.controller !== undefined;
  }

  /** Gives Dom0 a node and those below it. Returns what Xen cannot do, or null. */
  handle(path: Path): string | null {
    const [node, parent] = path;
    const { name } = node;
    if (node === this.controller || isHidden(node, parent)) return null;
    const addresses = addressesOf(path);
    if (addresses === null) return `an address of ${name} is not one of the bus above it`;
    if (addresses.some(({ base }) => base === BigInt(serialBase))) return null; // Xen's console
    const own = this.interruptsOf(path);
    if (own === null) return `an interrupt of ${name} has no controller`;
    if (own.some(({ id }) => id >= firstPrivate && id < firstShared)) return null;
    const isRouted = !node.properties.has('xen,passthrough');
    const isBridge = node.text('device_type') === 'pci';
    const mapped = isBridge ? this.mappedBy(node) : [];
    for (const { id, isEdge } of [...own, ...mapped]) {
      const known = this.interrupts.get(id);
      this.interrupts.set(id, { isEdge: known?.isEdge ?? isEdge, isRouted: isRouted || (known?.isRouted ?? false) });
    }
    if (parent?.name !== 'reserved-memory') {
      for (const { base, size } of [...addresses, ...(isBridge ? windowsOf(path) : [])]) {
        const end = base + size - 1n;
        this.frames.push([base / frame, (end + frame - 1n) / frame]);
      }
    }
    for (const child of node.children) {
      const failed = this.handle([child, ...path]);
      if (failed !== null) return failed;
    }
    return null;
  }

  /** The SMMU that Xen uses, with the nodes that name it in `iommus`, whose cells are a phandle and a stream ID. */
  smmu(): BoardSmmu | null {
    const found = this.all.find(
      ([node]) => /^(|ok|okay)$/.test(node.text('status') ?? '') && stringsOf(node, 'compatible').some(isSmmu),
    );
    if (!found) return null;
    const [handle] = found[0].cells('phandle') ?? [];
    const masters = new Map<string, BoardMaster>();
    for (const path of this.all) {
      const cells = path[0].cells('iommus') ?? [];
      const streams = cells.flatMap((cell, i) => (i % 2 === 1 && cells[i - 1] === handle ? [cell] : []));
      if (streams.length === 0) continue;
      masters.set(fullName(path), { streams, isForGuests: path[0].properties.has('xen,passthrough') });
    }
    return { path: fullName(found), nodes: new Set(this.all.map(fullName)), masters };
  }

  /** Interrupts of a node at the GIC; null if one has no controller. */
  private interruptsOf(path: Path): Line[] | null {
    const extended = path[0].cells('interrupts-extended');
    if (extended) {
      const lines: Line[] = [];
      for (let at = 0; at < extended.length; ) {
        const controller = this.byPhandle.get(extended[at] as number)?.[0];
        const [count] = controller?.cells('#interrupt-cells') ?? [];
        if (!controller || count === undefined) return null;
        lines.push(...this.interruptOf(controller, extended.slice(at + 1, at + 1 + count)));
        at += 1 + count;
      }
      return lines;
    }
    const cells = path[0].cells('interrupts');
    if (!cells) return [];
    const controller = this.interruptParent(path);
    const [count] = controller?.cells('#interrupt-cells') ?? [];
    if (!controller || !count) return [];
    const lines: Line[] = [];
    for (let at = 0; at + count <= cells.length; at += count)
      lines.push(...this.interruptOf(controller, cells.slice(at, at + count)));
    return lines;
  }

  /** The interrupts at the GIC in the interrupt map of a PCI bridge. */
  private mappedBy(node: FdtNode): Line[] {
    const map = node.cells('interrupt-map') ?? [];
    const skipped = cellsOf(node, '#address-cells') + (node.cells('#interrupt-cells')?.[0] ?? 1);
    const lines: Line[] = [];
    for (let at = skipped; at < map.length; ) {
      const controller = this.byPhandle.get(map[at] as number)?.[0];
      const [count] = controller?.cells('#interrupt-cells') ?? [];
      if (!controller || count === undefined) return lines;
      const start = at + 1 + (controller.cells('#address-cells')?.[0] ?? 0);
      lines.push(...this.interruptOf(controller, map.slice(start, start + count)));
      at = start + count + skipped;
    }
    return lines;
  }

  private interruptParent(path: Path): FdtNode | undefined {
    let at: Path | undefined = path;
    do {
      const handle: number | undefined = at[0].cells('interrupt-parent')?.[0];
      at = handle === undefined ? above(at) : this.byPhandle.get(handle);
    } while (at && !at[0].properties.has('#interrupt-cells'));
    return at?.[0];
  }

  /** The interrupt that a specifier means: none if it is one of another controller than the GIC. */
  private interruptOf(controller: FdtNode, [kind, number = 0, flags = 0]: readonly number[]): Line[] {
    if (controller !== this.controller) return [];
    return [{ id: number + (kind === 0 ? firstShared : firstPrivate), isEdge: (flags & edges) !== 0 }];
  }
}

interface Line {
  readonly id: number;
  readonly isEdge: boolean;
}

interface Region {
  readonly base: bigint;
  readonly size: bigint;
}

const frame = BigInt(pageSize);
/** Of a specifier's flags: rising or falling edge. */
const edges = 3;

const isHidden = (node: FdtNode, parent: FdtNode | undefined): boolean =>
  (node.name === 'cpus' && parent?.name === '') ||
  node.text('device_type') === 'memory' ||
  stringsOf(node, 'compatible').some((text) => hidden.has(text));

const isSmmu = (text: string): boolean => /^(arm,(mmu-(400|401|500)|smmu-v[12])|cavium,smmu-v2)$/.test(text);

const fullName = (path: Path): string =>
  path.length === 1
    ? '/'
    : [...path]
        .reverse()
        .map(({ name }) => name)
        .join('/');

const stringsOf = (node: FdtNode, property: string): string[] =>
  new TextDecoder().decode(node.properties.get(property) ?? new Uint8Array()).split('\0');

const above = ([, ...rest]: Path): Path | undefined => {
  const [parent, ...others] = rest;
  return parent && [parent, ...others];
};

const cellsOf = (node: FdtNode | undefined, what: '#address-cells' | '#size-cells'): number =>
  node?.cells(what)?.[0] ?? (what === '#address-cells' ? 2 : 1);

/** The addresses of a node as the board sees them; null if one is not on the bus above it. */
const addressesOf = (path: Path): Region[] | null => {
  const [node, parent] = path;
  // A node without `ranges` is not a bus.
  if (!parent || (parent.name !== '' && !parent.properties.has('ranges'))) return [];
  const cells = node.cells(parent.text('device_type') === 'pci' ? 'assigned-addresses' : 'reg');
  const na = cellsOf(parent, '#address-cells');
  const ns = cellsOf(parent, '#size-cells');
  if (!cells || na < 1 || na > 4 || ns < 1) return [];
  const regions: Region[] = [];
  for (let at = 0; at + na + ns <= cells.length; at += na + ns) {
    const base = translate(path, cells.slice(at, at + na));
    if (base === null) return null;
    regions.push({ base, size: toNumber(cells.slice(at + na, at + na + ns)) });
  }
  return regions;
};

/** An address on the bus above a node as the board sees it; null if a bus on the way does not pass it on. */
const translate = (path: Path, address: readonly number[]): bigint | null => {
  let number = toNumber(address);
  let bus = above(path);
  let next = bus && above(bus);
  for (; bus && next; bus = next, next = above(bus)) {
    const ranges = bus[0].cells('ranges');
    if (!ranges) return null;
    if (ranges.length === 0) continue;
    const from = number;
    const entry = entriesOf(bus[0], next[0], ranges).find(
      ({ child, size }) => from >= toNumber(child) && from < toNumber(child) + size,
    );
    if (!entry) return null;
    number = from - toNumber(entry.child) + toNumber(entry.parent);
  }
  return number;
};

const entriesOf = (bus: FdtNode, parent: FdtNode, ranges: readonly number[]) => {
  const na = cellsOf(bus, '#address-cells');
  const pna = cellsOf(parent, '#address-cells');
  const each = na + pna + cellsOf(bus, '#size-cells');
  return Array.from({ length: Math.floor(ranges.length / each) }, (_, i) => {
    const entry = ranges.slice(i * each, (i + 1) * each);
    return { child: entry.slice(0, na), parent: entry.slice(na, na + pna), size: toNumber(entry.slice(na + pna)) };
  });
};

/** The windows of a PCI bridge. */
const windowsOf = (path: Path): Region[] => {
  const [node, parent] = path;
  if (parent === undefined) return [];
  return entriesOf(node, parent, node.cells('ranges') ?? []).flatMap(({ parent: to, size }) => {
    const base = translate(path, to);
    return base === null ? [] : [{ base, size }];
  });
};

const toNumber = (cells: readonly number[]): bigint =>
  BigInt.asUintN(
    64,
    cells.reduce((sum, cell) => (sum << 32n) | BigInt(cell), 0n),
  );
