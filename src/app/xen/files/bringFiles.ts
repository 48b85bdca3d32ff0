import type { UserFiles } from '../../../session/api/files.ts';
import type { MachineClient } from '../../../worker/client.ts';
import { sameBytes } from '../../storage/sameBytes.ts';

/** Domain-0 gets the user's files as they are by now. */
export async function bringFiles(client: MachineClient, { files, removed }: UserFiles): Promise<void> {
  const has = (path: string) => client.ask('readFile', { path }).catch(() => null);
  for (const { path, bytes } of files)
    if (!sameBytes(await has(path), bytes)) await client.ask('writeFile', { path, bytes });
  for (const path of removed) if (await has(path)) await client.ask('removeFile', { path });
}
