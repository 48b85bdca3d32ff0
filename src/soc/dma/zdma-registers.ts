/** Registers of a ZDMA channel by UG1087's names (module ZDMA), as byte offsets. */
export const Zdma = {
  ERR_CTRL: 0x0,
  ISR: 0x100,
  IMR: 0x104,
  IEN: 0x108,
  IDS: 0x10c,
  CTRL0: 0x110,
  CTRL1: 0x114,
  FCI: 0x118,
  STATUS: 0x11c,
  DATA_ATTR: 0x120,
  DSCR_ATTR: 0x124,
  SRC_DSCR_WORD0: 0x128,
  SRC_DSCR_WORD1: 0x12c,
  SRC_DSCR_WORD2: 0x130,
  SRC_DSCR_WORD3: 0x134,
  DST_DSCR_WORD0: 0x138,
  DST_DSCR_WORD1: 0x13c,
  DST_DSCR_WORD2: 0x140,
  DST_DSCR_WORD3: 0x144,
  WR_ONLY_WORD0: 0x148,
  WR_ONLY_WORD1: 0x14c,
  WR_ONLY_WORD2: 0x150,
  WR_ONLY_WORD3: 0x154,
  SRC_START_LSB: 0x158,
  SRC_START_MSB: 0x15c,
  DST_START_LSB: 0x160,
  DST_START_MSB: 0x164,
  SRC_CUR_PYLD_LSB: 0x168,
  SRC_CUR_PYLD_MSB: 0x16c,
  DST_CUR_PYLD_LSB: 0x170,
  DST_CUR_PYLD_MSB: 0x174,
  SRC_CUR_DSCR_LSB: 0x178,
  SRC_CUR_DSCR_MSB: 0x17c,
  DST_CUR_DSCR_LSB: 0x180,
  DST_CUR_DSCR_MSB: 0x184,
  TOTAL_BYTE: 0x188,
  RATE_CNTL: 0x18c,
  IRQ_SRC_ACCT: 0x190,
  IRQ_DST_ACCT: 0x194,
  DBG0: 0x198,
  DBG1: 0x19c,
  CTRL2: 0x200,
} as const;

/** ISR, IMR, IEN and IDS. */
export const Interrupt = {
  INV_APB: 1 << 0,
  SRC_DSCR_DONE: 1 << 1,
  DST_DSCR_DONE: 1 << 2,
  BYTE_CNT_OVRFL: 1 << 3,
  IRQ_SRC_ACCT_ERR: 1 << 4,
  IRQ_DST_ACCT_ERR: 1 << 5,
  AXI_RD_SRC_DSCR: 1 << 6,
  AXI_RD_DST_DSCR: 1 << 7,
  AXI_RD_DATA: 1 << 8,
  AXI_WR_DATA: 1 << 9,
  DMA_DONE: 1 << 10,
  DMA_PAUSE: 1 << 11,
} as const;
export const allInterrupts = 0xfff;

/** CTRL0; MODE is 0 to copy, 1 to write only, 2 to read only. */
export const Ctrl0 = { CONT: 1 << 1, CONT_ADDR: 1 << 2, RATE_CTRL: 1 << 3, POINT_TYPE: 1 << 6 } as const;

/** STATUS.STATE. */
export const State = { done: 0, pause: 1, busy: 2, error: 3 } as const;

/**
 * Fourth word of a descriptor: type of the list, interrupt at the end, and in a source descriptor the command for the
 * end.
 */
export const Control = { TYPE: 1 << 1, INTR: 1 << 2 } as const;
export const Command = { next: 0, halt: 1, stop: 2 } as const;

/**
 * Value at reset, and which bits a write sets. Registers that do more than remember are handled before this table is
 * used.
 */
export const registerTable: ReadonlyMap<number, readonly [value: number, writable: number]> = new Map([
  [Zdma.ERR_CTRL, [0, 1]],
  [Zdma.ISR, [0, 0]],
  [Zdma.IMR, [0, 0]],
  [Zdma.IEN, [0, 0]],
  [Zdma.IDS, [0, 0]],
  [Zdma.CTRL0, [0x80, 0xfe]],
  [Zdma.CTRL1, [0x3ff, 0x3ff]],
  [Zdma.FCI, [0, 0x3f]],
  [Zdma.STATUS, [0, 0]],
  [Zdma.DATA_ATTR, [0x483_d20f, 0xfff_ffff]],
  [Zdma.DSCR_ATTR, [0, 0x1ff]],
  [Zdma.SRC_DSCR_WORD0, [0, 0xffff_ffff]],
  [Zdma.SRC_DSCR_WORD1, [0, 0x1_ffff]],
  [Zdma.SRC_DSCR_WORD2, [0, 0x3fff_ffff]],
  [Zdma.SRC_DSCR_WORD3, [0, 0x1f]],
  [Zdma.DST_DSCR_WORD0, [0, 0xffff_ffff]],
  [Zdma.DST_DSCR_WORD1, [0, 0x1_ffff]],
  [Zdma.DST_DSCR_WORD2, [0, 0x3fff_ffff]],
  [Zdma.DST_DSCR_WORD3, [0, 0x7]],
  [Zdma.WR_ONLY_WORD0, [0, 0xffff_ffff]],
  [Zdma.WR_ONLY_WORD1, [0, 0xffff_ffff]],
  [Zdma.WR_ONLY_WORD2, [0, 0xffff_ffff]],
  [Zdma.WR_ONLY_WORD3, [0, 0xffff_ffff]],
  [Zdma.SRC_START_LSB, [0, 0xffff_ffff]],
  [Zdma.SRC_START_MSB, [0, 0x1_ffff]],
  [Zdma.DST_START_LSB, [0, 0xffff_ffff]],
  [Zdma.DST_START_MSB, [0, 0x1_ffff]],
  [Zdma.SRC_CUR_PYLD_LSB, [0, 0]],
  [Zdma.SRC_CUR_PYLD_MSB, [0, 0]],
  [Zdma.DST_CUR_PYLD_LSB, [0, 0]],
  [Zdma.DST_CUR_PYLD_MSB, [0, 0]],
  [Zdma.SRC_CUR_DSCR_LSB, [0, 0]],
  [Zdma.SRC_CUR_DSCR_MSB, [0, 0]],
  [Zdma.DST_CUR_DSCR_LSB, [0, 0]],
  [Zdma.DST_CUR_DSCR_MSB, [0, 0]],
  [Zdma.TOTAL_BYTE, [0, 0]],
  [Zdma.RATE_CNTL, [0, 0xfff]],
  [Zdma.IRQ_SRC_ACCT, [0, 0]],
  [Zdma.IRQ_DST_ACCT, [0, 0]],
  [Zdma.DBG0, [0, 0]],
  [Zdma.DBG1, [0, 0]],
  [Zdma.CTRL2, [0, 1]],
]);
