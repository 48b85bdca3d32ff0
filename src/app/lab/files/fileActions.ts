/** Changes to Domain-0's files that the user can take back. */
import type { FileEntry } from '../../../session/api/files.ts';
import type { XenLab } from '../lab.ts';
import { editorPanel } from '../layout/panelKind.ts';

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * Removes a file, or a folder that is empty. Its editor closes. A disk that was written to is too large to be brought back:
 * the user is asked.
 */
export async function removeFile(lab: XenLab, entry: FileEntry): Promise<void> {
  const { machine, dock, undo, documents } = lab;
  const { path, isDirectory } = entry;
  const { files } = machine;
  if (entry.isDisk) {
    if (await isCertain(lab, path)) await files.remove(path);
    return;
  }
  const bytes = isDirectory ? null : await files.read(path);
  const wasOpen = dock.isOpen(editorPanel(path));
  if (!(await files.remove(path))) return;
  if (wasOpen) dock.close(editorPanel(path));
  undo.offer({
    text: (t) => t('undo.deleted', { name: nameOf(path) }),
    undo: async () => {
      const isBack = await (bytes ? files.write(path, bytes) : files.makeFolder(path));
      if (isBack && wasOpen) dock.open(editorPanel(path));
    },
    // Till then a text that was not saved waits for its editor.
    lapse: () => documents.settle(path),
  });
}

/** Asks whether a disk is to go for good. */
const isCertain = ({ question }: XenLab, path: string): Promise<boolean> =>
  new Promise((answer) => {
    question.setState({
      asked: { text: (t) => t('files.removeDisk', { name: nameOf(path) }), items: [], yes: 'files.remove', answer },
    });
  });

/** Gives a file or a folder another name, in place of a file that has it. An open editor goes with it. */
export async function renameFile({ machine, dock, undo, documents }: XenLab, from: string, to: string): Promise<void> {
  const { files } = machine;
  const other = files.all.find(({ path, isDirectory }) => path === to && !isDirectory);
  const replaced = other ? await files.read(to) : null;
  if (!(await files.rename(from, to))) return;
  moveEditor(from, to);
  if (replaced) {
    undo.offer({
      text: (t) => t('undo.replaced', { name: nameOf(to) }),
      undo: async () => {
        if (!(await files.rename(to, from))) return;
        await files.write(to, replaced);
        moveEditor(to, from);
      },
    });
  }

  function moveEditor(from: string, to: string): void {
    documents.move(from, to);
    if (!dock.isOpen(editorPanel(from))) return;
    dock.close(editorPanel(from));
    dock.open(editorPanel(to));
  }
}
