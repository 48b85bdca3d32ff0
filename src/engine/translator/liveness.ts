import { addRegisters, effectsOf, noRegisters, type RegisterSet } from './effects.ts';
import type { Block, Region, Target } from './region.ts';

/** What is known about a block's registers when its code is written. */
export interface BlockLiveness {
  /** Registers that differ from their copies in memory when the block begins, and when it ends. */
  readonly dirtyIn: RegisterSet;
  readonly dirtyOut: RegisterSet;
  /** The same where it can leave in the middle: `dirtyIn` and what is written before the last place to leave. */
  readonly dirtyMiddle: RegisterSet;
  /** Registers that are live when the block begins: it or a later block reads or stores their values. */
  readonly liveIn: RegisterSet;
  /** Whether an instruction of the block may leave to the interpreter. */
  readonly canLeave: boolean;
  /** The most instructions from here to the next check of the budget, if this block checks it. */
  readonly check: number | undefined;
}

/** The graph of a region, as far as liveness follows from it. */
interface FlowGraph {
  readonly region: Region;
  /** Number of nodes. */
  readonly nodes: number;
  node(block: number): number;
  blockOf(node: number): number | undefined;
  successors(node: number): readonly number[];
}

/**
 * Liveness of the registers in a region, block by block.
 * @param checks instructions up to the next check of the budget, for the blocks that check it
 */
export function analyseLiveness(graph: FlowGraph, checks: ReadonlyMap<number, number>): BlockLiveness[] {
  const { blocks } = graph.region;
  const local = blocks.map(localEffects);
  const count = graph.nodes;
  const sets = (): RegisterSet[] => Array.from({ length: count }, noRegisters);
  const dirtyIn = sets();
  const liveIn = sets();

  for (let changed = true; changed; ) {
    changed = false;
    for (let node = 0; node < count; node++) {
      const block = graph.blockOf(node);
      for (const s of graph.successors(node)) {
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
    const node = graph.node(block);
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
  // A way out of the region stores the dirty registers, so they are live.
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
      const block = graph.blockOf(node);
      for (const s of graph.successors(node)) {
        const kill = block === undefined ? undefined : (local[block] as LocalEffects).writes;
        if (addRegisters(liveIn[node] as RegisterSet, liveIn[s] as RegisterSet, kill)) changed = true;
      }
    }
  }
  return flows;
}

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

/** Whether control may leave the region on the way to a target. */
const isOutside = (target: Target): boolean => 'offset' in target || target.crosses;

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
