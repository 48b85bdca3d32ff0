import { useEffect, useState } from 'react';
import { useTranslate } from '../i18n/useTranslate.ts';
import { askWhere } from '../lab/files/uploads.ts';
import { takeZips } from '../lab/files/zips.ts';
import { useLab } from '../lab/lab.ts';

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
      const files = takeZips(lab, [...(event.dataTransfer?.files ?? [])]);
      if (lab.mode === 'xen') void askWhere(lab, files);
      else if (files.length > 0) void lab.machine.open(files, lab.settings.getState().machine);
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
