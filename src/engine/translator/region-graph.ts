import { analyseLiveness, type BlockLiveness } from './liveness.ts';
import type { Block, Region, Target } from './region.ts';
import { reloop, type Shape } from './relooper.ts';

/**
 * The graph of a region's function: entry dispatch, a stub for each label, the blocks, the hub of branches to registers;
 * if the region crosses pages, behind the hub a node for each entry, which finds the span's address.
 */
export class RegionGraph {
  readonly entry = 0;
  readonly hub: number;
  readonly shapes: readonly Shape[];
  readonly liveness: readonly BlockLiveness[];
  readonly usesHub: boolean;
  /**
   * Blocks at which the function can be entered, by label: the region's entries, and the blocks that check the budget,
   * where it may be resumed.
   */
  readonly labels: readonly number[];
  readonly #successors: readonly (readonly number[])[];

  constructor(readonly region: Region) {
    const { blocks, entries } = region;
    const targets = blocks.map(targetsInside);
    const checks = checksOf(region, targets);
    this.labels = [...new Set([...entries, ...checks.keys()])].slice(0, maxLabels);
    const { labels } = this;
    this.hub = 1 + labels.length + blocks.length;
    this.usesHub = blocks.some((b) => b.end.kind === 'indirect');
    this.#successors = [
      labels.map((_, i) => 1 + i),
      ...labels.map((block) => [this.node(block)]),
      ...targets.map((inside, i) =>
        blocks[i]?.end.kind === 'indirect' ? [this.hub] : inside.map((block) => this.node(block)),
      ),
      ...(this.usesHub ? this.#fromHub() : []),
    ];
    this.shapes = reloop(this.#successors, this.entry);
    this.liveness = analyseLiveness(this, checks);
  }

  /** Successors of the hub, and of the nodes behind it. */
  #fromHub(): number[][] {
    const { entries, crosses } = this.region;
    const blocks = entries.map((block) => this.node(block));
    return crosses ? [blocks.map((_, i) => this.hub + 1 + i), ...blocks.map((block) => [block])] : [blocks];
  }

  /** The node of a block. */
  node(block: number): number {
    return 1 + this.labels.length + block;
  }

  /** The block of a node, if it is one. */
  blockOf(node: number): number | undefined {
    const block = node - 1 - this.labels.length;
    return block >= 0 && block < this.region.blocks.length ? block : undefined;
  }

  /** Number of nodes. */
  get nodes(): number {
    return this.#successors.length;
  }

  successors(node: number): readonly number[] {
    return this.#successors[node] ?? [];
  }
}

/** The blocks of the region that a block branches or falls through to. */
function targetsInside({ end }: Block): number[] {
  const targets: number[] = [];
  const add = (target: Target): void => {
    if ('block' in target) targets.push(target.block);
  };
  if (end.kind === 'jump') add(end.target);
  else if (end.kind === 'conditional') {
    add(end.taken);
    add(end.next);
  }
  return targets;
}

/**
 * The blocks that check the budget, with the number of instructions that they need: the region's entries, targets of
 * backward branches, and blocks that cut long paths.
 */
function checksOf({ blocks, entries }: Region, targets: readonly (readonly number[])[]): Map<number, number> {
  const checking = new Set<number>(entries);
  targets.forEach((inside, i) => {
    for (const s of inside) if (s <= i) checking.add(s);
  });
  // Without edges to checking blocks, all edges go forward, so the longest paths are found from the last block to the
  // first.
  const lengths = new Array<number>(blocks.length).fill(0);
  for (let i = blocks.length - 1; i >= 0; i--) {
    const { length } = (blocks[i] as Block).instructions;
    let longest = 0;
    for (const s of targets[i] as readonly number[]) {
      if (checking.has(s)) continue;
      if (length + (lengths[s] as number) > longestPath) checking.add(s);
      else longest = Math.max(longest, lengths[s] as number);
    }
    lengths[i] = length + longest;
  }
  return new Map([...checking].map((block) => [block, lengths[block] as number]));
}

/**
 * About the most instructions between two checks of the budget; a quantum may end this much early in translated code.
 */
const longestPath = 64;

/** Fits CodePage.labelBits. */
const maxLabels = 1000;
