import { CodePage, CodeTlb, Core } from '../../a64/layout.ts';
import type { RuntimeFunction } from '../../a64/runtime.ts';
import { assert, defined } from '../../base/assert.ts';
import type { Code, Label, Local } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64 } from '../../wasm/expr.ts';
import { blockSizeLog2 } from '../code/code-cache.ts';
import { Arrival, codeSlot, enterTranslation, lookUp, returnToLoop } from '../code/dispatch.ts';
import { codeTlbEntry } from '../code/tlb.ts';
import { BlockEmitter, type InstructionEnd, type Placement, RegionFrame } from './block-emitter.ts';
import type { RegisterSet } from './effects.ts';
import type { BlockLiveness } from './liveness.ts';
import { type Block, pageOf, type Target } from './region.ts';
import type { RegionGraph } from './region-graph.ts';
import { onDemand } from './register-locals.ts';
import type { Shape } from './relooper.ts';

/**
 * Code that stores registers and leaves: to the interpreter, to dispatch, or to the translation of an entry if it has
 * one.
 */
interface WayOut {
  readonly kind: 'interpret' | 'dispatch' | 'linked';
  readonly stores: RegisterSet;
  readonly label: Label;
}

/** How to get to a node: the label, and its number among the entries of the loop that begins there. */
interface Way {
  readonly label: Label;
  readonly number: number;
}

/**
 * Writes a region as one WebAssembly function. Registers and flags live in locals; they are loaded where the region is
 * entered and stored where it is left. Faults, devices, traps and the last instructions of a quantum leave to the
 * interpreter, which executes the instruction from its beginning.
 */
export class RegionEmitter {
  readonly #code: Code;
  readonly #graph: RegionGraph;
  readonly #placement: Placement;
  readonly #frame: RegionFrame;
  readonly #cpu: I32;
  readonly #blocks: BlockEmitter;
  readonly #budget: Local<'i32'>;
  /** Offset in the block of the instruction that leaves in the middle. */
  readonly #leaving: () => Local<'i32'>;
  /** The entry at which the next loop begins, 0 for its head; and the entry that a branch to a register goes to. */
  readonly #loopEntry: () => Local<'i32'>;
  readonly #hubEntry: () => Local<'i32'>;
  readonly #ways = new Map<number, Way>();
  /**
   * Where a way out leads: an offset in the span for the interpreter, else an address and its entry (see Placement).
   */
  readonly #resumption: () => Local<'i32'>;
  readonly #destination: () => Local<'i64'>;
  readonly #entryAddress: () => Local<'i32'>;
  readonly #waysOut = new Map<string, WayOut>();

  #leave: Label | undefined;

  constructor(code: Code, graph: RegionGraph, placement: Placement) {
    this.#code = code;
    this.#graph = graph;
    this.#placement = placement;
    this.#frame = new RegionFrame(code, placement);
    this.#cpu = this.#frame.cpu;
    this.#blocks = new BlockEmitter(this.#frame, (index) => this.#leaveBlock(index));
    this.#budget = code.paramLocal('i32', 3);
    this.#leaving = onDemand(code, 'i32');
    this.#loopEntry = onDemand(code, 'i32');
    this.#hubEntry = onDemand(code, 'i32');
    this.#resumption = onDemand(code, 'i32');
    this.#destination = onDemand(code, 'i64');
    this.#entryAddress = onDemand(code, 'i32');
  }

  /** Writes the whole function. */
  static generate(code: Code, graph: RegionGraph, placement: Placement): void {
    const region = new RegionEmitter(code, graph, placement);
    const { span, context, cpu } = region.#frame;
    const size = graph.region.span.block ? 1 << blockSizeLog2 : 4096;
    code.set(span, i64.and(code.param('i64', 2), i64.const(-size)));
    if (graph.region.crosses || graph.liveness.some((block) => block.canLeave))
      code.set(context(), i64.load(cpu, Core.context));
    region.#openWaysOut();
    region.#sequence(graph.shapes, () => {});
    code.unreachable();
    region.#closeWaysOut();
  }

