import { type Decoded, decoder } from '../../a64/decoder.ts';
import type { Aux } from '../../a64/instruction.ts';
import { returnsBehind } from '../../a64/system-encoding.ts';
import type { Memory } from '../../arch/state/memory.ts';
import { physAddr } from '../../base/units.ts';
import type { CodeSpan } from '../code/code-cache.ts';

/**
 * Where control goes at the end of a block: another block of the region, or an offset from the span's start outside it.
 * `crosses`: that block is in another page, which may be mapped elsewhere by then.
 */
export type Target = { readonly block: number; readonly crosses: boolean } | { readonly offset: number };

export type BlockEnd =
  | { readonly kind: 'jump'; readonly target: Target }
  | { readonly kind: 'conditional'; readonly taken: Target; readonly next: Target }
  /** A branch to a register. */
  | { readonly kind: 'indirect' }
  /** A system instruction, whose runtime function says where to go on. */
  | { readonly kind: 'system' }
  /** The interpreter executes the next instruction. */
  | { readonly kind: 'interpret' };

export interface Block {
  /** Offset of its first instruction in the span. */
  readonly start: number;
  readonly instructions: readonly Decoded[];
  readonly end: BlockEnd;
}

/**
 * Code that is translated as one function: the blocks of one span that direct branches reach from a hot place. It
 * does not depend on the span's virtual address.
 */
export interface Region {
  readonly span: CodeSpan;
  readonly blocks: readonly Block[];
  /**
   * Blocks that are entered from outside: the hot place, then return points of calls and likely targets of branches to
   * registers.
   */
  readonly entries: readonly number[];
  /** Whether it has blocks in several pages that are not mapped together. */
  readonly crosses: boolean;
}

/** Number of the page of an offset, from that at the span's start. */
export const pageOf = (offset: number): number => offset >> 12;

const maxBlocks = 256;
const maxInstructions = 2048;
const maxBlockLength = 64;
const maxFrequent = 32;

interface Scan {
  readonly instructions: Decoded[];
  readonly kind: 'next' | 'branch' | 'call' | 'conditional' | 'indirect' | 'system' | 'interpret';
  /** Offset of the instruction after the last. */
  readonly after: number;
  /** Constant target of the last instruction. */
  readonly taken: number;
}

export interface RegionSource {
  readonly memory: Memory;
  /** Whether a translation executes this system instruction itself. */
  inlines(decoded: Decoded): boolean;
  /** Whether there is, or will be, a translation of the code at an offset. */
  isTaken(offset: number): boolean;
  /** Whether a jump has reached an offset before. */
  seen(offset: number): boolean;
  /** Offsets in the page of an offset that jumps often reach. */
  frequent(offset: number): readonly number[];
}

/** Finds the region of a hot offset. */
export function findRegion(source: RegionSource, span: CodeSpan, hot: number): Region {
  const scans = new Map<number, Scan>();
  const entered = new Set<number>();
  const queue = [hot];
  let instructions = 0;
  /** Host address of an offset's page, or 0 where there is no RAM. */
  const hostOf = (offset: number): number => {
    const page = span.pageAt(offset);
    return page === undefined ? 0 : source.memory.host(physAddr(page * 4096));
  };
  const inside = (offset: number): boolean => hostOf(offset) !== 0;
  const samePage = (a: number, b: number): boolean => pageOf(a) === pageOf(b);
  const stays = (a: number, b: number): boolean => span.block || samePage(a, b);
  for (let start = queue.shift(); start !== undefined; start = queue.shift()) {
    if (scans.has(start) || scans.size >= maxBlocks || instructions >= maxInstructions) continue;
    const scan = scanBlock(source, hostOf(start), start);
    scans.set(start, scan);
    instructions += scan.instructions.length;
    // Code that is translated elsewhere is jumped to, not translated again; but a function in the same page is worth a
    // copy.
    const follow = (offset: number): void => {
      if (inside(offset) && !source.isTaken(offset)) queue.push(offset);
    };
    switch (scan.kind) {
      case 'branch':
        if (stays(scan.taken, start) || source.seen(scan.taken)) follow(scan.taken);
        break;
      case 'call':
        if (samePage(scan.taken, start) && source.seen(scan.taken)) queue.push(scan.taken);
        returnPoint(scan);
        break;
      case 'conditional':
        if ((scan.taken <= start && stays(scan.taken, start)) || source.seen(scan.taken)) follow(scan.taken);
        follow(scan.after);
        break;
      case 'indirect':
        if (indirectKind(scan) === 'call') returnPoint(scan);
        else if (indirectKind(scan) === 'jump') frequentPlaces(start);
        break;
      case 'system':
        if (returnsBehind(scan.instructions.at(-1)?.word ?? 0)) returnPoint(scan);
        break;
      case 'next':
        follow(scan.after);
        break;
      case 'interpret':
        break;
    }
  }
  function returnPoint(scan: Scan): void {
    if (!inside(scan.after)) return;
    entered.add(scan.after);
    queue.push(scan.after);
  }
  // The targets of a switch are not in its code, but the frequent ones have been counted.
  function frequentPlaces(branch: number): void {
    for (const offset of source.frequent(branch).slice(0, maxFrequent)) {
      entered.add(offset);
      queue.push(offset);
    }
  }
  return build(span, hot, scans, entered);
}

