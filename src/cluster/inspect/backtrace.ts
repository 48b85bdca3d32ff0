import { isExceptionCall } from '../../a64/system-encoding.ts';
import type { Destination } from '../debugger.ts';
import { savedLink } from './saved-link.ts';

/**
 * Who called whom, by frame records: X29 points to the caller's X29 and the return address (AAPCS64, "The Frame
 * Pointer"). Functions that keep none are followed by where their code has put X30. The stack is the guest's and may hold
 * anything.
 */

/** What a core was doing. */
export interface Activation {
  readonly pc: bigint;
  readonly el: number;
  readonly sp: bigint;
  readonly x29: bigint;
  readonly x30: bigint;
}

/** Memory as the core's code sees it. */
export interface CodeView {
  /** Little-endian numbers, or null where nothing can be read. */
  word(address: bigint): number | null;
  long(address: bigint): bigint | null;
  /** Where the function of an address begins, if that is known. */
  functionStart(address: bigint): bigint | null;
}

export interface Backtrace {
  /** The instruction to be executed, then where each caller goes on. */
  readonly addresses: readonly bigint[];
  /** Why it ends: the last function has no caller, a record is unreadable or repeats, or there are too many. */
  readonly end: 'outermost' | 'unreadable' | 'loop' | 'limit';
}

const maxFrames = 256;

/** The chain of calls that led to where a core is. */
export function backtrace(now: Activation, view: CodeView): Backtrace {
  const addresses = [now.pc];
  if (frameAt(now, view) !== 'record') {
    const ended = unlinked(now, view, addresses);
    if (ended) return { addresses, end: ended };
  }
  const met = new Set<bigint>();
  for (let record = now.x29; ; ) {
    if (record === 0n) return { addresses, end: 'outermost' };
    if (met.has(record)) return { addresses, end: 'loop' };
    if (addresses.length >= maxFrames) return { addresses, end: 'limit' };
    met.add(record);
    const found = readRecord(record, view);
    if (!found) return { addresses, end: 'unreadable' };
    if (found.address === 0n) return { addresses, end: 'outermost' };
    addresses.push(found.address);
    record = found.next;
  }
}

/** Adds the callers of functions without frame records; null where one is reached that has a record, or is not known. */
function unlinked({ pc, sp, x30 }: Activation, view: CodeView, addresses: bigint[]): Backtrace['end'] | null {
  let frame = savedLink(view.functionStart(pc), pc, view.word);
  let bottom = sp;
  let isByCode = false;
  for (;;) {
    const isSaved = frame !== null && frame.slot !== null;
    const address: bigint | null = frame?.slot == null ? x30 : view.long(BigInt.asUintN(64, bottom + frame.slot));
    if (address === null) return 'unreadable';
    if (address === 0n) return 'outermost';
    addresses.push(address);
    if (addresses.length >= maxFrames) return 'limit';
    if (!frame) return null;
    isByCode ||= isSaved;
    bottom = BigInt.asUintN(64, bottom + frame.size);
    // A function may end in a call that never returns.
    const start = view.functionStart(address - 4n);
    frame = savedLink(start, address, view.word);
    if (frame?.slot == null) return isByCode && (frame || start === null) ? 'outermost' : null;
  }
}

/** Where the current function returns to, with its frame removed; null if that cannot be found. */
export function caller(now: Activation, view: CodeView): Destination | null {
  const { el } = now;
  const frame = frameAt(now, view);
  if (frame !== 'record') {
    const saved = savedLink(view.functionStart(now.pc), now.pc, view.word);
    if (saved?.slot != null) {
      const address = view.long(BigInt.asUintN(64, now.sp + saved.slot));
      return address === null || address === 0n ? null : { address, el, sp: BigInt.asUintN(64, now.sp + saved.size) };
    }
    const sp = frame === 'none' ? now.sp : BigInt.asUintN(64, now.sp + 16n);
    return now.x30 === 0n ? null : { address: now.x30, el, sp };
  }
  const record = readRecord(now.x29, view);
  if (!record || record.address === 0n) return null;
  // The record is part of the frame, and what the function calls lies below it.
  return { address: record.address, el, sp: BigInt.asUintN(64, now.x29 + 16n) };
}

/** Where a call or exception-generating instruction returns to; null for any other. */
export function afterCall(now: Activation, word: number): Destination | null {
  if (!isCall(word) && !isExceptionCall(word)) return null;
  return { address: BigInt.asUintN(64, now.pc + 4n), el: now.el, sp: now.sp };
}

function readRecord(address: bigint, view: CodeView): { readonly next: bigint; readonly address: bigint } | null {
  if ((address & 7n) !== 0n) return null;
  const next = view.long(address);
  const returnAddress = view.long(BigInt.asUintN(64, address + 8n));
  return next === null || returnAddress === null ? null : { next, address: returnAddress };
}

/** Bytes of code that are looked through for a function's prologue. */
const maxCode = 0x1_0000n;

/**
 * What the current function has on the stack at pc: a frame record, to which X29 points (`record`); something else
 * (`some`); or nothing (`none`). Without a record, X30 has the return address. This is found from the instructions
 * between the function's start and pc; where these are unknown, X29 is trusted.
 */
function frameAt({ pc }: Activation, view: CodeView): 'record' | 'some' | 'none' {
  const start = view.functionStart(pc);
  if (start === null || pc - start > maxCode) return 'record';
  let record = false;
  let pushed = false;
  let everRecord = false;
  for (let address = start; address < pc; address += 4n) {
    const word = view.word(address);
    if (word === null) return 'record';
    if (setsFramePointer(word)) {
      record = true;
      everRecord = true;
    } else if (restoresFramePointer(word)) {
      record = false;
      pushed = false;
    } else if (pushes(word)) pushed = true;
    // What follows is reached from elsewhere in the body.
    else if (leaves(word)) record = everRecord;
  }
  return record ? 'record' : pushed ? 'some' : 'none';
}

const matches = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;

/** ADD X29, SP, #imm, which MOV X29, SP is too. */
const setsFramePointer = (word: number): boolean => matches(word, 0xff80_03ff, 0x9100_03fd);
/** LDP X29, X30, [SP...]. */
const restoresFramePointer = (word: number): boolean => matches(word, 0xfe40_7fff, 0xa840_7bfd);
/** SUB SP, SP, #imm; STP and STR of X or D registers with [SP, #imm]!. */
const pushes = (word: number): boolean =>
  matches(word, 0xff80_03ff, 0xd100_03ff) ||
  matches(word, 0xffc0_03e0, 0xa980_03e0) ||
  matches(word, 0xffc0_03e0, 0x6d80_03e0) ||
  matches(word, 0xfbe0_0fe0, 0xf800_0fe0);
/** RET, B, BR. */
const leaves = (word: number): boolean =>
  matches(word, 0xffff_fc1f, 0xd65f_0000) ||
  matches(word, 0xfc00_0000, 0x1400_0000) ||
  matches(word, 0xffff_fc1f, 0xd61f_0000);
/** BL, BLR. */
const isCall = (word: number): boolean =>
  matches(word, 0xfc00_0000, 0x9400_0000) || matches(word, 0xffff_fc1f, 0xd63f_0000);
