import { useEffect, useState } from 'react';
import { useGuide } from '../../i18n/guide.ts';
import { useXenLab } from '../../lab/lab.ts';
import { Modal } from '../../widgets/Modal.tsx';
import { Differences } from './Differences.tsx';

export interface RevisionDiffProps {
  readonly path: string;
  /** The commit, and what it says. */
  readonly id: string;
  readonly message: string;
  readonly restore: () => void;
  readonly close: () => void;
}

/** A file as it was in a revision, beside the file as it is now. */
export function RevisionDiff({ path, id, message, restore, close }: RevisionDiffProps) {
  const g = useGuide();
  const { machine } = useXenLab();
  const [then, setThen] = useState<Uint8Array | null>();
  const [now, setNow] = useState<Uint8Array | null>();
  useEffect(() => {
    void machine.look('fileInRevision', { id, path }).then(setThen);
    void machine.files.read(path).then(setNow);
  }, [machine, id, path]);
  const title = g('revisions.compare', { path, id: id.slice(0, 7) });
  return (
    <Modal label={title} className="compare" onClose={close}>
      <h2>{title}</h2>
      <p>{message}</p>
      <div className="sides" aria-hidden="true">
        <span className="mono">{id.slice(0, 7)}</span>
        <span>{g('revisions.now')}</span>
      </div>
      <Differences original={then} modified={now} />
      <div className="choices">
        <button type="button" onClick={restore}>
          {g('revisions.restore')}
        </button>
        <button type="button" data-takes-focus onClick={close}>
          {g('revisions.close')}
        </button>
      </div>
    </Modal>
  );
}