/** BR, BLR or RET, by bits 22-21. */
const indirectKind = (scan: Scan): 'jump' | 'call' | 'return' => {
  const last = scan.instructions.at(-1);
  const opc = ((last?.word ?? 0) >>> 21) & 3;
  return opc === 0 ? 'jump' : opc === 1 ? 'call' : 'return';
};

/** Cuts what was found into blocks that begin where control can arrive. */
function build(span: CodeSpan, hot: number, scans: ReadonlyMap<number, Scan>, entered: ReadonlySet<number>): Region {
  const starts = [...scans.keys()].sort((a, b) => a - b);
  const index = new Map(starts.map((start, i) => [start, i]));
  const targetFrom =
    (start: number) =>
    (offset: number): Target => {
      const block = index.get(offset);
      if (block === undefined) return { offset };
      return { block, crosses: !span.block && pageOf(offset) !== pageOf(start) };
    };
  const blocks = starts.map((start, i): Block => {
    const scan = scans.get(start) as Scan;
    const next = starts[i + 1];
    if (next !== undefined && next < start + 4 * scan.instructions.length) {
      const instructions = scan.instructions.slice(0, (next - start) >> 2);
      return { start, instructions, end: { kind: 'jump', target: { block: i + 1, crosses: false } } };
    }
    return { start, instructions: scan.instructions, end: endOf(scan, targetFrom(start)) };
  });
  const entries = [hot, ...[...entered].filter((offset) => offset !== hot && index.has(offset))].map(
    (offset) => index.get(offset) ?? 0,
  );
  const [first] = starts;
  const crosses = !span.block && starts.some((start) => pageOf(start) !== pageOf(first ?? 0));
  return { span, blocks, entries, crosses };
}

function endOf(scan: Scan, target: (offset: number) => Target): BlockEnd {
  switch (scan.kind) {
    case 'branch':
    case 'call':
      return { kind: 'jump', target: target(scan.taken) };
    case 'conditional':
      return { kind: 'conditional', taken: target(scan.taken), next: target(scan.after) };
    case 'next':
      return { kind: 'jump', target: target(scan.after) };
    default:
      return { kind: scan.kind };
  }
}

/** @param host host address of the page */
function scanBlock(source: RegionSource, host: number, start: number): Scan {
  const instructions: Decoded[] = [];
  let offset = start;
  // A block lies in one page: the next page may not be RAM, and stores are watched by page.
  const end = (start & ~4095) + 4096;
  while (offset < end && instructions.length < maxBlockLength) {
    const decoded = decoder.decode(source.memory.u32[(host + (offset & 4095)) >>> 2] as number);
    if (!decoded) return { instructions, kind: 'interpret', after: offset, taken: 0 };
    instructions.push(decoded);
    offset += 4;
    const { flow } = decoded.instruction;
    if (flow === 'next' || (flow === 'system' && source.inlines(decoded))) continue;
    if (flow === 'system') return { instructions, kind: flow, after: offset, taken: 0 };
    const displacement = flow === 'indirect' ? 0 : Number(auxOf(decoded)[0]);
    return { instructions, kind: flow, after: offset, taken: offset - 4 + displacement };
  }
  return { instructions, kind: 'next', after: offset, taken: 0 };
}

/** The operands worked out at decode time. */
export const auxOf = ({ instruction, word }: Decoded): Aux =>
  instruction.aux?.(instruction.pattern.fieldsOf(word)) ?? [0];
