/**
 * Systems that the page's server has prepared as snapshots (scripts/prepare.mjs). Where one is not there, or another
 * EL2 Lab's, they boot.
 */
import type { BootSummary, MachineOptions } from '../../session/api/boot.ts';
import { packedFromFile } from '../../session/snapshot/container.ts';
import { type MachineClient, Refused } from '../../worker/client.ts';
import { fetchedImages } from './guests.ts';

/** What was prepared: Linux as the board boots it, and Xen as the page starts it if the user has not chosen otherwise. */
const machine: MachineOptions = { cpus: 4, memoryMiB: 2048, el: 2 };
const prepared = { 'linux.snap': { machine }, 'xen.snap': { machine, commandLine: 'dom0_mem=512M' } };

/** What the user wants. */
interface Wanted {
  readonly machine: MachineOptions;
  /** Xen's. */
  readonly commandLine?: string | undefined;
}

/** Has an empty worker go on from a prepared system, and returns what the loader did; null where it has to boot. */
export async function openPrepared(
  client: MachineClient,
  name: keyof typeof prepared,
  wanted: Wanted,
): Promise<{ readonly summary: BootSummary | null } | null> {
  if (!isPrepared(prepared[name], wanted)) return null;
  const url = (await fetchedImages()).get(name);
  const response = url === undefined ? null : await fetch(url).catch(() => null);
  if (!response?.ok) return null;
  const packed = await packedFromFile(new Uint8Array(await response.arrayBuffer()));
  if (!packed.ok) return null;
  try {
    return await client.give('openPrepared', { ...packed.value, ...wanted });
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

const isPrepared = (one: Wanted, { machine: { cpus, memoryMiB, el }, commandLine }: Wanted): boolean =>
  one.machine.cpus === cpus &&
  one.machine.memoryMiB === memoryMiB &&
  one.machine.el === el &&
  one.commandLine === commandLine;
