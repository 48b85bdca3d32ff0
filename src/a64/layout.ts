/**
 * Where a core's state lies in the simulator's one WebAssembly.Memory. Instructions reach it by constant offsets from
 * the core's base address (`cpu`), TypeScript through typed views. These bytes are a core's architectural state and
 * both of its TLBs; what a TypeScript object remembers beside them (context numbers, device translations, scheduled
 * events) is not here.
 */

/** Offsets from a core's base. Sizes in bytes are 8 unless said otherwise. */
export const Core = {
  /** X0-X30; slot 31 always holds zero (XZR). */
  x: 0x000,
  /** The stack pointer in use (SP_EL0 or SP_ELx by PSTATE.SP); the others are in their system register slots. */
  sp: 0x100,
  pc: 0x108,
  /** Condition flags, kept as the operation that set them: a FlagKind (4 bytes) and its operands. */
  flagKind: 0x110,
  flagA: 0x118,
  flagB: 0x120,
  /** Instructions left in this quantum (4 bytes, signed). */
  budget: 0x128,
  /** Nonzero makes the core leave to TypeScript before the next instruction (4 bytes): bits of ExitRequest. */
  exitRequest: 0x12c,
  /** Low bits of a TLB tag for accesses at the current privilege: the context number << 4. */
  context: 0x130,
  /** The same for unprivileged accesses (LDTR, STTR) from EL1. */
  contextUnprivileged: 0x138,
  /** Current exception level, 0-2 (4 bytes). */
  el: 0x140,
  /** Nonzero: FP and SIMD instructions trap here (CPACR_EL1.FPEN, CPTR_EL2) (4 bytes). */
  fpTrap: 0x144,
  /** Nonzero: SP alignment is checked at the current EL (SCTLR_ELx.SA/SA0) (4 bytes). */
  spCheck: 0x148,
  /** Number of the core (4 bytes). */
  index: 0x14c,
  fpcr: 0x150,
  fpsr: 0x154,
  /** Exclusive monitor: host address of the marked location, 0 when open (4 bytes), and its size in bytes (4 bytes). */
  exclusiveAddress: 0x158,
  exclusiveSize: 0x15c,
  /** The other bits of PSTATE in their SPSR_ELx places: D A I F (9-6), SS (21), IL (20), PAN, and M[4:0] (4 bytes). */
  pstate: 0x160,
  /** Kind (AccessKind, 4 bytes) and address of the access that a slow path is about. */
  accessKind: 0x164,
  accessAddress: 0x168,
  /** Instructions retired in all quanta before this one: retired so far = this + (quantum - budget). */
  retired: 0x170,
  /** Length of this quantum in instructions (4 bytes). */
  quantum: 0x178,
  /** Operands and results that cross between Wasm and TypeScript, 64 bytes. */
  scratch: 0x180,
  /**
   * What an exclusive on the slow path returns besides its data, at the end of scratch (4 bytes): see
   * AccessKind.exclusive.
   */
  exclusiveResult: 0x1b8,
  /**
   * Results below this in magnitude may be taken as WebAssembly gives them: infinity in each lane when FPCR rounds to
   * nearest, nothing is flushed and FPSR.IXC is set, else NaN (see runtime/float-state.ts). 16 bytes each.
   */
  fpLimit64: 0x1c0,
  fpLimit32: 0x1d0,
  /** V0-V31, 16 bytes each. */
  v: 0x200,
  /** System registers with plain storage, 8 bytes each; the slots are given out by src/arch/state/slots.ts. */
  system: 0x400,
  /** For each exception level, the fields that a change to that level sets: see LevelEntry. */
  levels: 0xf00,
  /** Data TLB. */
  tlb: 0x1000,
  /** Instruction TLB. */
  codeTlb: 0x9000,
  /** Counters for statistics: 4 bytes for each number of src/arch/state/counts.ts. */
  counts: 0x1_1000,
  /** Nonzero: exceptions are traced, so generated code leaves them to TypeScript (4 bytes). */
  traced: 0x1_1200,
  /** Nonzero: the access of the instruction at pc faults, as Core.fault says: see Failed (4 bytes). */
  failed: 0x1_1204,
  /** That fault (FaultField), and the address for FAR_ELx. */
  fault: 0x1_1208,
  faultAddress: 0x1_1218,
  /** The word of an instruction, and what accessSyndrome says of it (4 bytes each). */
  syndromeWord: 0x1_1220,
  syndrome: 0x1_1224,
  /** Nonzero: some entry of failedWalks may be valid (4 bytes). */
  anyFailedWalk: 0x1_1228,
  /** Host address of the bytes that say for each host page whether code was translated from it (4 bytes). */
  pagesWithCode: 0x1_122c,
  /** Host address of the second level of both TLBs: see SecondTlb (4 bytes). */
  secondTlb: 0x1_1230,
  /** The system counter is (counterBase + quantum - budget) / counterDivisor; 0: TypeScript knows it (4 bytes). */
  counterDivisor: 0x1_1234,
  counterBase: 0x1_1238,
  /** Walks that have failed: see FailedWalk. */
  failedWalks: 0x1_1240,
  /** For each context number the context of translations that are for all its ASIDs, as in a tag (4 bytes each). */
  globalContexts: 0x1_1b00,
  /** Bytes a core takes. */
  size: 0x1_2000,
} as const;

