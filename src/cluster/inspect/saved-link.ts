/**
 * Where a function has put its return address, found from its code: for functions that keep no frame records, as those of
 * Debian's Xen.
 */

export interface SavedLink {
  /** Bytes that the function has on the stack. */
  readonly size: bigint;
  /** Where X30 is, from SP; null while it is in X30. */
  readonly slot: bigint | null;
}

/** Instructions that are looked through. */
const maxWords = 0x4000;

/** What has become of SP and X30 since the function's start. */
interface Frame {
  size: number;
  /** Where X30 is, from SP at the start, downwards; null while it is in X30. */
  slot: number | null;
}

const matches = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;
const signed = (word: number, low: number, width: number): number => (word << (32 - low - width)) >> (32 - width);
const onStack = (word: number): boolean => ((word >>> 5) & 31) === 31;

/**
 * The frame at pc; null where the code is not known, or the function keeps frame records.
 * @param start the function's first instruction
 * @param wordAt the code; null where there is none
 */
export function savedLink(
  start: bigint | null,
  pc: bigint,
  wordAt: (address: bigint) => number | null,
): SavedLink | null {
  if (start === null || pc < start || pc - start > BigInt(4 * maxWords)) return null;
  const now: Frame = { size: 0, slot: null };
  let body: Frame = { ...now };
  for (let address = start; address < pc; address += 4n) {
    const word = wordAt(address);
    if (word === null || isRecord(word)) return null;
    follow(word, now);
    if (now.size > body.size || (now.size === body.size && now.slot !== null)) body = { ...now };
    // What follows is reached from elsewhere in the body.
    if (leaves(word)) Object.assign(now, body);
  }
  return { size: BigInt(now.size), slot: now.slot === null ? null : BigInt(now.size - now.slot) };
}

function follow(word: number, frame: Frame): void {
  const rt = word & 31;
  const rt2 = (word >>> 10) & 31;
  const immediate = ((word >>> 10) & 0xfff) << (word & (1 << 22) ? 12 : 0);
  // SUB and ADD SP, SP, #imm.
  if (matches(word, 0xff80_03ff, 0xd100_03ff)) frame.size += immediate;
  else if (matches(word, 0xff80_03ff, 0x9100_03ff)) frame.size -= immediate;
  else if (!onStack(word)) return;
  // STP and LDP of X registers: post-index, offset, pre-index.
  else if (matches(word, 0xfe00_0000, 0xa800_0000)) {
    const mode = (word >>> 23) & 3;
    const offset = 8 * signed(word, 15, 7);
    const isLoad = (word & (1 << 22)) !== 0;
    if (mode === 3) frame.size -= offset;
    const place = frame.size - (mode === 2 ? offset : 0);
    if (rt === 30) frame.slot = isLoad ? null : place;
    else if (rt2 === 30) frame.slot = isLoad ? null : place - 8;
    if (mode === 1) frame.size -= offset;
  }
  // STR and LDR of an X register, with an unsigned offset.
  else if (matches(word, 0xff80_0000, 0xf900_0000)) {
    if (rt === 30) frame.slot = word & (1 << 22) ? null : frame.size - 8 * ((word >>> 10) & 0xfff);
  }
  // The same, post-index and pre-index.
  else if (matches(word, 0xff20_0400, 0xf800_0400)) {
    const isBefore = (word & (1 << 11)) !== 0;
    const offset = signed(word, 12, 9);
    if (isBefore) frame.size -= offset;
    if (rt === 30) frame.slot = word & (1 << 22) ? null : frame.size;
    if (!isBefore) frame.size -= offset;
  }
}

/** STP X29, X30, [SP...], and MOV X29, SP. */
const isRecord = (word: number): boolean =>
  matches(word, 0xfe40_7fff, 0xa800_7bfd) || matches(word, 0xff80_03ff, 0x9100_03fd);
/** RET, B, BR. */
const leaves = (word: number): boolean =>
  matches(word, 0xffff_fc1f, 0xd65f_0000) ||
  matches(word, 0xfc00_0000, 0x1400_0000) ||
  matches(word, 0xffff_fc1f, 0xd61f_0000);
