/** vcpu_op (public/vcpu.h): the calls that Arm has. */
import { maskUpcalls } from '../domain/domain.ts';
import { writeRunstate } from '../domain/runstate.ts';
import { pageSize } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import { VCPUOP } from '../public/hypercalls.ts';
import { vcpu_info, vcpu_register_runstate_memory_area, vcpu_register_vcpu_info } from '../public/structures.ts';
import type { Call } from './call.ts';

const selectorOffset = vcpu_info.offsetOf('evtchn_pending_sel');

export const vcpuOp = (call: Call): number => {
  const vcpu = call.domain.vcpus[call.low(1)];
  if (!vcpu) return -Errno.ENOENT;
  switch (call.low(0)) {
    case VCPUOP.register_vcpu_info: {
      const argument = call.read(2, vcpu_register_vcpu_info);
      if (!argument) return -Errno.EFAULT;
      return registerInfo(call, vcpu, Number(argument.mfn), argument.offset);
    }
    case VCPUOP.register_runstate_memory_area: {
      const argument = call.read(2, vcpu_register_runstate_memory_area);
      if (!argument) return -Errno.EFAULT;
      vcpu.runstateArea = argument.addr;
      writeRunstate(call.xen, vcpu);
      return 0;
    }
    default:
      return -Errno.EINVAL;
  }
};

/** The vCPU's struct vcpu_info lies in the guest's own memory from now on. */
const registerInfo = (call: Call, vcpu: Call['vcpu'], gfn: number, offset: number): number => {
  const { xen, domain } = call;
  if (offset > pageSize - vcpu_info.size || (offset & 7) !== 0) return -Errno.ENXIO;
  if (vcpu.hasRegisteredInfo) return -Errno.EINVAL;
  // Another vCPU must be down.
  if (vcpu !== call.vcpu && !vcpu.isDown) return -Errno.EINVAL;
  const mfn = domain.hold(gfn);
  if (mfn === null) return -Errno.EINVAL;
  const { machine } = xen;
  const page = machine.page(mfn);
  const address = machine.hostPage(mfn) * pageSize + offset;
  if (vcpu.info !== 0) page.set(machine.u8.subarray(vcpu.info, vcpu.info + vcpu_info.size), offset);
  else {
    page.fill(0, offset, offset + vcpu_info.size);
    maskUpcalls(machine, address);
  }
  vcpu.info = address;
  vcpu.hasRegisteredInfo = true;
  // The guest looks at all events, so that none that came before is lost.
  machine.u8.fill(0xff, address + selectorOffset, address + selectorOffset + 8);
  if (machine.u8[address] === 0) {
    machine.u8[address] = 1;
    xen.vgic.inject(vcpu, domain.eventInterrupt);
  }
  return 0;
};
