/** The registers of a vCPU as the page shows them. */
import { Pstate } from '../arch/state/control-bits.ts';
import type { CoreState } from '../arch/state/core.ts';
import type { SystemSlot } from '../arch/state/slots.ts';
import { pstateOf, stackPointers } from '../cluster/inspect/registers.ts';
import type { VcpuRegisters } from './api/domain-details.ts';

/** Besides the stack pointers. ELR_EL1, ESR_EL1 and FAR_EL1 say what the guest's own vector was entered for last. */
export const systemSlots = [
  'ELR_EL1',
  'ESR_EL1',
  'FAR_EL1',
  'SPSR_EL1',
  'VBAR_EL1',
  'SCTLR_EL1',
  'TCR_EL1',
  'TTBR0_EL1',
  'TTBR1_EL1',
  'MAIR_EL1',
  'TPIDR_EL0',
  'TPIDR_EL1',
] as const satisfies readonly SystemSlot[];

export const levelOf = (pstate: number): number => (pstate & Pstate.mode) >>> Pstate.elShift;

/** The registers in a core. While EL2 runs there, the guest's PC and PSTATE are in ELR_EL2 and SPSR_EL2. */
export function inCore(core: CoreState, cpu: number): VcpuRegisters {
  const isInXen = core.el === 2;
  const pstate = isInXen ? core.systemLow('SPSR_EL2') >>> 0 : pstateOf(core);
  const [sp0 = 0n, sp1 = 0n] = stackPointers(core);
  return {
    core: cpu,
    pc: isInXen ? core.system('ELR_EL2') : core.pc,
    pstate,
    el: levelOf(pstate),
    x: Array.from({ length: 31 }, (_, n) => core.x(n)),
    system: [
      { name: 'SP_EL0', value: sp0 },
      { name: 'SP_EL1', value: sp1 },
      ...systemSlots.map((name) => ({ name, value: core.system(name) })),
    ],
  };
}