  /**
   * There are many ways out, and neighbouring blocks store the same registers there. Each kind and set of registers has
   * one piece of code, after all blocks.
   */
  #openWaysOut(): void {
    const { region, liveness } = this.#graph;
    liveness.forEach((flow, i) => {
      if (flow.check !== undefined) this.#openWayOut('interpret', flow.dirtyIn);
      if (flow.canLeave) this.#openWayOut('interpret', flow.dirtyMiddle);
      const { start, end } = region.blocks[i] as Block;
      const targets = end.kind === 'jump' ? [end.target] : end.kind === 'conditional' ? [end.taken, end.next] : [];
      for (const target of targets) {
        if ('offset' in target) this.#openWayOut(this.#wayTo(target.offset, start), flow.dirtyOut);
        else if (target.crosses) this.#openWayOut('dispatch', flow.dirtyOut);
      }
      if (end.kind === 'indirect') this.#openWayOut('dispatch', flow.dirtyOut);
      if (end.kind === 'interpret') this.#openWayOut('interpret', flow.dirtyOut);
    });
  }

  #openWayOut(kind: WayOut['kind'], stores: RegisterSet): void {
    const key = keyOf(kind, stores);
    if (!this.#waysOut.has(key)) this.#waysOut.set(key, { kind, stores, label: this.#code.openBlock() });
  }

  #closeWaysOut(): void {
    const code = this.#code;
    for (const { kind, stores } of [...this.#waysOut.values()].reverse()) {
      code.end();
      this.#frame.registers.store(this.#cpu, stores);
      if (kind === 'interpret') {
        this.#leaveAt(i64.add(code.get(this.#frame.span), i64.extend_s(code.get(this.#resumption()))));
        returnToLoop(code, this.#cpu, Arrival.next);
        continue;
      }
      const pc = code.get(this.#destination());
      if (kind === 'linked') {
        const entry = i32.load(code.get(this.#entryAddress()));
        enterTranslation(code, entry, { cpu: this.#cpu, pc, budget: code.get(this.#budget) });
      }
      code.returnCall(this.#placement.dispatch, [this.#cpu, pc, code.get(this.#budget)]);
    }
  }

  #goOut(kind: WayOut['kind'], stores: RegisterSet): void {
    this.#code.br(defined(this.#waysOut.get(keyOf(kind, stores)), 'way out').label);
  }

  /** Leaves to the interpreter at an offset of the span. */
  #interpretAt(stores: RegisterSet, offset: I32): void {
    this.#code.set(this.#resumption(), offset);
    this.#goOut('interpret', stores);
  }

  /**
   * Address of the entry for an offset outside the region, or 0 if its page has no table or is not mapped together with
   * that of `from`.
   */
  #entryOf(offset: number, from: number): number {
    const together = this.#graph.region.span.block || pageOf(offset) === pageOf(from);
    return together ? this.#placement.entryAddress(offset) : 0;
  }

  #wayTo(offset: number, from: number): 'linked' | 'dispatch' {
    return this.#entryOf(offset, from) === 0 ? 'dispatch' : 'linked';
  }

  // Control flow

  /**
   * Writes shapes in order. A WebAssembly block ends before each shape but the first, as the target of forward jumps.
   */
  #sequence(shapes: readonly Shape[], before: () => void): void {
    const code = this.#code;
    const labels: Label[] = [];
    for (let i = shapes.length - 1; i > 0; i--) labels[i] = code.openBlock();
    shapes.forEach((shape, i) => {
      const label = labels[i];
      if (!label) return;
      if (shape.kind === 'loop') this.#setWays(shape.entries, label);
      else this.#ways.set(shape.node, { label, number: 0 });
    });
    before();
    shapes.forEach((shape, i) => {
      if (i > 0) code.end();
      if (shape.kind === 'node') this.#node(shape.node);
      else this.#loop(shape.entries, shape.body);
    });
  }

  /** Writes a loop, which #loopEntry can start at another node than its head. */
  #loop(entries: readonly number[], body: readonly Shape[]): void {
    const code = this.#code;
    const [head, ...others] = entries;
    this.#ways.set(head as number, { label: code.openLoop(), number: 0 });
    this.#sequence(body, () => {
      if (others.length === 0) return;
      code.if(code.get(this.#loopEntry()), () => {
        const entry = code.permanentLocal('i32');
        code.set(entry, i32.sub(code.get(this.#loopEntry()), i32.const(1)));
        code.set(this.#loopEntry(), i32.const(0));
        this.#choose(code.get(entry), others);
      });
    });
    code.end();
  }

  #setWays(entries: readonly number[], label: Label): void {
    entries.forEach((node, number) => {
      this.#ways.set(node, { label, number });
    });
  }

  #go(node: number): void {
    const way = defined(this.#ways.get(node), `way to node ${node}`);
    if (way.number !== 0) this.#code.set(this.#loopEntry(), i32.const(way.number));
    this.#code.br(way.label);
  }

  #node(node: number): void {
    const code = this.#code;
    const graph = this.#graph;
    const block = graph.blockOf(node);
    if (block !== undefined)
      this.#blockNode(graph.region.blocks[block] as Block, graph.liveness[block] as BlockLiveness);
    else if (node === graph.entry) this.#choose(code.param('i32', 1), graph.successors(node));
    else if (node === graph.hub) this.#choose(code.get(this.#hubEntry()), graph.successors(node));
    else {
      const target = graph.successors(node)[0] as number;
      if (node > graph.hub) {
        this.#setSpan(code.get(this.#destination()), target);
        this.#go(target);
        return;
      }
      if (graph.region.crosses) this.#setSpan(code.param('i64', 2), target);
      this.#frame.registers.load(this.#cpu, (graph.liveness[graph.blockOf(target) as number] as BlockLiveness).liveIn);
      this.#go(target);
    }
  }

  /** Finds the span's address from an address in the page of a block's node. */
  #setSpan(address: I64, node: number): void {
    const graph = this.#graph;
    const { start } = graph.region.blocks[graph.blockOf(node) as number] as Block;
    const page = i64.and(address, i64.const(-4096));
    this.#code.set(this.#frame.span, i64.sub(page, i64.const(4096 * pageOf(start))));
  }

  /** Goes to one of several nodes by number. */
  #choose(number: I32, nodes: readonly number[]): void {
    const code = this.#code;
    if (nodes.length === 1) {
      this.#go(nodes[0] as number);
      return;
    }
    const labels = nodes.map(() => code.openBlock()).reverse();
    code.brTable(number, labels, labels[0] as Label);
    for (const node of nodes) {
      code.end();
      this.#go(node);
    }
  }

  // Blocks

  #blockNode(block: Block, flow: BlockLiveness): void {
    const code = this.#code;
    this.#blocks.beginBlock(block.start);
    const length = block.instructions.length;
    if (flow.check !== undefined) {
      code.unlikely(i32.lt_s(code.get(this.#budget), i32.const(flow.check)), () => {
        this.#interpretAt(flow.dirtyIn, i32.const(block.start));
      });
    }
    if (length > 0) code.set(this.#budget, i32.sub(code.get(this.#budget), i32.const(length)));
    if (flow.canLeave) this.#leave = code.openBlock();
    block.instructions.forEach((instruction, i) => {
      code.scope(() => {
        const end = this.#blocks.write(instruction, i);
        if (i === length - 1) this.#end(block, flow, end);
      });
    });
    if (length === 0) this.#end(block, flow, undefined);
    if (flow.canLeave) {
      code.end();
      const done = i32.shr_u(code.get(this.#leaving()), i32.const(2));
      code.set(this.#budget, i32.add(code.get(this.#budget), i32.sub(i32.const(length), done)));
      this.#interpretAt(flow.dirtyMiddle, i32.add(code.get(this.#leaving()), i32.const(block.start)));
    }
  }

  /** Writes how a block ends; `last` is the end of its last instruction. */
  #end(block: Block, flow: BlockLiveness, last: InstructionEnd | undefined): void {
    const { end } = block;
    switch (end.kind) {
      case 'jump':
        this.#goTo(end.target, block, flow);
        break;
      case 'conditional':
        assert(last?.kind === 'branchIf', 'a conditional branch ends the block');
        this.#code.if(last.condition, () => this.#goTo(end.taken, block, flow));
        this.#goTo(end.next, block, flow);
        break;
      case 'indirect':
        assert(last?.kind === 'branchTo', 'a branch to a register ends the block');
        this.#goIndirect(block, flow, last.target);
        break;
      case 'system':
        assert(last?.kind === 'system', 'a system instruction ends the block');
        this.#goBySystem(block, flow, last.run);
        break;
      case 'interpret':
        this.#interpretAt(flow.dirtyOut, i32.const(block.start + 4 * block.instructions.length));
        break;
    }
  }

  #goTo(target: Target, from: Block, flow: BlockLiveness): void {
    const code = this.#code;
    const addressOf = (offset: number): I64 => i64.add(code.get(this.#frame.span), i64.const(offset));
    if ('block' in target) {
      const { start } = this.#graph.region.blocks[target.block] as Block;
      if (target.crosses)
        code.unlikely(i32.eqz(this.#isMapped(start)), () => {
          code.set(this.#destination(), addressOf(start));
          this.#goOut('dispatch', flow.dirtyOut);
        });
      this.#go(this.#graph.node(target.block));
      return;
    }
    code.set(this.#destination(), addressOf(target.offset));
    const entry = this.#entryOf(target.offset, from.start);
    if (entry !== 0) code.set(this.#entryAddress(), i32.const(entry));
    this.#goOut(this.#wayTo(target.offset, from.start), flow.dirtyOut);
  }

  /** Whether the instruction TLB still has the page of an offset where it was when the code was translated. */
  #isMapped(offset: number): I32 {
    const code = this.#code;
    const page = defined(this.#graph.region.span.pageAt(offset), 'page of a block');
    const context = code.get(this.#frame.context());
    const address = code.let(i64.add(code.get(this.#frame.span), i64.const(4096 * pageOf(offset))));
    const entry = code.let(codeTlbEntry(this.#cpu, i32.wrap(address), i32.wrap(context)));
    const tag = i64.load(entry, Core.codeTlb + CodeTlb.tag);
    const mapped = i32.load(entry, Core.codeTlb + CodeTlb.physicalPage);
    return i32.and(i64.eq(i64.or(address, context), tag), i32.eq(mapped, i32.const(page)));
  }

  #goIndirect(block: Block, flow: BlockLiveness, targetLocal: Local<'i64'>): void {
    const code = this.#code;
    const graph = this.#graph;
    const target = code.get(targetLocal);
    const page = block.start & ~4095;
    const entries = this.#placement.entryAddress(page);
    if (graph.region.crosses) {
      const { entry, hits } = lookUp(code, this.#cpu, target);
      code.if(hits, () => this.#goToHub(target, i32.load(codeSlot(code, target, entry))));
    } else if (entries !== 0) {
      // If the target is an entry of this region in the same page, registers can stay in their locals.
      const offset = code.let(i64.sub(target, i64.add(code.get(this.#frame.span), i64.const(page))));
      code.if(i64.lt_u(offset, i64.const(4096)), () => {
        const aligned = i32.eqz(i32.and(i32.wrap(offset), i32.const(3)));
        const at = i32.add(i32.const(entries), i32.and(i32.wrap(offset), i32.const(4092)));
        code.if(aligned, () => this.#goToHub(target, i32.load(at)));
      });
    }
    code.set(this.#destination(), target);
    this.#goOut('dispatch', flow.dirtyOut);
  }

  /** Goes on in this region if an address, whose word of CodePage is given, is one of its entries. */
  #goToHub(address: I64, word: I32): void {
    const code = this.#code;
    const { hub } = this.#graph;
    const entry = code.let(word);
    const own = i32.eq(i32.shr_s(entry, i32.const(CodePage.labelBits)), i32.const(this.#placement.slot));
    const label = code.let(i32.and(entry, i32.const((1 << CodePage.labelBits) - 1)));
    const isEntry = i32.lt_u(label, i32.const(this.#graph.successors(hub).length));
    code.if(i32.and(own, isEntry), () => {
      if (this.#graph.region.crosses) code.set(this.#destination(), address);
      code.set(this.#hubEntry(), label);
      this.#go(hub);
    });
  }

  /** Lets the runtime function of a system instruction, the block's last, say where to go on. */
  #goBySystem(block: Block, flow: BlockLiveness, run: RuntimeFunction<'i32'>): void {
    const code = this.#code;
    const { table, execute } = this.#placement;
    this.#frame.registers.store(this.#cpu, flow.dirtyOut);
    code.set(this.#budget, i32.add(code.get(this.#budget), i32.const(1)));
    this.#leaveAt(this.#blocks.pc());
    const { word } = defined(block.instructions.at(-1), 'system instruction');
    code.returnCall(execute, [this.#cpu, i32.const(word), i32.const(table.runtime(run))]);
  }

  /** Stores pc and the budget; registers have been stored before. */
  #leaveAt(pc: I64): void {
    this.#code.store(this.#cpu, pc, 8, Core.pc);
    this.#code.store(this.#cpu, this.#code.get(this.#budget), 4, Core.budget);
  }

  /** Leaves to the interpreter at an instruction of the block that is being written. */
  #leaveBlock(index: number): void {
    this.#code.set(this.#leaving(), i32.const(4 * index));
    this.#code.br(defined(this.#leave, 'way out of the block'));
  }
}

const keyOf = (kind: WayOut['kind'], { x, v, flags }: RegisterSet): string => `${kind},${x},${v},${flags}`;
