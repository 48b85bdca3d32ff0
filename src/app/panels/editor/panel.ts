import type { Command } from '../../commands/registry.ts';
import type { XenLab } from '../../lab/lab.ts';
import type { Dock } from '../../lab/layout/dock.ts';
import { editorPanel, kindOf, subjectOf } from '../../lab/layout/panelKind.ts';
import { createDomain, saveDocument } from '../../lab/xenActions.ts';
import { Deferred } from '../../widgets/deferred.ts';
import type { ManyPanels, SinglePanel } from '../panel.ts';

async function load() {
  // Monaco reads its own texts from here when it starts.
  if (document.documentElement.lang === 'ja') await import('monaco-editor/nls/lang/ja.js');
  return import('./Editor.tsx');
}

/** Two versions of a file beside each other. */
export const compare = new Deferred(async () => ({ default: (await load()).Compare }));

/** A revision of a file beside the file as it is. */
export const revisionDiff = new Deferred(async () => ({ default: (await load()).RevisionDiff }));

export const editor: ManyPanels = {
  id: 'editor',
  titleOf: (path) => path.slice(path.lastIndexOf('/') + 1),
  nameOf: (path, t) => t('editor.name', { path }),
  help: 'help.editor',
  leaving: 'leaving.editor',
  places: { xen: { area: 'centre', subjects: ['/etc/xen/rtos-a.cfg'] } },
  component: new Deferred(load),
  isHeavy: true,
  xenCommands,
};

/** The revisions of the file in the editor. */
export const revisions: SinglePanel = {
  id: 'revisions',
  title: 'panel.revisions',
  help: 'help.revisions',
  places: { xen: { beside: 'latency' } },
  component: new Deferred(() => import('./Revisions.tsx')),
};

function xenCommands(lab: XenLab): readonly Command[] {
  const { dock, documents } = lab;
  /** The path of the open document in the current editor, or in the one used last. */
  const open = (): string | null => {
    const path = editedPath(dock);
    return path !== null && documents.get(path) ? path : null;
  };
  const openConfig = (): string | null => {
    const path = open();
    return path?.endsWith('.cfg') ? path : null;
  };
  return [
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
      label: (t) => t('editor.create'),
      menu: 'file',
      keys: ['Mod+Enter'],
      predicate: () => openConfig() !== null,
      perform: () => {
        const path = openConfig();
        if (path !== null) void createDomain(lab, path);
      },
    },
    {
      id: 'panel.editor',
      label: (t) => t('command.editor'),
      menu: 'view',
      predicate: () => editedPath(dock) !== null,
      perform: () => {
        const path = editedPath(dock);
        if (path !== null) dock.focus(editorPanel(path));
      },
    },
  ];
}

/** The path in the current editor, or in the one used last. */
export function editedPath(dock: Dock): string | null {
  const { active, last } = dock.store.getState();
  const id = active && kindOf(active) === 'editor' ? active : last.editor;
  return id ? subjectOf(id) : null;
}
