import type { Lab } from '../lab.ts';
import type { Dock } from '../layout/dock.ts';
import { fixedPanels, type PanelId, subjectOf } from '../layout/panels.ts';
import { consolePanel, createDomain, saveDocument, uploadFiles } from '../xen/actions.ts';
import { newConfig } from '../xen/newConfig.ts';

/** What the page can be asked for in Xen mode only. */
export function registerXenCommands(lab: Lab): void {
  const { xen, dock, commands, documents, overlay, pickFiles } = lab;
  const open = (): string | null => {
    const path = editedPath(dock);
    return path !== null && documents.get(path) ? path : null;
  };
  const isUp = () => xen.status?.xen !== null && xen.store.getState().crash === null;

  commands.register(
    {
      id: 'xen.newConfig',
      label: (t) => t('command.newConfig'),
      menu: 'file',
      keys: ['Alt+N'],
      predicate: isUp,
      perform: () => void make(),
    },
    {
      id: 'file.save',
      label: (t) => t('command.save'),
      menu: 'file',
      keys: ['Mod+S'],
      predicate: () => open() !== null,
      perform: () => {
        const path = open();
        if (path !== null) void saveDocument(lab, path);
      },
    },
    {
      id: 'xen.create',
      label: (t) => t('command.create'),
      menu: 'file',
      keys: ['Mod+Enter'],
      predicate: () => open()?.endsWith('.cfg') === true,
      perform: () => {
        const path = open();
        if (path?.endsWith('.cfg')) void createDomain(lab, path);
      },
    },
    {
      id: 'file.upload',
      label: (t) => t('command.upload'),
      menu: 'file',
      keys: ['Mod+O'],
      predicate: isUp,
      perform: () => void pickFiles().then((files) => uploadFiles(lab, '/guests', files)),
    },
    {
      id: 'file.forget',
      label: (t) => t('command.forgetFiles'),
      menu: 'file',
      perform: () => void xen.forgetFiles(),
    },
    {
      id: 'xen.costs',
      label: (t) => t('command.costs'),
      menu: 'machine',
      perform: () => overlay.setState({ open: 'costs' }),
    },
  );

  async function make(): Promise<void> {
    const { path, text } = newConfig('/etc/xen', xen.store.getState().files);
    if (await xen.writeFile(path, new TextEncoder().encode(text))) dock.focus(`editor ${path}`);
  }
}

/** Ways to the panels, beside those of which there is one. */
export function registerXenPanels({ xen, dock, commands }: Lab): void {
  commands.register(
    {
      id: 'panel.consoles',
      label: (t) => t('command.consoles'),
      menu: 'view',
      keys: ['Ctrl+`'],
      perform: () => dock.focus(nextConsole()),
    },
    {
      id: 'panel.editor',
      label: (t) => t('command.editor'),
      menu: 'view',
      predicate: () => editedPath(dock) !== null,
      perform: () => {
        const path = editedPath(dock);
        if (path !== null) dock.focus(`editor ${path}`);
      },
    },
  );
  // The numbers that the panels of which there is one leave are the consoles'.
  const first = fixedPanels.xen.length + 1;
  const consoles = ['dom0', 'xen'] as const;
  consoles.forEach((name, index) => {
    commands.register({
      id: `console.${name}`,
      label: (t) => t('command.focus', { panel: name === 'xen' ? t('panel.xenSerial') : 'Domain-0' }),
      menu: 'view',
      keys: [`Mod+${first + index}`],
      perform: () => dock.focus(`console ${name}`),
    });
  });
  for (let n = first + consoles.length; n <= 9; n++) {
    const guest = () => xen.store.getState().domains.filter(({ id }) => id > 0)[n - first - consoles.length];
    commands.register({
      id: `console.domain${n}`,
      label: (t) => t('command.focus', { panel: guest()?.name ?? t('command.noDomain') }),
      menu: 'view',
      keys: [`Mod+${n}`],
      predicate: () => guest() !== undefined,
      perform: () => {
        const domain = guest();
        if (domain) dock.focus(consolePanel(domain.name));
      },
    });
  }

  /** The console that is used gives way to the next; from elsewhere, the one that was used last. */
  function nextConsole(): PanelId {
    const opened = dock.opened('console');
    const { active, console } = dock.store.getState();
    if (active?.startsWith('console ')) return opened[(opened.indexOf(active) + 1) % opened.length] ?? active;
    return console && opened.includes(console) ? console : 'console dom0';
  }
}

/** The file of the editor that is used, or was last. */
function editedPath(dock: Dock): string | null {
  const { active, editor } = dock.store.getState();
  const id = active?.startsWith('editor ') ? active : editor;
  return id ? subjectOf(id) : null;
}
