import type { CoreState } from '../../arch/state/core.ts';
import { Word } from '../machine/registers.ts';
import type { Xen } from '../xen.ts';
import type { VCpu } from './vcpu.ts';

/** context_switch: the registers of one vCPU leave the core, those of another come (null: the idle vCPU, which has none). */
export const switchContext = (
  xen: Xen,
  from: VCpu | null,
  to: VCpu | null,
  setCurrent: (vcpu: VCpu | null) => void,
): void => {
  const { core } = xen.machine;
  if (from) {
    from.context.save(core);
    from.timer.save(core);
    xen.vgic.save(from);
  }
  setCurrent(to);
  if (!to) return;
  xen.vgic.restore(to);
  to.context.restore(core);
  restoreStage2(xen, core, to);
  to.timer.restore(core, to.unit.processor);
  if (to.runstateArea) xen.writeRunstate(to);
};

/** p2m_restore_state. */
const restoreStage2 = (xen: Xen, core: CoreState, { domain, id, hcr }: VCpu): void => {
  const { machine } = xen;
  const { words } = core;
  const { p2m } = domain;
  words[Word.HCR_EL2] = hcr;
  words[Word.VTTBR_EL2] = p2m.vttbrLow;
  words[Word.VTTBR_EL2 + 1] = p2m.vttbrHigh;
  machine.registersChanged();
  // Two vCPUs of a domain may use one ASID for different tables.
  const last = p2m.lastRan[core.index];
  if (last !== -1 && last !== id) machine.flushGuestHere();
  p2m.lastRan[core.index] = id;
};
