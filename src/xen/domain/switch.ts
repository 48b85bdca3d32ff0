/** The context switch: one vCPU's registers leave the core, another's come. The idle vCPU has none. */
import { Cnthctl } from '../../arch/state/control-bits.ts';
import type { Machine } from '../machine/machine.ts';
import { Word } from '../machine/registers.ts';
import type { Vgic } from '../vgic/vgic.ts';
import type { VCpu } from './domain.ts';
import { type RunstateHost, writeRunstate } from './runstate.ts';

export interface SwitchHost extends RunstateHost {
  readonly vgic: Vgic;
}

/** Takes the registers of a vCPU out of the core. */
export const saveVcpu = ({ machine, vgic }: SwitchHost, vcpu: VCpu): void => {
  const { core } = machine;
  vcpu.context.save(core);
  vcpu.timer.save(core);
  vgic.save(vcpu);
};

/** Puts the registers of a vCPU into the core. It is the current vCPU of the pCPU already. */
export const restoreVcpu = (host: SwitchHost, vcpu: VCpu): void => {
  const { machine, vgic } = host;
  const { core } = machine;
  vgic.restore(vcpu);
  vcpu.context.restore(core);
  restoreStage2(machine, vcpu);
  vcpu.timer.restore(core, vcpu.unit.processor);
  writeRunstate(host, vcpu);
};

/** The virtual timer and its count trap. */
const timerTraps = Cnthctl.EL1TVT | Cnthctl.EL1TVCT;

const restoreStage2 = (machine: Machine, { domain, id, hcr, translation }: VCpu): void => {
  const { core } = machine;
  const { words } = core;
  const { p2m } = domain;
  const { vttbrLow, vttbrHigh } = translation?.stage2(core) ?? p2m;
  words[Word.HCR_EL2] = hcr;
  words[Word.CNTHCTL_EL2] = ((words[Word.CNTHCTL_EL2] as number) & ~timerTraps) | (translation ? timerTraps : 0);
  words[Word.VTTBR_EL2] = vttbrLow;
  words[Word.VTTBR_EL2 + 1] = vttbrHigh;
  machine.registersChanged();
  // Two vCPUs of a domain may use one ASID for different tables.
  const last = p2m.lastRan[core.index];
  if (last !== -1 && last !== id) {
    // One with its MMU on and one with its MMU off have different tables of stage 2, too.
    if (translation) machine.flushGuest(vttbrLow, vttbrHigh);
    else machine.flushGuestHere();
  }
  p2m.lastRan[core.index] = id;
};
