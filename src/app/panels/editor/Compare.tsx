import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { keepMine, takeTheirs } from '../../lab/files/conflictActions.ts';
import { useXenLab } from '../../lab/lab.ts';
import { Modal } from '../../widgets/Modal.tsx';
import type { Conflict } from '../../xen/files/conflicts.ts';
import { Differences } from './Differences.tsx';

/** Shows two versions of a file beside each other, and has the user choose. */
export function Compare() {
  const lab = useXenLab();
  const { conflicts } = lab.machine.files;
  const shown = useStore(conflicts.store, (view) => view.shown);
  return shown && <Choice key={shown.path} conflict={shown} />;
}

function Choice({ conflict }: { readonly conflict: Conflict }) {
  const t = useTranslate();
  const lab = useXenLab();
  const { conflicts } = lab.machine.files;
  const others = useStore(conflicts.store, (view) => view.all.filter(({ by }) => by === conflict.by).length);
  const [isForAll, setForAll] = useState(false);
  const { path, theirs, by } = conflict;

  const decide = async (how: typeof keepMine) => {
    const { all } = conflicts.store.getState();
    conflicts.show(null);
    for (const each of isForAll ? all.filter((other) => other.by === by) : [conflict]) await how(lab, each);
  };
  return (
    <Modal label={t('conflict.title', { path })} className="compare" onClose={() => conflicts.show(null)}>
      <h2>{t('conflict.title', { path })}</h2>
      <p>{t(by === 'machine' ? 'conflict.byMachine' : theirs ? 'conflict.byTab' : 'conflict.removedByTab')}</p>
      <div className="sides" aria-hidden="true">
        <span>{t('conflict.mine')}</span>
        <span>{t(by === 'machine' ? 'conflict.machines' : 'conflict.tabs')}</span>
      </div>
      <Versions conflict={conflict} />
      {others > 1 && (
        <label>
          <input type="checkbox" checked={isForAll} onChange={(event) => setForAll(event.target.checked)} />
          {t('conflict.all', { count: others })}
        </label>
      )}
      <div className="choices">
        <button type="button" data-takes-focus onClick={() => void decide(keepMine)}>
          {t('conflict.keepMine')}
        </button>
        <button type="button" onClick={() => void decide(takeTheirs)}>
          {t(theirs ? 'conflict.takeTheirs' : 'conflict.deleteHere')}
        </button>
        <button type="button" onClick={() => conflicts.show(null)}>
          {t('conflict.later')}
        </button>
      </div>
    </Modal>
  );
}

/** The user's version beside the other one. */
function Versions({ conflict: { path, theirs } }: { readonly conflict: Conflict }) {
  const { machine, documents } = useXenLab();
  const [mine, setMine] = useState<Uint8Array | null>();
  useEffect(() => {
    const draft = documents.draft(path);
    if (draft) setMine(new TextEncoder().encode(draft.text));
    else void machine.files.read(path).then(setMine);
  }, [machine, documents, path]);
  return <Differences original={mine} modified={theirs} />;
}
