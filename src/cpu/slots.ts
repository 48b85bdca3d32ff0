import { Core } from '../a64/layout.ts';
import { assert } from '../base/assert.ts';

/** System registers that are nothing but storage, in the order of their slots in a core's state. */
const names = [
  'SP_EL0',
  'SP_EL1',
  'SP_EL2',
  'ELR_EL1',
  'ELR_EL2',
  'SPSR_EL1',
  'SPSR_EL2',
  'ESR_EL1',
  'ESR_EL2',
  'FAR_EL1',
  'FAR_EL2',
  'HPFAR_EL2',
  'VBAR_EL1',
  'VBAR_EL2',
  'SCTLR_EL1',
  'SCTLR_EL2',
  'TTBR0_EL1',
  'TTBR1_EL1',
  'TTBR0_EL2',
  'TCR_EL1',
  'TCR_EL2',
  'MAIR_EL1',
  'MAIR_EL2',
  'HCR_EL2',
  'VTTBR_EL2',
  'VTCR_EL2',
  'CPACR_EL1',
  'CPTR_EL2',
  'MDCR_EL2',
  'HSTR_EL2',
  'VPIDR_EL2',
  'VMPIDR_EL2',
  'TPIDR_EL0',
  'TPIDRRO_EL0',
  'TPIDR_EL1',
  'TPIDR_EL2',
  'CONTEXTIDR_EL1',
  'PAR_EL1',
  'CNTKCTL_EL1',
  'CNTHCTL_EL2',
  'CNTVOFF_EL2',
  'CNTFRQ_EL0',
  'CNTP_CTL_EL0',
  'CNTP_CVAL_EL0',
  'CNTV_CTL_EL0',
  'CNTV_CVAL_EL0',
  'CNTHP_CTL_EL2',
  'CNTHP_CVAL_EL2',
  'MDSCR_EL1',
  'CSSELR_EL1',
] as const;

export type SystemSlot = (typeof names)[number];

const offsets = new Map<SystemSlot, number>(names.map((name, i) => [name, Core.system + 8 * i]));

/** Offset of a system register's storage from the core's base. */
export const systemOffset = (slot: SystemSlot): number => {
  const offset = offsets.get(slot);
  assert(offset !== undefined, `no storage for ${slot}`);
  return offset;
};
