import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { keepMine, takeTheirs } from '../../lab/files/conflictActions.ts';
import { useSettings, useXenLab } from '../../lab/lab.ts';
import { styleValue } from '../../styles/value.ts';
import { Modal } from '../../widgets/Modal.tsx';
import type { Conflict } from '../../xen/files/conflicts.ts';
import { monaco } from './monaco.ts';
import { textOf } from './text.ts';
import { applyTheme } from './theme.ts';
import './editor.css';

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
      <Differences conflict={conflict} />
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

/** The differences of a text, or the sizes of what is no text. */
function Differences({ conflict: { path, theirs } }: { readonly conflict: Conflict }) {
  const t = useTranslate();
  const { machine, documents } = useXenLab();
  const theme = useSettings((settings) => settings.theme);
  const host = useRef<HTMLDivElement>(null);
  const [mine, setMine] = useState<Uint8Array | null>();

  useEffect(() => {
    const draft = documents.draft(path);
    if (draft) setMine(new TextEncoder().encode(draft.text));
    else void machine.files.read(path).then(setMine);
  }, [machine, documents, path]);

  const isLoaded = mine !== undefined;
  const left = isLoaded ? textOf(mine ?? new Uint8Array()) : null;
  const right = textOf(theirs ?? new Uint8Array());
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    if (left === null || right === null || !host.current) return;
    const models = { original: monaco.editor.createModel(left), modified: monaco.editor.createModel(right) };
    const editor = monaco.editor.createDiffEditor(host.current, {
      theme: 'el2lab',
      automaticLayout: true,
      readOnly: true,
      originalEditable: false,
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: false,
      renderGutterMenu: false,
      glyphMargin: false,
      lineNumbersMinChars: 3,
      bracketPairColorization: { enabled: false },
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      fontFamily: styleValue('--mono'),
      fontSize: 12,
      lineHeight: 18,
      wordWrap: 'on',
    });
    editor.setModel(models);
    return () => {
      editor.dispose();
      for (const model of Object.values(models)) model.dispose();
    };
  }, [left, right]);

  if (isLoaded && (left === null || right === null)) {
    const size = (bytes: Uint8Array | null | undefined) => bytes?.length.toLocaleString('en') ?? '–';
    return <p className="empty">{t('conflict.binary', { mine: size(mine), theirs: size(theirs) })}</p>;
  }
  return <div ref={host} className="differences" />;
}
