import type { Machine } from '../machine/machine.ts';
import type { GuestMemory } from '../mm/guest-memory.ts';
import { vcpu_runstate_info } from '../public/structures.ts';
import type { VCpu } from './domain.ts';

export interface RunstateHost {
  readonly machine: Machine;
  readonly memory: GuestMemory;
}

/** Tells the running guest how long its vCPU has been in each runstate, if it wants to know. */
export const writeRunstate = ({ machine, memory }: RunstateHost, vcpu: VCpu): void => {
  const { runstateArea: area } = vcpu;
  if (!area) return;
  const { state, entryTime, times } = vcpu.unit.runstate(machine.now());
  const info = vcpu_runstate_info.make();
  info.state = state;
  info.state_entry_time = BigInt(entryTime);
  info.time = times.map(BigInt);
  memory.write(area, info.bytes);
};