/**
 * An entry of Core.levels: the fields from Core.context to Core.spCheck, as a change to that level sets them. A write
 * to a register on which one of them depends must update it.
 */
export const LevelEntry = {
  size: 32,
  context: 0,
  contextUnprivileged: Core.contextUnprivileged - Core.context,
  el: Core.el - Core.context,
  fpTrap: Core.fpTrap - Core.context,
  spCheck: Core.spCheck - Core.context,
  /** Zero: the context numbers may have changed (4 bytes). */
  known: 28,
} as const;

/**
 * Data TLB: direct mapped by bits [21:12] of the address. An access of 2^n bytes hits when
 * `(va & (~0xfff | (2^n - 1))) | context` equals the tag: page and context agree and the address is aligned. The tag
 * is `Tlb.never` for accesses that must take the slow path.
 */
export const Tlb = {
  entries: 1024,
  entrySize: 32,
  readTag: 0,
  writeTag: 8,
  /** Host address minus the low 32 bits of the virtual address (4 bytes). */
  addend: 16,
  /** Bits of TlbFlag (4 bytes). */
  flags: 20,
  /** Physical page number (4 bytes) and, from bit 0, log2 of the mapping's size in bytes at 28 (4 bytes). */
  physicalPage: 24,
  sizeLog2: 28,
  /** A tag that no access can form: its alignment bits say "unaligned" and its page bits lie above every address. */
  never: -1,
} as const;

/**
 * Second level of the TLBs, which a miss of the first asks before it walks: two pages in constant use may want the
 * same entry of the first, and after a change of ASID none of its entries hits. Entries are as those of `Tlb` and, from
 * `code` on, of `CodeTlb`, found by a product of the page's number. Those of global pages (nG = 0) have the context of all ASIDs (Core.globalContexts). A
 * tag for stores counts only while no code is translated from the page (Core.pagesWithCode).
 */
export const SecondTlb = {
  entriesLog2: 12,
  code: Tlb.entrySize << 12,
  codeEntriesLog2: 11,
  size: (Tlb.entrySize << 12) + (Tlb.entrySize << 11),
  factor: 0x9e37_79b1 | 0,
} as const;

/** Entry of the second level, which has 2^entriesLog2 of them, for bits 43 to 12 of an address. */
export const secondTlbIndex = (page: number, entriesLog2: number): number =>
  Math.imul(page, SecondTlb.factor) >>> (32 - entriesLog2);

/** Values of Core.failed: who knows of the fault. */
export const Failed = { no: 0, typeScript: 1, generatedCode: 2 } as const;

/** A fault as the syndrome reports it: ISS[7:0] but WnR, and the stage (4 bytes each); HPFAR_EL2 for stage 2. */
export const FaultField = { status: 0, stage: 4, hpfar: 8, size: 16 } as const;

