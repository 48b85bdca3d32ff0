/** Actions of the user in Xen mode that several parts of the page share. */
import { newConfig } from '../xen/files/newConfig.ts';
import type { XenLab } from './lab.ts';
import { consolePanel, editorPanel } from './layout/panelKind.ts';

const encoder = new TextEncoder();

/** Whether Xen runs, so that Domain-0's files can be changed. */
export const isUp = ({ machine }: XenLab): boolean =>
  Boolean(machine.status?.hypervisor) && machine.view.crash === null;

/** With so many consoles open, those of other domains are opened by the user. */
const consolesMax = 16;

/** Opens a tab for the console of each domain that is created, behind the tab that is shown. */
export function followConsoles({ machine, dock }: XenLab): void {
  machine.domains.store.subscribe(({ domains }, before) => {
    if (before.domains.length === 0) return;
    for (const { id, name } of domains) {
      const isNew = !before.domains.some((domain) => domain.id === id);
      if (isNew && dock.opened('console').length < consolesMax) dock.openBehind(consolePanel(name));
    }
  });
}

/** A word of the shell, quoted if it has to be. */
const word = (text: string): string => (/^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Words as a line of the shell. */
export const shellLine = (words: readonly string[]): string => words.map(word).join(' ');

/**
 * Writes the text of a file's editor to Domain-0. If there is another version that the user has not seen, it is shown
 * instead. Resolves to whether nothing is left to write.
 */
export async function saveDocument({ documents, machine }: XenLab, path: string): Promise<boolean> {
  const document = documents.get(path);
  if (!document) return true;
  const { conflicts } = machine.files;
  if (conflicts.has(path)) {
    conflicts.show(path);
    return false;
  }
  const text = document.text();
  const isWritten = await machine.files.write(path, encoder.encode(text));
  if (isWritten) document.saved(text);
  return isWritten;
}

/**
 * Saves a config and types the command that creates its domain, and Enter, into Domain-0, where the user sees it. If
 * its name is in use, the page says what to do instead.
 */
export async function createDomain(lab: XenLab, path: string): Promise<void> {
  const obstacle = lab.documents.get(path)?.obstacle() ?? null;
  lab.machine.refuse(obstacle);
  if (obstacle !== null) return;
  if (await saveDocument(lab, path)) await runInDom0(lab, ['xl', 'create', path]);
}

/** Types a command into Domain-0's shell, and Enter, where the user sees it. */
export async function runInDom0({ machine, dock }: XenLab, words: readonly string[]): Promise<void> {
  dock.open(consolePanel('Domain-0'));
  await machine.consoles.runCommand(shellLine(words));
}

/** Destroys a domain and creates it from its config again, by a line that is typed into Domain-0's shell. */
export async function restartDomain({ machine, dock }: XenLab, name: string): Promise<void> {
  const domain = machine.domains.find(name);
  const config = domain && (await machine.look('domain', { domain: domain.id }))?.config;
  if (!config) return;
  dock.open(consolePanel('Domain-0'));
  await machine.consoles.runCommand(`${shellLine(['xl', 'destroy', name])} && ${shellLine(['xl', 'create', config])}`);
}

/** Types a command into Domain-0's shell and leaves Enter to the user. */
export async function typeInDom0({ machine, dock }: XenLab, command: string): Promise<void> {
  dock.focus(consolePanel('Domain-0'));
  await machine.consoles.typeCommand(command);
}

/** Types the command that destroys a domain into Domain-0's shell and leaves Enter to the user. */
export const typeDestroy = (lab: XenLab, domain: string): Promise<void> =>
  typeInDom0(lab, `xl destroy ${word(domain)}`);

/** Makes a new config in a folder of Domain-0, and opens it. */
export async function makeConfig({ machine, dock }: XenLab, folder: string): Promise<void> {
  const { path, text } = newConfig(folder, machine.files.all);
  if (await machine.files.write(path, encoder.encode(text))) dock.focus(editorPanel(path));
}
