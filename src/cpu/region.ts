import { type Decoded, type Decoder, fieldsOf } from '../a64/instruction.ts';
import type { Memory } from './memory.ts';

/** Where control goes at the end of a block: another block of the region, or an offset from the page's start outside it. */
export type Target = { readonly block: number } | { readonly offset: number };

export type BlockEnd =
  | { readonly kind: 'jump'; readonly target: Target }
  | { readonly kind: 'conditional'; readonly taken: Target; readonly next: Target }
  /** A branch to a register; `link` is where it returns to if it is a call. */
  | { readonly kind: 'indirect' }
  /** The instruction after the block's last is for the interpreter. */
  | { readonly kind: 'interpret' };

export interface Block {
  /** Offset of its first instruction in the page. */
  readonly start: number;
  readonly instructions: readonly Decoded[];
  readonly end: BlockEnd;
}

/**
 * Code that is translated as one function: blocks of one physical page reached from a hot place by direct branches.
 * It does not depend on the virtual address of the page.
 */
export interface Region {
  readonly page: number;
  readonly blocks: readonly Block[];
  /** Blocks that can be entered from outside: the hot place first, then where calls return to and branches to registers may go. */
  readonly entries: readonly number[];
}

const maxBlocks = 96;
const maxBlockLength = 64;
const maxFrequent = 32;

interface Scan {
  readonly instructions: Decoded[];
  readonly kind: 'next' | 'branch' | 'call' | 'conditional' | 'indirect' | 'interpret';
  /** Offset of the instruction after the last. */
  readonly after: number;
  /** Constant target of the last instruction. */
  readonly taken: number;
}

export interface RegionSource {
  readonly memory: Memory;
  readonly decoder: Decoder;
  /** Whether a translation executes this instruction itself although it is one of the system. */
  inlines(decoded: Decoded): boolean;
  /** Whether control has been seen to come to an offset of the page. */
  seen(offset: number): boolean;
  /** Offsets of the page to which control comes often. */
  frequent(): readonly number[];
}

/** Finds the region of a hot offset. `host` is the host address of the page. */
export function findRegion(source: RegionSource, page: number, host: number, hot: number): Region {
  const scans = new Map<number, Scan>();
  const entered = new Set<number>();
  const queue = [hot];
  const inPage = (offset: number): boolean => offset >= 0 && offset < 4096;
  for (let start = queue.shift(); start !== undefined; start = queue.shift()) {
    if (scans.has(start) || scans.size >= maxBlocks) continue;
    const scan = scanBlock(source, host, start);
    scans.set(start, scan);
    const follow = (offset: number): void => {
      if (inPage(offset)) queue.push(offset);
    };
    switch (scan.kind) {
      case 'branch':
        follow(scan.taken);
        break;
      case 'call':
        if (inPage(scan.taken) && source.seen(scan.taken)) follow(scan.taken);
        returnPoint(scan);
        break;
      case 'conditional':
        if (scan.taken <= start || source.seen(scan.taken)) follow(scan.taken);
        follow(scan.after);
        break;
      case 'indirect':
        if (indirectKind(scan) === 'call') returnPoint(scan);
        else if (indirectKind(scan) === 'jump') frequentPlaces();
        break;
      case 'next':
        follow(scan.after);
        break;
      case 'interpret':
        break;
    }
  }
  function returnPoint(scan: Scan): void {
    if (!inPage(scan.after)) return;
    entered.add(scan.after);
    queue.push(scan.after);
  }
  // The targets of a switch are not in its code; but those that matter have been seen.
  function frequentPlaces(): void {
    for (const offset of source.frequent().slice(0, maxFrequent)) {
      entered.add(offset);
      queue.push(offset);
    }
  }
  return build(page, hot, scans, entered);
}

/** BR, BLR or RET, by bits 22-21. */
const indirectKind = (scan: Scan): 'jump' | 'call' | 'return' => {
  const last = scan.instructions.at(-1);
  const opc = ((last?.word ?? 0) >>> 21) & 3;
  return opc === 0 ? 'jump' : opc === 1 ? 'call' : 'return';
};

/** Cuts what was found into blocks that begin where control can arrive. */
function build(page: number, hot: number, scans: ReadonlyMap<number, Scan>, entered: ReadonlySet<number>): Region {
  const starts = [...scans.keys()].sort((a, b) => a - b);
  const index = new Map(starts.map((start, i) => [start, i]));
  const target = (offset: number): Target => {
    const block = index.get(offset);
    return block === undefined ? { offset } : { block };
  };
  const blocks = starts.map((start, i): Block => {
    const scan = scans.get(start) as Scan;
    const next = starts[i + 1];
    if (next !== undefined && next < start + 4 * scan.instructions.length) {
      const instructions = scan.instructions.slice(0, (next - start) >> 2);
      return { start, instructions, end: { kind: 'jump', target: { block: i + 1 } } };
    }
    return { start, instructions: scan.instructions, end: endOf(scan, target) };
  });
  const entries = [hot, ...[...entered].filter((offset) => offset !== hot && index.has(offset))].map(
    (offset) => index.get(offset) ?? 0,
  );
  return { page, blocks, entries };
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

function scanBlock(source: RegionSource, host: number, start: number): Scan {
  const instructions: Decoded[] = [];
  let offset = start;
  while (offset < 4096 && instructions.length < maxBlockLength) {
    const decoded = source.decoder.decode(source.memory.u32[(host + offset) >>> 2] as number);
    if (!decoded || (decoded.instruction.flow === 'system' && !source.inlines(decoded))) {
      return { instructions, kind: 'interpret', after: offset, taken: 0 };
    }
    instructions.push(decoded);
    offset += 4;
    const { flow } = decoded.instruction;
    if (flow === 'next' || flow === 'system') continue;
    const displacement = flow === 'indirect' ? 0 : Number(auxOf(decoded, 0));
    return { instructions, kind: flow, after: offset, taken: offset - 4 + displacement };
  }
  return { instructions, kind: 'next', after: offset, taken: 0 };
}

/** An operand worked out at decode time. */
export const auxOf = ({ instruction, word }: Decoded, slot: 0 | 1): bigint | number =>
  instruction.aux?.(fieldsOf(instruction.pattern, word))[slot] ?? 0;
