/** Linux at its shell, which `npm run images` prepares (scripts/prepare.mjs). Where it is not there, or another EL2 Lab's, Linux boots. */
import type { MachineOptions } from '../../session/api/boot.ts';
import { packedFromFile } from '../../session/snapshot/container.ts';
import { type MachineClient, Refused } from '../../worker/client.ts';
import type { ResumedMachine } from '../../worker/endpoints/snapshots.ts';
import { fetchedImages } from './guests.ts';

/** Has an empty worker go on from a prepared system on this machine; null where it has to boot. */
export async function resumePrepared(
  client: MachineClient,
  name: 'linux.snap',
  wanted: MachineOptions,
): Promise<ResumedMachine | null> {
  const url = (await fetchedImages()).get(name);
  const response = url === undefined ? null : await fetch(url).catch(() => null);
  if (!response?.ok) return null;
  const packed = await packedFromFile(new Uint8Array(await response.arrayBuffer()));
  if (!packed.ok) return null;
  try {
    const resumed = await client.ask('resumeMachine', packed.value);
    const { machine } = await client.ask('status');
    const isWanted = machine.cpus === wanted.cpus && machine.memoryMiB === wanted.memoryMiB && machine.el === wanted.el;
    return isWanted ? resumed : null;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}
