import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import '../../i18n/later.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { type BoardLab, useBoard, useKeeping, useLab, useXen, type XenLab } from '../../lab/lab.ts';
import { editorPanel } from '../../lab/layout/panelKind.ts';
import { compare } from '../../panels/editor/panel.ts';
import type { StorageFault } from '../../storage/keeping.ts';
import { Loaded } from '../../widgets/Loaded.tsx';
import { Modal } from '../../widgets/Modal.tsx';
import { OpenedNotice } from './OpenedNotice.tsx';

const faults: Readonly<Record<StorageFault, PlainKey>> = {
  full: 'keeping.full',
  blocked: 'keeping.blocked',
  removed: 'keeping.removed',
};

/** Above the panels: what the user has to know of the files, and can do about it. */
export default function Notices() {
  const lab = useLab();
  return (
    <>
      <StorageNotice />
      <DisksNotice />
      <MachineNotice />
      <DraftNotice />
      <OpenedNotice />
      {lab.mode === 'xen' && <LinuxNotice />}
      {lab.mode === 'xen' ? <ConflictNotice lab={lab} /> : <GuestConflictNotice lab={lab} />}
      <UndoNotice />
      <QuestionDialog />
    </>
  );
}

/** The browser does not keep the user's files. */
function StorageNotice() {
  const t = useTranslate();
  const { mode, commands, keeping } = useLab();
  const fault = useKeeping((view) => (view.isDismissed ? null : view.fault));
  const canRetry = useKeeping((view) => view.unkept.length > 0);
  if (!fault) return null;
  return (
    <section className="banner" role="alert">
      <p>{t(faults[fault])}</p>
      {mode === 'xen' && (
        <button type="button" onClick={() => commands.perform('file.export')}>
          {t('keeping.download')}
        </button>
      )}
      {canRetry && (
        <button type="button" onClick={() => void keeping.retry()}>
          {t('keeping.retry')}
        </button>
      )}
      <button type="button" onClick={() => keeping.dismiss()}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}

/** The browser does not keep what is written to domains' disks. */
function DisksNotice() {
  const t = useTranslate();
  const { keeping } = useLab();
  const disks = useKeeping((view) => view.disks);
  if (disks === 'none' || disks === 'kept') return null;
  return (
    <section className="banner" role="alert">
      <p>{t(`disks.${disks}`)}</p>
      <button type="button" onClick={() => keeping.showDisks('none')}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}

/** The browser keeps the machine of another tab. */
function MachineNotice() {
  const t = useTranslate();
  const { keeping } = useLab();
  if (useKeeping(({ machine }) => machine) !== 'elsewhere') return null;
  return (
    <section className="banner notice" role="status">
      <p>{t('machine.elsewhere')}</p>
      <button type="button" onClick={() => keeping.showMachine({ machine: null })}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}

/** A domain waits for Linux. */
function LinuxNotice() {
  const t = useTranslate();
  return useXen((view) => view.bringsLinux) ? (
    <section className="banner notice" role="status">
      <p>{t('linux.comes')}</p>
    </section>
  ) : null;
}

/** Files of which there are two versions. */
function ConflictNotice({ lab }: { readonly lab: XenLab }) {
  const t = useTranslate();
  const { conflicts } = lab.machine.files;
  const all = useStore(conflicts.store, (view) => view.all);
  const isShown = useStore(conflicts.store, (view) => view.shown !== null);
  const [first] = all;
  if (!first) return null;
  const { path, theirs, by } = first;
  return (
    <>
      <section className="banner notice" role="alert">
        <p>
          {path}: {t(by === 'machine' ? 'conflict.byMachine' : theirs ? 'conflict.byTab' : 'conflict.removedByTab')}{' '}
          {all.length > 1 && t('conflict.more', { count: all.length - 1 })}
        </p>
        <button type="button" onClick={() => conflicts.show(path)}>
          {t('conflict.compare')}
        </button>
      </section>
      {isShown && <Loaded deferred={compare} properties={{}} />}
    </>
  );
}

/** A file for the board of which another tab has another version. */
function GuestConflictNotice({ lab: { machine, undo } }: { readonly lab: BoardLab }) {
  const t = useTranslate();
  const first = useBoard(({ conflicts }) => conflicts[0]);
  if (!first) return null;
  const { name, theirs } = first;
  return (
    <section className="banner notice" role="alert">
      <p>
        {name}: {t(theirs ? 'conflict.byTab' : 'conflict.removedByTab')}
      </p>
      <button type="button" onClick={() => void machine.keepMine(first)}>
        {t('conflict.keepMine')}
      </button>
      <button
        type="button"
        onClick={() => {
          const back = machine.takeTheirs(first);
          undo.offer({ text: (t) => t(theirs ? 'undo.replaced' : 'undo.deleted', { name }), undo: back });
        }}
      >
        {t(theirs ? 'conflict.takeTheirs' : 'conflict.deleteHere')}
      </button>
    </section>
  );
}

/** Texts of the last visit that were not saved. */
function DraftNotice() {
  const t = useTranslate();
  const { documents, dock } = useLab();
  const restored = useStore(documents.store, (state) => state.restored);
  if (restored.length === 0) return null;
  const names = restored.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  return (
    <section className="banner notice" role="status">
      <p>{t('draft.restored', { names, count: restored.length })}</p>
      <button
        type="button"
        onClick={() => {
          for (const path of restored.toReversed()) dock.focus(editorPanel(path));
          documents.noteRestored();
        }}
      >
        {t('draft.show')}
      </button>
      <button type="button" onClick={() => documents.noteRestored()}>
        {t('refusal.dismiss')}
      </button>
    </section>
  );
}

/** What was done last and can be taken back. */
function UndoNotice() {
  const t = useTranslate();
  const { commands, undo } = useLab();
  const deed = useStore(undo.store, ({ deeds }) => deeds.at(-1));
  const section = useRef<HTMLElement>(null);
  /** What had the focus before one of the buttons. */
  const before = useRef<HTMLElement>(null);
  // When the notice goes, the focus goes back.
  useEffect(() => {
    if (!deed && document.activeElement === document.body && before.current?.isConnected) before.current.focus();
  }, [deed]);
  return (
    <section
      ref={section}
      className={deed ? 'banner notice' : 'for-screen-readers'}
      role="status"
      onFocus={({ relatedTarget }) => {
        if (relatedTarget instanceof HTMLElement && !section.current?.contains(relatedTarget))
          before.current = relatedTarget;
      }}
    >
      {deed && (
        <>
          <p>{deed.text(t)}</p>
          <button type="button" onClick={() => commands.perform('undo')}>
            {t('undo.undo')}
          </button>
          <button type="button" onClick={() => undo.lapse()}>
            {t('refusal.dismiss')}
          </button>
        </>
      )}
    </section>
  );
}

/** Asks the user before something is done. */
function QuestionDialog() {
  const t = useTranslate();
  const { question } = useLab();
  const { asked } = useStore(question);
  if (!asked) return null;
  const text = asked.text(t);
  const answer = (isYes: boolean) => {
    question.setState({ asked: null });
    asked.answer(isYes);
  };
  return (
    <Modal label={text} className="key-list question" onClose={() => answer(false)}>
      <p>{text}</p>
      {asked.items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
        <ul tabIndex={0} aria-label={text}>
          {asked.items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      )}
      <div className="choices">
        <button type="button" onClick={() => answer(true)}>
          {t(asked.yes)}
        </button>
        <button type="button" data-takes-focus onClick={() => answer(false)}>
          {t('question.no')}
        </button>
      </div>
    </Modal>
  );
}
