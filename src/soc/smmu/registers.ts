/** The SMMU's global registers, by the names of Arm IHI 0062, chapters 9 to 11. */

export const streamGroups = 48;
export const contextBanks = 16;

/** Global register space 0. */
export const Gr0 = {
  sCR0: 0x0,
  sACR: 0x10,
  IDR0: 0x20,
  IDR7: 0x3c,
  sGFAR: 0x40,
  sGFSR: 0x48,
  sGFSRRESTORE: 0x4c,
  sGFSYNR0: 0x50,
  sGFSYNR1: 0x54,
  sGFSYNR2: 0x58,
  STLBIALL: 0x60,
  TLBIVMID: 0x64,
  TLBIALLNSNH: 0x68,
  TLBIALLH: 0x6c,
  sTLBGSYNC: 0x70,
  sTLBGSTATUS: 0x74,
  SMR: 0x800,
  S2CR: 0xc00,
} as const;

/** Global register space 1. */
export const Gr1 = { CBAR: 0x0, CBFRSYNRA: 0x400, CBA2R: 0x800 } as const;

/**
 * IDR0 to IDR7. IDR0: S1TS, S2TS, NTS, SMS, ATOSNS, PTFS (none of AArch32's), NUMIRPT, BTM, NUMSIDB, NUMSMRG; IDR2: 4
 * KiB and 64 KiB granules, 48 bits.
 */
export const identification = [0x7e01_3e30, 0x3000_0f10, 0x5555, 0, 0, 0, 0, 0x21];
/** Peripheral and component identification, from 0xfd0 of its page on. */
export const peripheral = [4, 0, 0, 0, 0x81, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1];

/** sCR0. */
export const Cr0 = { CLIENTPD: 1 << 0, GFRE: 1 << 1, GFIE: 1 << 2, USFCFG: 1 << 10 } as const;
export const cr0Writable = 0xfdf_fcc7;
/** Stream match conflicts are always faults. */
export const SMCFCFG = 1 << 21;

/** sGFSR. */
export const Gfsr = { ICF: 1 << 0, USF: 1 << 1, SMCF: 1 << 2, UCBF: 1 << 3, MULTI: 1 << 31 } as const;
export const gfsrBits = 0x8000_01ff;

export const smrWritable = 0xffff_7fff;
export const s2crWritable = 0x3fff_fbff;
export const cbarWritable = 0x3_ffff;

/** CBAR.TYPE. */
export const CbarType = { stage2: 0, stage1: 1, stage1Fault: 2, nested: 3 } as const;
