import type { GuestMemory } from '../hypercall/guest-memory.ts';
import type { Machine } from '../machine/machine.ts';
import type { VCpu } from './domain.ts';

export interface RunstateHost {
  readonly machine: Machine;
  readonly memory: GuestMemory;
}

/** Size of struct vcpu_runstate_info (public/vcpu.h). */
const infoSize = 48;

/** Tells the running guest how long its vCPU has been in each runstate, if it wants to know. */
export const writeRunstate = ({ machine, memory }: RunstateHost, vcpu: VCpu): void => {
  const { runstateArea: area } = vcpu;
  if (!area) return;
  const { state, entryTime, times } = vcpu.unit.runstate(machine.now());
  const info = new DataView(new ArrayBuffer(infoSize));
  info.setUint32(0, state, true);
  info.setBigUint64(8, BigInt(entryTime), true);
  times.forEach((time, i) => {
    info.setBigUint64(16 + 8 * i, BigInt(time), true);
  });
  memory.write(area.low, area.high, new Uint8Array(info.buffer));
};
