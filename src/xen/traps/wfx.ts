import type { VCpu } from '../domain/vcpu.ts';
import type { Xen } from '../xen.ts';

/** Whether something waits for the running vCPU, masked or not: local_events_need_delivery_nomask. */
export const hasEvents = (xen: Xen, vcpu: VCpu): boolean => {
  if (xen.vgic.hasPending(vcpu)) return true;
  // evtchn_upcall_pending is the first byte of struct vcpu_info.
  if (vcpu.info === 0 || xen.machine.u8[vcpu.info] === 0) return false;
  return !xen.vgic.irq(vcpu, vcpu.domain.eventInterrupt).inflight;
};

/** vcpu_block_unless_event_pending. */
export const blockUnlessPending = (xen: Xen, vcpu: VCpu): void => xen.scheduling.block(vcpu.unit, hasEvents(xen, vcpu));

/** WFE yields, WFI blocks. */
export const handleWait = (xen: Xen, vcpu: VCpu, forEvent: boolean): void => {
  if (forEvent) xen.scheduling.yield(vcpu.unit);
  else blockUnlessPending(xen, vcpu);
};
