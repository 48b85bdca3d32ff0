/**
 * Bits of the registers that control a core, by the names of the Arm ARM (DDI 0487, part D). All within the low 32
 * bits.
 */

/** PSTATE as it lies in SPSR_ELx. */
export const Pstate = {
  /** M[0]: SP_ELx is in use, not SP_EL0. */
  sp: 1,
  elShift: 2,
  mode: 0x1f,
  F: 1 << 6,
  I: 1 << 7,
  A: 1 << 8,
  D: 1 << 9,
  daif: 0x3c0,
  daifShift: 6,
  IL: 1 << 20,
  SS: 1 << 21,
  nzcv: 0xf000_0000,
} as const;

/** HCR_EL2. */
export const Hcr = {
  VM: 1 << 0,
  PTW: 1 << 2,
  FMO: 1 << 3,
  IMO: 1 << 4,
  AMO: 1 << 5,
  VF: 1 << 6,
  VI: 1 << 7,
  VSE: 1 << 8,
  /** EL1's TLBIs reach the Inner Shareable domain. */
  FB: 1 << 9,
  DC: 1 << 12,
  TWI: 1 << 13,
  TWE: 1 << 14,
  TID1: 1 << 16,
  TID2: 1 << 17,
  TID3: 1 << 18,
  TSC: 1 << 19,
  TIDCP: 1 << 20,
  TACR: 1 << 21,
  TSW: 1 << 22,
  TPC: 1 << 23,
  TPU: 1 << 24,
  TTLB: 1 << 25,
  TVM: 1 << 26,
  TGE: 1 << 27,
  TDZ: 1 << 28,
  TRVM: 1 << 30,
  RW: 1 << 31,
} as const;

/** SCTLR_EL1; SCTLR_EL2 has those without an EL0 meaning. */
export const Sctlr = {
  M: 1 << 0,
  A: 1 << 1,
  C: 1 << 2,
  SA: 1 << 3,
  SA0: 1 << 4,
  UMA: 1 << 9,
  I: 1 << 12,
  DZE: 1 << 14,
  UCT: 1 << 15,
  nTWI: 1 << 16,
  nTWE: 1 << 18,
  WXN: 1 << 19,
  E0E: 1 << 24,
  EE: 1 << 25,
  UCI: 1 << 26,
} as const;

/** MDCR_EL2. */
export const Mdcr = {
  HPMN: 0x1f,
  TPMCR: 1 << 5,
  TPM: 1 << 6,
  HPME: 1 << 7,
  TDE: 1 << 8,
  TDA: 1 << 9,
  TDOSA: 1 << 10,
  TDRA: 1 << 11,
} as const;

/** MDSCR_EL1. */
export const Mdscr = { SS: 1 << 0, TDCC: 1 << 12, KDE: 1 << 13, MDE: 1 << 15 } as const;

/** CPTR_EL2 and CPACR_EL1. */
export const Cptr = { TFP: 1 << 10, TCPAC: 1 << 31 } as const;
export const Cpacr = { FPENshift: 20 } as const;

/** CNTKCTL_EL1 and CNTHCTL_EL2. */
export const Cntkctl = {
  EL0PCTEN: 1 << 0,
  EL0VCTEN: 1 << 1,
  EVNTEN: 1 << 2,
  EVNTDIR: 1 << 3,
  EVNTIshift: 4,
  EL0VTEN: 1 << 8,
  EL0PTEN: 1 << 9,
} as const;
/**
 * CNTHCTL_EL2. EL1TVT and EL1TVCT, which trap the virtual timer and count, are those of FEAT_ECV (ARMv8.6). The Cortex-A53
 * has none, so that its software cannot set them; only the model of Xen does, for a domain without acceleration
 * (docs/xen/unaccelerated.md).
 */
export const Cnthctl = { EL1PCTEN: 1 << 0, EL1PCEN: 1 << 1, EL1TVT: 1 << 13, EL1TVCT: 1 << 14 } as const;