/**
 * An entry of Core.failedWalks: `(va & ~0xfff) | context | need` (see Need), a FaultField, and the descriptors that the
 * walk read, each with its host address (4 bytes) and value. Its slot is `(va >>> 12) + needSpread * need`, modulo
 * their number. One more entry, behind them, is about all addresses that lead to its descriptors: the tag holds only the
 * bits of the address from `sizeLog2` on.
 */
export const FailedWalk = {
  entries: 16,
  size: 128,
  needSpread: 5,
  tag: 0,
  fault: 8,
  /** Number of descriptors (4 bytes), and the most that fit. */
  count: 24,
  /** 4 bytes; it counts in the last entry only. */
  sizeLog2: 28,
  descriptors: 8,
  addresses: 32,
  values: 64,
} as const;

/** Bits of Tlb.flags. */
export const TlbFlag = {
  /** Normal memory: unaligned accesses are allowed. */
  normal: 1,
  /** Stores miss only because translated code came from the page. */
  guarded: 2,
} as const;

/** Log2 of the bytes that an entry of either TLB maps. */
export const pageLog2 = 12;

/** A context number lies from this bit on in a TLB tag: below it are the bits that say "unaligned". */
export const contextShift = 4;

/**
 * Instruction TLB: direct mapped by bits [21:12], mixed with the context so that a kernel and its programs do not evict
 * each other where they share addresses (see codeTlbIndex); hits when `(pc & (~0xfff | 3)) | context` equals the tag.
 */
export const CodeTlb = {
  entries: 1024,
  entrySize: 32,
  tag: 0,
  addend: 8,
  /** Host address of the physical page's table of code entries (see CodePage) (4 bytes). */
  codePage: 12,
  physicalPage: 16,
  /** Log2 of the aligned bytes around the page that are mapped alike and in one piece of RAM (4 bytes). */
  sizeLog2: 20,
  /** Log2 of the distance between the entries of an address in two successive contexts. */
  spreadLog2: 5,
} as const;

/** Entries that one address may be in, by its context. */
export const codeTlbPlaces = CodeTlb.entries >> CodeTlb.spreadLog2;

/** Entry of the instruction TLB for an address (low half) in a context (a number << contextShift). */
export const codeTlbIndex = (low: number, context: number): number =>
  ((low >>> pageLog2) ^ ((context >>> contextShift) << CodeTlb.spreadLog2)) & (CodeTlb.entries - 1);

/**
 * One table for each physical page that code ran from: 1024 words, one an instruction. Positive: translated,
 * `function index << 10 | entry label`. Zero or negative: minus the number of jumps that came here.
 */
export const CodePage = { size: 4096, labelBits: 10 } as const;

/** What set the condition flags; `a` and `b` are its operands. */
export const FlagKind = {
  /** a = NZCV in bits 31-28. */
  packed: 0,
  /** a = the result, sign-extended from the operation's width; C = V = 0. */
  logic: 1,
  add64: 2,
  sub64: 3,
  /** 32-bit operations: the low halves of a and b count. */
  add32: 4,
  sub32: 5,
} as const;
export type FlagKind = (typeof FlagKind)[keyof typeof FlagKind];

/** Why an address is translated; the kinds from `unprivileged` on are bits added to read or write. */
export const AccessKind = {
  read: 0,
  write: 1,
  execute: 2,
  unprivileged: 4,
  /** Must be aligned to its size whatever SCTLR_ELx.A says: exclusives, acquire and release. */
  aligned: 8,
  /**
   * An exclusive on the slow path. A store is done only if the monitor still marks the location; Core.exclusiveResult
   * gets its status. For a load it gets the host address to be marked, 0 where there is no RAM.
   */
  exclusive: 16,
  /** One access for two registers (LDXP, STXP): each half of it is a value with a byte order of its own. */
  halves: 32,
} as const;

/** Result of an instruction's handler in the interpreter. */
export const Status = {
  /** Go on at pc + 4. */
  next: 0,
  /** pc has been set: a branch taken, an exception entered or left. */
  jumped: 1,
  /** Go on at pc + 4. The translation of addresses may have changed. */
  changed: 2,
} as const;

/** Why a core has returned to TypeScript. */
export const Exit = {
  budget: 0,
  request: 1,
  /** The code at pc has become hot. */
  hot: 2,
} as const;
