import { useEffect, useState } from 'react';
import { useLab, useTranslate } from '../lab.ts';

/** Takes files dropped anywhere on the page to boot, and says so while one is held over the page. */
export function DropTarget() {
  const t = useTranslate();
  const { machine, settings } = useLab();
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
      void machine.open([...(event.dataTransfer?.files ?? [])], settings.getState().machine);
    };
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('dragleave', onDragLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('dragleave', onDragLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [machine, settings]);
  return held ? <div className="drop-target">{t('app.dropHere')}</div> : null;
}
