/** What the user decides where there are two versions of a file. */
import type { Conflict } from '../../xen/files/conflicts.ts';
import type { XenLab } from '../lab.ts';
import { editorPanel } from '../layout/panelKind.ts';
import { saveDocument } from '../xenActions.ts';
import { nameOf } from './fileActions.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The user's version counts: the text in the editor, or else the file in this tab's Domain-0. */
export async function keepMine(lab: XenLab, { path, accept }: Conflict): Promise<void> {
  const { documents, machine } = lab;
  const { files } = machine;
  accept();
  files.conflicts.settle(path);
  const draft = documents.draft(path);
  if (!draft) await files.keepNow(path);
  else if (documents.get(path)) await saveDocument(lab, path);
  else if (await files.write(path, encoder.encode(draft.text))) documents.settle(path);
}

/** The other version counts. The user's can be brought back. */
export async function takeTheirs(lab: XenLab, { path, theirs, accept }: Conflict): Promise<void> {
  const { documents, dock, machine, undo } = lab;
  const { files } = machine;
  const draft = documents.draft(path);
  const mine = draft ? encoder.encode(draft.text) : await files.read(path);
  accept();
  files.conflicts.settle(path);
  documents.settle(path);
  if (theirs) {
    documents.get(path)?.replace(decoder.decode(theirs));
    await files.write(path, theirs);
  } else {
    dock.close(editorPanel(path));
    await files.remove(path);
  }
  undo.offer({
    text: (t) => t(theirs ? 'undo.replaced' : 'undo.deleted', { name: nameOf(path) }),
    undo: () => (mine ? files.write(path, mine) : files.remove(path)),
  });
}
