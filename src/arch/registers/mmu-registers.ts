import { systemOffset } from '../state/slots.ts';

/** Word offsets, from a core's base, of the registers that the MMU reads: the high half of each is the next word. */
export const Reg = {
  SCTLR_EL1: systemOffset('SCTLR_EL1') >>> 2,
  SCTLR_EL2: systemOffset('SCTLR_EL2') >>> 2,
  TCR_EL1: systemOffset('TCR_EL1') >>> 2,
  TCR_EL2: systemOffset('TCR_EL2') >>> 2,
  TTBR0_EL1: systemOffset('TTBR0_EL1') >>> 2,
  TTBR1_EL1: systemOffset('TTBR1_EL1') >>> 2,
  TTBR0_EL2: systemOffset('TTBR0_EL2') >>> 2,
  MAIR_EL1: systemOffset('MAIR_EL1') >>> 2,
  MAIR_EL2: systemOffset('MAIR_EL2') >>> 2,
  HCR_EL2: systemOffset('HCR_EL2') >>> 2,
  VTTBR_EL2: systemOffset('VTTBR_EL2') >>> 2,
  VTCR_EL2: systemOffset('VTCR_EL2') >>> 2,
  MDSCR_EL1: systemOffset('MDSCR_EL1') >>> 2,
  PAR_EL1: systemOffset('PAR_EL1') >>> 2,
} as const;
