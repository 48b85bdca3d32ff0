/** The real Xen as the page's server has prepared it: Domain-0 at its prompt, with the domains of the ready session. */
import type { Dom0File, UserFiles } from '../../session/api/files.ts';
import { bootScriptPath, firstFiles, isOfModel } from '../../session/xen/first-files.ts';
import { linuxConfigs } from '../../session/xen/linux-guests.ts';
import type { MachineClient } from '../../worker/client.ts';
import type { Language } from '../i18n/translate.ts';
import { openPrepared } from '../machine/prepared.ts';
import { sameBytes } from '../storage/sameBytes.ts';
import { bringFiles } from './files/bringFiles.ts';
import type { NextStart } from './xenMachine.ts';

/** Domain-0 gets no more than this while it runs: its serial port carries 400 kB a second. */
const mostBytes = 2 ** 20;

/**
 * Has an empty worker go on from it, with the user's files in Domain-0 as if it had booted with them; false where it
 * has to boot.
 */
export async function openPreparedXen(
  client: MachineClient,
  { cpus, memoryMiB, commandLine }: NextStart['xen'],
  language: Language,
  user: UserFiles,
): Promise<boolean> {
  const inEnglish = [...firstFiles, ...linuxConfigs];
  const translated = language === 'ja' ? (await import('./files/firstFilesJa.ts')).inJapanese(linuxConfigs) : [];
  const originals = translated.filter(({ path, bytes }, i) => {
    return !isOfModel(path) && !sameBytes(bytes, inEnglish[i]?.bytes ?? null);
  });
  const size = [...originals, ...user.files].reduce((sum, { bytes }) => sum + bytes.length, 0);
  const decides = decisive(firstFiles);
  if (size > mostBytes || [...user.files.map(({ path }) => path), ...user.removed].some((path) => decides.has(path)))
    return false;
  const machine = { cpus, memoryMiB, el: 2 } as const;
  if (!(await openPrepared(client, 'xen.snap', { machine, commandLine }))) return false;
  for (const file of originals) await client.ask('writeFile', { ...file, isOriginal: true });
  await bringFiles(client, user);
  return true;
}

/** Paths of the files that decide which domains there are: the script that creates them, and what it and its configs name. */
function decisive(files: readonly Dom0File[]): ReadonlySet<string> {
  const texts = new Map(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
  const found = new Set([bootScriptPath]);
  // What is added meanwhile comes later.
  for (const path of found) for (const [name] of texts.get(path)?.matchAll(/\/[\w./-]+/g) ?? []) found.add(name);
  return found;
}
