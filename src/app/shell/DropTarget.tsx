import { useEffect, useState } from 'react';
import { useTranslate } from '../i18n/useTranslate.ts';
import { askWhere } from '../lab/files/uploads.ts';
import { takeZips } from '../lab/files/zips.ts';
import { type Lab, useLab } from '../lab/lab.ts';

/** Takes files: a machine goes on, the board boots what it can, Domain-0 gets guests. */
async function take(lab: Lab, files: readonly File[]): Promise<void> {
  const [first] = files;
  if (first && files.length === 1 && (await isMachine(first)))
    return (await import('../lab/links/openMachine.ts')).openFile(lab, first);
  if (lab.mode === 'xen') await askWhere(lab, files);
  else if (files.length > 0) await lab.machine.open(files, lab.settings.getState().machine);
}

/** Whether a file is a snapshot (src/session/snapshot/container.ts). */
const isMachine = async (file: File): Promise<boolean> => (await file.slice(0, 7).text()) === 'EL2SNAP';

/**
 * Takes files dropped anywhere on the page: the board boots them, Domain-0 gets them as guests. It says so during the
 * drag.
 */
export function DropTarget() {
  const t = useTranslate();
  const lab = useLab();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onDragOver = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setHeld(true);
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHeld(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setHeld(false);
      void take(lab, takeZips(lab, [...(event.dataTransfer?.files ?? [])]));
    };
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('dragleave', onDragLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('dragleave', onDragLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [lab]);
  return held ? <div className="drop-target">{t(lab.mode === 'xen' ? 'files.dropHere' : 'app.dropHere')}</div> : null;
}
