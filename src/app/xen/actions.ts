/** What the user does in Xen mode that concerns several parts of the page. */
import type { Lab } from '../lab.ts';
import type { PanelId } from '../layout/panels.ts';

const encoder = new TextEncoder();

export const consolePanel = (domain: string): PanelId =>
  domain === 'Domain-0' ? 'console dom0' : `console domain ${domain}`;

/** A domain whose console Domain-0's terminal shows (`xl create -c`) gets a tab of its own, behind that. */
export function followConsoles({ xen, dock }: Pick<Lab, 'xen' | 'dock'>): void {
  xen.store.subscribe(({ domains }, before) => {
    if (domains === before.domains) return;
    for (const { id, name, attached } of domains) {
      const was = before.domains.find((domain) => domain.id === id)?.attached;
      if (attached && !was) dock.openBehind(consolePanel(name));
    }
  });
}

/** A word of the shell: quoted where it has to be. */
const word = (text: string): string => (/^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Writes what stands in a file's editor to Domain-0. Whether nothing is left to write. */
export async function saveDocument({ documents, xen }: Lab, path: string): Promise<boolean> {
  const document = documents.get(path);
  if (!document) return true;
  const text = document.text();
  const written = await xen.writeFile(path, encoder.encode(text));
  if (written) document.saved(text);
  return written;
}

/** Saves a config and types the command that creates its domain, and Enter, into Domain-0, in the user's sight. */
export async function createDomain(lab: Lab, path: string): Promise<void> {
  if (await saveDocument(lab, path)) await runInDom0(lab, ['xl', 'create', path]);
}

/** Types a command into Domain-0's shell, and Enter, in the user's sight. */
export async function runInDom0({ xen, dock }: Lab, words: readonly string[]): Promise<void> {
  dock.open('console dom0');
  await xen.runCommand(words.map(word).join(' '));
}

/** Types a command into Domain-0's shell and leaves Enter to the user. */
export async function typeInDom0({ xen, dock }: Lab, command: string): Promise<void> {
  dock.focus('console dom0');
  await xen.typeCommand(command);
}

/** Puts files into a folder of Domain-0. */
export async function uploadFiles({ xen }: Lab, folder: string, files: readonly File[]): Promise<void> {
  for (const file of files) await xen.writeFile(`${folder}/${file.name}`, new Uint8Array(await file.arrayBuffer()));
}

/** Gives bytes to the user as a file. */
export function download(name: string, contents: BlobPart): void {
  const url = URL.createObjectURL(new Blob([contents]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the address by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What can be done to a domain, as xl's commands. */
export const domainCommands = ['pause', 'unpause', 'shutdown', 'reboot', 'destroy'] as const;
export type DomainCommand = (typeof domainCommands)[number];
