/** vcpu_op (public/vcpu.h; xen/common/domain.c, do_vcpu_op): the calls that Arm has. */

import { writeRunstate } from '../domain/runstate.ts';
import { pageSize } from '../machine/machine.ts';
import type { Call } from './call.ts';
import { Errno } from './errno.ts';

/** VCPUOP_* */
const Command = { registerRunstate: 5, registerInfo: 10 } as const;

/** Bytes of struct vcpu_info. */
const infoSize = 48;

export const vcpuOp = (call: Call): number => {
  const vcpu = call.domain.vcpus[call.low(1)];
  if (!vcpu) return -Errno.ENOENT;
  switch (call.low(0)) {
    case Command.registerInfo: {
      const argument = call.copyFrom(2, 16);
      if (!argument) return -Errno.EFAULT;
      return registerInfo(call, vcpu, Number(argument.getBigUint64(0, true)), argument.getUint32(8, true));
    }
    case Command.registerRunstate: {
      const argument = call.copyFrom(2, 8);
      if (!argument) return -Errno.EFAULT;
      vcpu.runstateArea = { low: argument.getUint32(0, true), high: argument.getUint32(4, true) };
      writeRunstate(call.xen, vcpu);
      return 0;
    }
    default:
      return -Errno.EINVAL;
  }
};

/** map_vcpu_info: its struct vcpu_info lies in the guest's own memory from now on. */
const registerInfo = (call: Call, vcpu: Call['vcpu'], gfn: number, offset: number): number => {
  const { xen, domain } = call;
  if (offset > pageSize - infoSize || (offset & 7) !== 0) return -Errno.ENXIO;
  if (vcpu.hasRegisteredInfo) return -Errno.EINVAL;
  // Another vCPU must not be running.
  if (vcpu !== call.vcpu && !vcpu.isDown) return -Errno.EINVAL;
  const mfn = domain.hold(gfn);
  if (mfn === null) return -Errno.EINVAL;
  const { machine } = xen;
  const page = machine.page(mfn);
  const address = machine.hostPage(mfn) * pageSize + offset;
  if (vcpu.info !== 0) page.set(machine.u8.subarray(vcpu.info, vcpu.info + infoSize), offset);
  else page.fill(0, offset, offset + infoSize);
  vcpu.info = address;
  vcpu.hasRegisteredInfo = true;
  // Nothing must be lost: the guest looks at all that came before.
  machine.u8.fill(0xff, address + 8, address + 16);
  if (machine.u8[address] === 0) {
    machine.u8[address] = 1;
    xen.vgic.inject(vcpu, domain.eventInterrupt);
  }
  return 0;
};
