import type { VCpu } from '../domain/domain.ts';
import type { Machine } from '../machine/machine.ts';
import type { Scheduling } from '../sched/schedule.ts';
import type { Vgic } from '../vgic/vgic.ts';

export interface WaitHost {
  readonly machine: Machine;
  readonly scheduling: Scheduling;
  readonly vgic: Vgic;
}

/** Whether an interrupt or an event waits for the running vCPU, whether or not the guest masks interrupts. */
export const hasEvents = ({ machine, vgic }: WaitHost, vcpu: VCpu): boolean => {
  if (vgic.hasPending(vcpu)) return true;
  // The first byte of struct vcpu_info is evtchn_upcall_pending.
  if (vcpu.info === 0 || machine.u8[vcpu.info] === 0) return false;
  return !vgic.irq(vcpu, vcpu.domain.eventInterrupt).inflight;
};

/** Blocks the running vCPU until an event, unless one waits already. */
export const blockUnlessPending = (host: WaitHost, vcpu: VCpu): void =>
  host.scheduling.block(vcpu.unit, hasEvents(host, vcpu));

/** WFE yields, WFI blocks. */
export const handleWait = (host: WaitHost, vcpu: VCpu, forEvent: boolean): void => {
  if (forEvent) host.scheduling.yield(vcpu.unit);
  else blockUnlessPending(host, vcpu);
};
