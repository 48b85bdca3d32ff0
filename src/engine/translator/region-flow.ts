import { addRegisters, effectsOf, noRegisters, type RegisterSet } from './liveness.ts';
import type { Block, Region, Target } from './region.ts';
import { type Shape, structure } from './relooper.ts';

/** What is known about a block's registers when its code is written. */
export interface BlockFlow {
  /** Registers that differ from their copies in memory when the block begins, and when it ends. */
  readonly dirtyIn: RegisterSet;
  readonly dirtyOut: RegisterSet;
  /** The same where it leaves in the middle: `dirtyIn` and what is written before the last such place. */
  readonly dirtyMiddle: RegisterSet;
  /** Registers whose values the block or those after it need from before. */
  readonly liveIn: RegisterSet;
  /** Whether an instruction of the block may leave to the interpreter. */
  readonly canLeave: boolean;
  /** Instructions that run at most from the block's beginning to the next check of the budget, if it checks. */
  readonly check: number | undefined;
}

/** The graph of a region's function: entry dispatch, a stub for each label, the blocks, the hub of branches to registers. */
export class RegionGraph {
  readonly entry = 0;
  readonly hub: number;
  readonly shapes: readonly Shape[];
  readonly flows: readonly BlockFlow[];
  readonly usesHub: boolean;
  /**
   * Blocks that the function can be entered at, by label: the region's entries, and where it checks the budget, since it
   * may have to be resumed there.
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
      ...(this.usesHub ? [entries.map((block) => this.node(block))] : []),
    ];
    this.shapes = structure(this.#successors, this.entry);
    this.flows = this.#analyse(checks);
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

  successors(node: number): readonly number[] {
    return this.#successors[node] ?? [];
  }

  #analyse(checks: ReadonlyMap<number, number>): BlockFlow[] {
    const { blocks } = this.region;
    const local = blocks.map(localEffects);
    const count = this.#successors.length;
    const sets = (): RegisterSet[] => Array.from({ length: count }, noRegisters);
    const dirtyIn = sets();
    const liveIn = sets();

    for (let changed = true; changed; ) {
      changed = false;
      for (let node = 0; node < count; node++) {
        const block = this.blockOf(node);
        for (const s of this.successors(node)) {
          const to = dirtyIn[s] as RegisterSet;
          if (addRegisters(to, dirtyIn[node] as RegisterSet)) changed = true;
          if (block !== undefined && addRegisters(to, (local[block] as LocalEffects).writes)) changed = true;
        }
      }
    }
    const union = (...parts: (RegisterSet | undefined)[]): RegisterSet => {
      const all = noRegisters();
      for (const part of parts) if (part) addRegisters(all, part);
      return all;
    };
    const flows = blocks.map((_, block) => {
      const node = this.node(block);
      const effects = local[block] as LocalEffects;
      const before = dirtyIn[node] as RegisterSet;
      return {
        dirtyIn: before,
        dirtyOut: union(before, effects.writes),
        dirtyMiddle: union(before, effects.writesBeforeLeaving),
        liveIn: liveIn[node] as RegisterSet,
        canLeave: effects.canLeave,
        check: checks.get(block),
      };
    });
    // What a way out of the region writes back, it needs.
    flows.forEach((flow, block) => {
      const live = flow.liveIn;
      const effects = local[block] as LocalEffects;
      addRegisters(live, effects.reads);
      if (flow.canLeave) addRegisters(live, flow.dirtyMiddle);
      if (flow.check !== undefined) addRegisters(live, flow.dirtyIn);
      if (leavesAtEnd(blocks[block] as Block)) addRegisters(live, flow.dirtyOut, effects.writes);
    });
    for (let changed = true; changed; ) {
      changed = false;
      for (let node = count - 1; node >= 0; node--) {
        const block = this.blockOf(node);
        for (const s of this.successors(node)) {
          const kill = block === undefined ? undefined : (local[block] as LocalEffects).writes;
          if (addRegisters(liveIn[node] as RegisterSet, liveIn[s] as RegisterSet, kill)) changed = true;
        }
      }
    }
    return flows;
  }
}

/** The blocks of the region that a block leads to itself. */
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
 * The blocks that check the budget, with the number of instructions that they need: entries of the region, targets of
 * backward branches, and places that cut long paths.
 */
function checksOf({ blocks, entries }: Region, targets: readonly (readonly number[])[]): Map<number, number> {
  const checking = new Set<number>(entries);
  targets.forEach((inside, i) => {
    for (const s of inside) if (s <= i) checking.add(s);
  });
  // Without the edges to those, blocks only lead forward: from the last to the first, each knows its longest path.
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

/** Instructions between two checks of the budget, at most about this many: what a quantum may end short of. */
const longestPath = 64;

/** Fits CodePage.labelBits. */
const maxLabels = 1000;

interface LocalEffects {
  /** Read before they are written. */
  readonly reads: RegisterSet;
  readonly writes: RegisterSet;
  readonly writesBeforeLeaving: RegisterSet;
  readonly canLeave: boolean;
}

function localEffects(block: Block): LocalEffects {
  const reads = noRegisters();
  const writes = noRegisters();
  const writesBeforeLeaving = noRegisters();
  let canLeave = false;
  // A system instruction works on registers in memory.
  const own = block.end.kind === 'system' ? block.instructions.slice(0, -1) : block.instructions;
  for (const instruction of own) {
    const effects = effectsOf(instruction);
    addRegisters(reads, effects.reads, writes);
    if (effects.canLeave) {
      canLeave = true;
      addRegisters(writesBeforeLeaving, writes);
    }
    addRegisters(writes, effects.writes);
  }
  return { reads, writes, writesBeforeLeaving, canLeave };
}

const isOutside = (target: Target): boolean => 'offset' in target;

const leavesAtEnd = ({ end }: Block): boolean => {
  switch (end.kind) {
    case 'jump':
      return isOutside(end.target);
    case 'conditional':
      return isOutside(end.taken) || isOutside(end.next);
    default:
      return true;
  }
};
