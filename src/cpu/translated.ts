import type { Decoded } from '../a64/decoder.ts';
import type { Aux } from '../a64/instruction.ts';
import { AccessKind, CodePage, Core, FlagKind } from '../a64/layout.ts';
import { extract, type Field } from '../a64/pattern.ts';
import type { RuntimeFunction } from '../a64/runtime.ts';
import { assert, defined } from '../base/assert.ts';
import type { Code, Label, Local } from '../wasm/code.ts';
import { type Expr, type I32, type I64, i32, i64, type V128, type ValType } from '../wasm/expr.ts';
import { v128 } from '../wasm/simd.ts';
import { blockSizeLog2 } from './code-cache.ts';
import { type CodeTable, isNowhere } from './code-table.ts';
import { conditionAfter, conditionOfConstant } from './conditions.ts';
import type { RegisterSet } from './effects.ts';
import { lazyFlags } from './flags.ts';
import { conditionFromFlags, GuestCode } from './guest-code.ts';
import {
  changeMasks,
  checkAccess,
  checkZeroBlock,
  isDevice,
  isMaskChange,
  isZeroBlock,
  readPlain,
  writePlain,
} from './inline-system.ts';
import { Arrival, returnToLoop, translationType } from './interpreter.ts';
import type { PlainAccess } from './plain-access.ts';
import { auxOf, type Block, type Target } from './region.ts';
import type { BlockFlow, RegionGraph } from './region-flow.ts';
import type { Shape } from './structure.ts';

/** Where a translation is to lie, and what it may lean on. */
export interface Placement {
  readonly table: CodeTable;
  /** Its slot in the table of translations. */
  readonly slot: number;
  /** Host address of the entry for an offset of its span in the tables of code entries, or 0 if its page has none. */
  entryAddress(offset: number): number;
  /** Indexes in its module of copies of `dispatch` and `execute` (see Interpreter). */
  readonly dispatch: number;
  readonly execute: number;
  /** How the MRS or MSR of an instruction word can be done without TypeScript, if it can. */
  plainAccess(word: number): PlainAccess | undefined;
}

/** What the flags were last set by, as far as that is known when code is written. */
type KnownFlags =
  | { readonly kind: FlagKind }
  /** By a conditional comparison: `kind` where `taken`, else constant. */
  | { readonly kind: FlagKind; readonly taken: Local<'i32'>; readonly otherwise: number };

/** How to get to a node: the label, and its number among the entries of the loop that begins there. */
interface Way {
  readonly label: Label;
  readonly number: number;
}

/**
 * A region as one WebAssembly function. Registers and flags live in locals; they are loaded where the region is entered
 * and stored where it is left. Whatever is not plain sailing leaves to the interpreter at the instruction concerned,
 * which does it from the beginning: faults, devices, traps, the last instructions of a quantum.
 */
export class TranslatedRegion extends GuestCode {
  override readonly cpu: I32;
  readonly #graph: RegionGraph;
  readonly #placement: Placement;
  readonly #x = new Map<number, Local<'i64'>>();
  readonly #v = new Map<number, Local<'v128'>>();
  readonly #flagKind: () => Local<'i32'>;
  readonly #flagA: () => Local<'i64'>;
  readonly #flagB: () => Local<'i64'>;
  /** Virtual address of the span. */
  readonly #span: Local<'i64'>;
  readonly #context: () => Local<'i64'>;
  readonly #budget: Local<'i32'>;
  /** Offset in the block of the instruction that leaves in the middle. */
  readonly #leaving: () => Local<'i32'>;
  /** Number of the entry that the next loop is to begin with, 0 between jumps; and what a branch to a register goes to. */
  readonly #loopEntry: () => Local<'i32'>;
  readonly #hubEntry: () => Local<'i32'>;
  readonly #ways = new Map<number, Way>();
  /** Offset in the span at which the interpreter goes on, and the ways there by what they store. */
  readonly #resumption: () => Local<'i32'>;
  readonly #waysOut = new Map<string, { readonly label: Label; readonly stores: RegisterSet }>();

  // The block and the instruction that are being written.
  #block: Block | undefined;
  #instruction: Decoded | undefined;
  #aux: Aux | undefined;
  #index = 0;
  #leave: Label | undefined;
  #fpChecked = false;
  #flags: KnownFlags | undefined;
  #writes: { local: Local; value: Expr }[] = [];
  #newFlags: KnownFlags | undefined;
  #condition: I32 | undefined;
  #branchTarget: Local<'i64'> | undefined;
  #system: RuntimeFunction<'i32'> | undefined;

  constructor(code: Code, graph: RegionGraph, placement: Placement) {
    super(code, placement.table);
    this.#graph = graph;
    this.#placement = placement;
    this.cpu = code.param('i32', 0);
    this.#flagKind = onDemand(code, 'i32');
    this.#flagA = onDemand(code, 'i64');
    this.#flagB = onDemand(code, 'i64');
    this.#span = code.local('i64');
    this.#context = onDemand(code, 'i64');
    this.#budget = code.paramLocal('i32', 3);
    this.#leaving = onDemand(code, 'i32');
    this.#loopEntry = onDemand(code, 'i32');
    this.#hubEntry = onDemand(code, 'i32');
    this.#resumption = onDemand(code, 'i32');
  }

  /** Writes the whole function. */
  static generate(code: Code, graph: RegionGraph, placement: Placement): void {
    const region = new TranslatedRegion(code, graph, placement);
    const size = graph.region.span.block ? 1 << blockSizeLog2 : 4096;
    code.set(region.#span, i64.and(code.param('i64', 2), i64.const(-size)));
    if (graph.flows.some((f) => f.canLeave)) code.set(region.#context(), i64.load(region.cpu, Core.context));
    region.#openWaysOut();
    region.#sequence(graph.shapes, () => {});
    code.unreachable();
    region.#closeWaysOut();
  }

  /**
   * Ways out to the interpreter are seldom taken but many, and blocks of one loop write back the same registers there: one
   * piece of code for each set of registers, behind all others.
   */
  #openWaysOut(): void {
    for (const { canLeave, check, dirtyIn, dirtyMiddle } of this.#graph.flows) {
      for (const stores of [...(check === undefined ? [] : [dirtyIn]), ...(canLeave ? [dirtyMiddle] : [])]) {
        const key = keyOf(stores);
        if (!this.#waysOut.has(key)) this.#waysOut.set(key, { label: this.code.openBlock(), stores });
      }
    }
  }

  #closeWaysOut(): void {
    const { code } = this;
    for (const { stores } of [...this.#waysOut.values()].reverse()) {
      code.end();
      this.#storeRegisters(stores);
      this.#interpretAt(i64.extend_u(code.get(this.#resumption())));
    }
  }

  /** Leaves to the interpreter at an offset of the span. */
  #goOut(stores: RegisterSet, offset: I32): void {
    this.code.set(this.#resumption(), offset);
    this.code.br(defined(this.#waysOut.get(keyOf(stores)), 'way out').label);
  }

  // Control flow

  /** Shapes one after the other. Around them lie blocks that end before each shape but the first, for jumps forward to it. */
  #sequence(shapes: readonly Shape[], before: () => void): void {
    const { code } = this;
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

  /** A loop, which #loopEntry can make begin elsewhere than at its head. */
  #loop(entries: readonly number[], body: readonly Shape[]): void {
    const { code } = this;
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
    if (way.number !== 0) this.code.set(this.#loopEntry(), i32.const(way.number));
    this.code.br(way.label);
  }

  #node(node: number): void {
    const { code } = this;
    const graph = this.#graph;
    const block = graph.blockOf(node);
    if (block !== undefined) this.#blockNode(graph.region.blocks[block] as Block, graph.flows[block] as BlockFlow);
    else if (node === graph.entry) this.#choose(code.param('i32', 1), graph.successors(node));
    else if (node === graph.hub) this.#choose(code.get(this.#hubEntry()), graph.successors(node));
    else {
      const target = graph.successors(node)[0] as number;
      this.#loadRegisters((graph.flows[graph.blockOf(target) as number] as BlockFlow).liveIn);
      this.#go(target);
    }
  }

  /** Goes to one of several nodes by number. */
  #choose(number: I32, nodes: readonly number[]): void {
    const { code } = this;
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

  #blockNode(block: Block, flow: BlockFlow): void {
    const { code } = this;
    this.#block = block;
    this.#flags = undefined;
    this.#fpChecked = false;
    const length = block.instructions.length;
    if (flow.check !== undefined) {
      code.unlikely(i32.lt_s(code.get(this.#budget), i32.const(flow.check)), () => {
        this.#goOut(flow.dirtyIn, i32.const(block.start));
      });
    }
    if (length > 0) code.set(this.#budget, i32.sub(code.get(this.#budget), i32.const(length)));
    if (flow.canLeave) this.#leave = code.openBlock();
    block.instructions.forEach((instruction, i) => {
      code.scope(() => {
        this.#instructionNode(instruction, i);
        if (i === length - 1) this.#end(block, flow);
      });
    });
    if (length === 0) this.#end(block, flow);
    if (flow.canLeave) {
      code.end();
      const done = i32.shr_u(code.get(this.#leaving()), i32.const(2));
      code.set(this.#budget, i32.add(code.get(this.#budget), i32.sub(i32.const(length), done)));
      this.#goOut(flow.dirtyMiddle, i32.add(code.get(this.#leaving()), i32.const(block.start)));
    }
  }

  #instructionNode(decoded: Decoded, index: number): void {
    const { code } = this;
    const { instruction, operation } = decoded;
    this.#instruction = decoded;
    this.#aux = undefined;
    this.#index = index;
    this.#writes = [];
    this.#newFlags = undefined;
    if (operation.fp && !this.#fpChecked) {
      this.#fpChecked = true;
      this.#leaveIf(i32.load(this.cpu, Core.fpTrap));
    }
    instruction.run(this, operation.choices);
    const writes = this.#writes;
    const values = writes.length > 1 ? writes.map((w) => this.#copy(w.value)) : writes.map((w) => w.value);
    for (const [i, w] of writes.entries()) code.set(w.local, values[i] as Expr);
    if (this.#newFlags) this.#flags = this.#newFlags;
  }

  #end(block: Block, flow: BlockFlow): void {
    const { code } = this;
    const { end } = block;
    const after = block.start + 4 * block.instructions.length;
    switch (end.kind) {
      case 'jump':
        this.#goTo(end.target, flow);
        break;
      case 'conditional':
        code.if(defined(this.#condition, 'condition of the branch'), () => this.#goTo(end.taken, flow));
        this.#goTo(end.next, flow);
        break;
      case 'indirect':
        this.#goIndirect(flow);
        break;
      case 'system':
        this.#goBySystem(flow);
        break;
      case 'interpret':
        this.#storeRegisters(flow.dirtyOut);
        this.#interpretAt(i64.const(after));
        break;
    }
  }

  #goTo(target: Target, flow: BlockFlow): void {
    const { code } = this;
    if ('block' in target) {
      this.#go(this.#graph.node(target.block));
      return;
    }
    this.#storeRegisters(flow.dirtyOut);
    const pc = code.let(i64.add(code.get(this.#span), i64.const(target.offset)));
    const { span } = this.#graph.region;
    if (target.offset >= 0 && target.offset < (span.block ? 1 << blockSizeLog2 : 4096)) {
      const address = this.#placement.entryAddress(target.offset);
      if (address !== 0) {
        const entry = code.let(i32.load(i32.const(address)));
        code.if(i32.gt_s(entry, i32.const(0)), () => this.#tailCall(entry, pc));
      }
    }
    code.returnCall(this.#placement.dispatch, [this.cpu, pc, code.get(this.#budget)]);
  }

  #goIndirect(flow: BlockFlow): void {
    const { code } = this;
    const graph = this.#graph;
    const target = code.get(defined(this.#branchTarget, 'target of the branch'));
    const page = (this.#block as Block).start & ~4095;
    const entries = this.#placement.entryAddress(page);
    if (graph.usesHub && entries !== 0) {
      // Where the target is an entry of this very region and in the same page, registers can stay where they are.
      const offset = code.let(i64.sub(target, i64.add(code.get(this.#span), i64.const(page))));
      code.if(i64.lt_u(offset, i64.const(4096)), () => {
        const at = i32.add(i32.const(entries), i32.and(i32.wrap(offset), i32.const(4092)));
        const entry = code.let(i32.load(at));
        const aligned = i32.eqz(i32.and(i32.wrap(offset), i32.const(3)));
        const own = i32.eq(i32.shr_s(entry, i32.const(CodePage.labelBits)), i32.const(this.#placement.slot));
        const label = code.let(i32.and(entry, i32.const((1 << CodePage.labelBits) - 1)));
        const isEntry = i32.lt_u(label, i32.const(this.#graph.successors(this.#graph.hub).length));
        code.if(i32.and(i32.and(own, aligned), isEntry), () => {
          code.set(this.#hubEntry(), label);
          this.#go(graph.hub);
        });
      });
    }
    this.#storeRegisters(flow.dirtyOut);
    code.returnCall(this.#placement.dispatch, [this.cpu, target, code.get(this.#budget)]);
  }

  /** Lets the function of a system instruction, the block's last, say where to go on. */
  #goBySystem(flow: BlockFlow): void {
    const { code } = this;
    const f = defined(this.#system, 'function of the system instruction');
    this.#storeRegisters(flow.dirtyOut);
    code.set(this.#budget, i32.add(code.get(this.#budget), i32.const(1)));
    this.#leaveAt(this.pc());
    const word = i32.const((this.#instruction as Decoded).word);
    code.returnCall(this.#placement.execute, [this.cpu, word, i32.const(this.table.runtime(f))]);
  }

  /** Stores pc and the budget: nothing else is left in locals. */
  #leaveAt(pc: I64): void {
    this.store64(Core.pc, pc);
    this.store32(Core.budget, this.code.get(this.#budget));
  }

  #tailCall(entry: I32, pc: I64): void {
    const { code } = this;
    const type = code.module.type(translationType.params, translationType.results);
    const label = i32.and(entry, i32.const((1 << CodePage.labelBits) - 1));
    code.returnCallIndirect(type, code.module.table('translations'), i32.shr_u(entry, i32.const(CodePage.labelBits)), [
      this.cpu,
      label,
      pc,
      code.get(this.#budget),
    ]);
  }

  /** Goes on in the interpreter at an offset in the page. */
  #interpretAt(offset: I64): void {
    const { code } = this;
    this.#leaveAt(i64.add(code.get(this.#span), offset));
    returnToLoop(code, this.cpu, Arrival.next);
  }

  /** Leaves to the interpreter at this instruction. */
  #leaveHere(): void {
    this.code.set(this.#leaving(), i32.const(4 * this.#index));
    this.code.br(defined(this.#leave, 'way out of the block'));
  }

  #leaveIf(condition: I32): void {
    this.code.unlikely(condition, () => this.#leaveHere());
  }

  // Registers

  #xLocal(n: number): Local<'i64'> {
    let l = this.#x.get(n);
    if (!l) {
      l = this.code.permanentLocal('i64');
      this.#x.set(n, l);
    }
    return l;
  }

  #vLocal(n: number): Local<'v128'> {
    let l = this.#v.get(n);
    if (!l) {
      l = this.code.permanentLocal('v128');
      this.#v.set(n, l);
    }
    return l;
  }

  #loadRegisters(set: RegisterSet): void {
    const { code } = this;
    forEachBit(set.x, (n) => code.set(this.#xLocal(n), i64.load(this.cpu, n === 31 ? Core.sp : Core.x + 8 * n)));
    forEachBit(set.v, (n) => code.set(this.#vLocal(n), v128.load(this.cpu, Core.v + 16 * n)));
    if (set.flags) {
      code.set(this.#flagKind(), i32.load(this.cpu, Core.flagKind));
      code.set(this.#flagA(), i64.load(this.cpu, Core.flagA));
      code.set(this.#flagB(), i64.load(this.cpu, Core.flagB));
    }
  }

  #storeRegisters(set: RegisterSet): void {
    const { code } = this;
    forEachBit(set.x, (n) => this.store64(n === 31 ? Core.sp : Core.x + 8 * n, code.get(this.#xLocal(n))));
    forEachBit(set.v, (n) => code.store(this.cpu, code.get(this.#vLocal(n)), 16, Core.v + 16 * n));
    if (set.flags) {
      this.store32(Core.flagKind, code.get(this.#flagKind()));
      this.store64(Core.flagA, code.get(this.#flagA()));
      this.store64(Core.flagB, code.get(this.#flagB()));
    }
  }

  // What meanings are written against

  #operand(name: string): Field {
    const f = this.#instruction?.instruction.pattern.field(name);
    assert(f?.operand, `${name} is not an operand`);
    return f;
  }

  #number(name: string): number {
    return extract((this.#instruction as Decoded).word, this.#operand(name));
  }

  override field(name: string): I32 {
    return i32.const(this.#number(name));
  }

  override sameField(a: string, b: string): I32 {
    return i32.const(this.#number(a) === this.#number(b) ? 1 : 0);
  }

  override aux(slot: 0 | 1): I64 {
    this.#aux ??= auxOf(this.#instruction as Decoded);
    return i64.const(this.#aux[slot] ?? 0);
  }

  override pc(): I64 {
    return i64.or(this.code.get(this.#span), i64.const((this.#block as Block).start + 4 * this.#index));
  }

  override x(field: string): I64 {
    const n = this.#number(field);
    return n === 31 ? i64.const(0) : this.code.get(this.#xLocal(n));
  }

  override xsp(field: string): I64 {
    return this.code.get(this.#xLocal(this.#number(field)));
  }

  override setX(field: string, value: I64): void {
    const n = this.#number(field);
    if (n !== 31) this.#writes.push({ local: this.#xLocal(n), value });
  }

  override setXsp(field: string, value: I64): void {
    this.#writes.push({ local: this.#xLocal(this.#number(field)), value });
  }

  override setLink(): void {
    this.#writes.push({ local: this.#xLocal(30), value: i64.add(this.pc(), i64.const(4)) });
  }

  override v(field: string): V128 {
    return this.code.get(this.#vLocal(this.#number(field)));
  }

  override setV(field: string, value: V128): void {
    this.#writes.push({ local: this.#vLocal(this.#number(field)), value });
  }

  override vPlus(field: string, add: number): V128 {
    return this.code.get(this.#vLocal((this.#number(field) + add) & 31));
  }

  override setVPlus(field: string, add: number, value: V128): void {
    this.#writes.push({ local: this.#vLocal((this.#number(field) + add) & 31), value });
  }

  override setFlags(kind: FlagKind, a: I64, b: I64): void {
    this.#setFlags(i32.const(kind), a, b);
    this.#newFlags = { kind };
  }

  #setFlags(kind: I32, a: I64, b: I64): void {
    this.#writes.push({ local: this.#flagKind(), value: kind });
    this.#writes.push({ local: this.#flagA(), value: a });
    this.#writes.push({ local: this.#flagB(), value: b });
  }

  override setConditionalFlags(condition: I32, subtract: boolean, wide: boolean, a: I64, b: I64, nzcv: number): void {
    const { code } = this;
    const taken = code.permanentLocal('i32');
    code.set(taken, condition);
    const yes = code.get(taken);
    const kind = subtract ? (wide ? FlagKind.sub64 : FlagKind.sub32) : wide ? FlagKind.add64 : FlagKind.add32;
    this.#setFlags(
      this.select(yes, i32.const(kind), i32.const(FlagKind.packed)),
      this.select(yes, a, i64.const(BigInt(nzcv) << 28n)),
      b,
    );
    this.#newFlags = { kind, taken, otherwise: nzcv };
  }

  override nzcv(): I32 {
    const { code } = this;
    return this.call(lazyFlags, code.get(this.#flagKind()), code.get(this.#flagA()), code.get(this.#flagB()));
  }

  override condition(number: number): I32 {
    const { code } = this;
    const known = this.#flags;
    const holds = known && conditionAfter(known.kind, code.get(this.#flagA()), code.get(this.#flagB()), number);
    if (!known || !holds) return conditionFromFlags(this.let(this.nzcv()), number);
    if (!('taken' in known)) return holds;
    return this.select(code.get(known.taken), holds, i32.const(conditionOfConstant(known.otherwise, number) ? 1 : 0));
  }

  override base(field: string): I64 {
    const value = this.xsp(field);
    // Whether SP alignment is checked at all is for the interpreter to see.
    if (this.#number(field) === 31) this.#leaveIf(i32.and(i32.wrap(value), i32.const(15)));
    return value;
  }

  override branch(): void {}

  override branchIf(condition: I32): void {
    this.#condition = condition;
  }

  override branchTo(address: I64): void {
    this.#branchTarget = this.code.local('i64');
    this.code.set(this.#branchTarget, address);
  }

  protected override systemBy(f: RuntimeFunction<'i32'>): void {
    this.#system = f;
  }

  override readSystemRegister(): void {
    const access = this.#plainAccess();
    if (access) this.setX('Rt', readPlain(this.cpu, access));
    else this.system();
  }

  override writeSystemRegister(): void {
    const access = this.#plainAccess();
    if (access) writePlain(this.code, this.cpu, access, this.x('Rt'));
    else this.system();
  }

  #plainAccess(): PlainAccess | undefined {
    const access = this.#placement.plainAccess((this.#instruction as Decoded).word);
    if (access) checkAccess(this.cpu, access, (condition) => this.#leaveIf(condition));
    return access;
  }

  override writeProcessState(): void {
    const { word } = this.#instruction as Decoded;
    if (isMaskChange(word)) changeMasks(this.code, this.cpu, word, (condition) => this.#leaveIf(condition));
    else this.system();
  }

  override systemOperation(): void {
    if (!isZeroBlock((this.#instruction as Decoded).word)) {
      this.system();
      return;
    }
    checkZeroBlock(this.cpu, (condition) => this.#leaveIf(condition));
    const address = this.let(i64.and(this.x('Rt'), i64.const(-64)));
    const zeros = [v128.zero(), v128.zero(), v128.zero(), v128.zero()];
    const host = this.code.get(this.probe(address, 16, zeros.length, AccessKind.write));
    this.#leaveIf(isNowhere(host));
    this.#leaveIf(isDevice(this.cpu, address));
    this.storeAt(host, 16, zeros);
  }

  protected override context(unprivileged: boolean): I64 {
    return unprivileged ? i64.load(this.cpu, Core.contextUnprivileged) : this.code.get(this.#context());
  }

  protected override slowAccess(): void {
    this.#leaveHere();
  }

  /** A copy that later writes of registers do not change. */
  #copy(value: Expr): Expr {
    const l = this.code.local(value.type);
    this.code.set(l, value);
    return this.code.get(l);
  }
}

/** A local that is declared when it is first asked for: an engine's quick compiler has each cleared on entry. */
function onDemand<T extends ValType>(code: Code, type: T): () => Local<T> {
  let local: Local<T> | undefined;
  return () => {
    local ??= code.permanentLocal(type);
    return local;
  };
}

const keyOf = ({ x, v, flags }: RegisterSet): string => `${x},${v},${flags}`;

function forEachBit(bits: number, f: (n: number) => void): void {
  for (let n = 0; n < 32; n++) if ((bits >>> n) & 1) f(n);
}
