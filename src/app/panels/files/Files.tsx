import { type DragEvent, type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { FileEntry } from '../../../session/api/files.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download } from '../../lab/files/browserFiles.ts';
import { removeFile, renameFile } from '../../lab/files/fileActions.ts';
import { putFiles, upload } from '../../lab/files/uploads.ts';
import { takeZips } from '../../lab/files/zips.ts';
import { useDom0Files, useKeeping, useXenLab } from '../../lab/lab.ts';
import { editorPanel } from '../../lab/layout/panelKind.ts';
import { createDomain, makeConfig, typeInDom0 } from '../../lab/xenActions.ts';
import { formatSize } from '../../machine/text/format.ts';
import { ContextMenu, type MenuEntry } from '../../widgets/ContextMenu.tsx';
import { Empty } from '../../widgets/Empty.tsx';
import { rootOf } from '../../xen/files/dom0Files.ts';
import { isOfGit } from '../../xen/files/keptDom0Files.ts';
import './files.css';

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
/** How deep a path is below the folder of Domain-0 that the tree shows, which is shown by its whole path. */
const depthOf = (path: string): number => path.slice(rootOf(path).length).split('/').length;

/** Domain-0's files as a tree: open, make, rename, remove, upload and download. */
export default function Files() {
  const t = useTranslate();
  const lab = useXenLab();
  const { machine, dock, documents } = lab;
  const files = useDom0Files((files) => files);
  const [folded, setFolded] = useState<readonly string[]>([]);
  const [current, setCurrent] = useState('/etc/xen');
  const [naming, setNaming] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ readonly entry: FileEntry; readonly at: { x: number; y: number } } | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const wanted = useStore(machine.files.store, (view) => view.wanted);

  // A file that has been uploaded is shown as soon as it is listed.
  const isListed = files.some(({ path }) => path === wanted);
  useEffect(() => {
    if (wanted === null || !isListed) return;
    setFolded((folded) => folded.filter((folder) => !wanted.startsWith(`${folder}/`)));
    setCurrent(wanted);
    machine.files.show(null);
    requestAnimationFrame(() =>
      tree.current?.querySelector(`[data-path="${CSS.escape(wanted)}"]`)?.scrollIntoView({ block: 'nearest' }),
    );
  }, [machine, wanted, isListed]);

  const shown = files.filter(({ path }) => !folded.some((folder) => path.startsWith(`${folder}/`)));
  const focused = shown.some(({ path }) => path === current) ? current : shown[0]?.path;
  const goTo = (path: string | undefined) => {
    if (path === undefined) return;
    setCurrent(path);
    tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus();
  };
  const fold = (path: string, isFolded: boolean) =>
    setFolded(isFolded ? [...folded, path] : folded.filter((other) => other !== path));
  const open = ({ path, isDirectory }: FileEntry) => {
    if (isDirectory) fold(path, !folded.includes(path));
    else dock.focus(editorPanel(path));
  };
  const remove = (entry: FileEntry) => {
    // The next entry gets the focus, or the one before.
    const index = shown.indexOf(entry);
    const isInside = ({ path }: FileEntry) => path.startsWith(`${entry.path}/`);
    goTo((shown.slice(index + 1).find((next) => !isInside(next)) ?? shown[index - 1])?.path);
    void removeFile(lab, entry);
  };
  const rename = async (from: string, name: string) => {
    setNaming(null);
    const to = `${folderOf(from)}/${name}`;
    if (name !== '' && to !== from) await renameFile(lab, from, to);
  };
  const yours = files.filter(({ changed }) => changed).length;
  const target = files.find(({ path }) => path === focused);
  const folder = target ? (target.isDirectory ? target.path : folderOf(target.path)) : '/root';
  const save = async (path: string) => {
    const parts = await machine.files.parts(path);
    // The parts are no SharedArrayBuffers, which the types do not say.
    if (parts) download(nameOf(path), parts as BlobPart[]);
  };
  const entriesOf = (entry: FileEntry): MenuEntry[] => {
    const { path, isDirectory } = entry;
    const always = [
      { label: t('files.rename'), perform: () => setNaming(path) },
      { label: t('files.remove'), perform: () => remove(entry) },
    ];
    if (isDirectory) return [{ label: t('files.new'), perform: () => void makeConfig(lab, folder) }, ...always];
    return [
      { label: t('files.open'), perform: () => open(entry) },
      ...(path.endsWith('.cfg') ? [{ label: t('editor.create'), perform: () => void createDomain(lab, path) }] : []),
      { label: t('files.download'), perform: () => void save(path) },
      ...always,
    ];
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    const index = shown.findIndex(({ path }) => path === focused);
    const entry = shown[index];
    if (!entry) return;
    const { path, isDirectory } = entry;
    const isFolded = folded.includes(path);
    if (event.key === 'ArrowDown') goTo(shown[index + 1]?.path);
    else if (event.key === 'ArrowUp') goTo(shown[index - 1]?.path);
    else if (event.key === 'Home') goTo(shown[0]?.path);
    else if (event.key === 'End') goTo(shown.at(-1)?.path);
    else if (event.key === 'ArrowRight' && isDirectory && isFolded) fold(path, false);
    else if (event.key === 'ArrowLeft' && isDirectory && !isFolded) fold(path, true);
    else if (event.key === 'ArrowLeft') goTo(folderOf(path));
    else if (event.key === 'Enter') open(entry);
    else if (event.key === 'F2') setNaming(path);
    else if (event.key === 'Delete' && !event.repeat) remove(entry);
    else return;
    event.preventDefault();
  };
  const drop = (event: DragEvent, to: string) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    event.stopPropagation();
    // The user has pointed at the folder.
    void putFiles(
      lab,
      takeZips(lab, [...event.dataTransfer.files]).map((file) => ({ file, folder: to })),
    );
    // Ends the page's own drop target.
    window.dispatchEvent(new DragEvent('dragleave'));
  };

  if (files.length === 0) return <Empty text={t('files.empty')} />;
  return (
    <div className="files">
      <div className="bar" role="toolbar" aria-label={t('panel.files')}>
        <button type="button" className="quiet" onClick={() => void makeConfig(lab, folder)}>
          + {t('files.new')}
        </button>
        <button
          type="button"
          className="quiet"
          title={t('files.newDiskHow')}
          onClick={() => void typeInDom0(lab, newDiskCommand(files))}
        >
          + {t('files.newDisk')}
        </button>
        <button type="button" className="quiet" title={t('files.uploadHow')} onClick={() => void upload(lab)}>
          {t('files.upload')}
        </button>
        <button
          type="button"
          className="quiet"
          aria-disabled={!target || target.isDirectory}
          onClick={() => target && !target.isDirectory && void save(target.path)}
        >
          {t('files.download')}
        </button>
      </div>
      <div ref={tree} role="tree" aria-label={t('panel.files')} tabIndex={-1} onKeyDown={onKeyDown}>
        {shown.map((entry) => {
          const { path, isDirectory, size, changed } = entry;
          const onContextMenu = (event: MouseEvent) => {
            event.preventDefault();
            setCurrent(path);
            setMenu({ entry, at: { x: event.clientX, y: event.clientY } });
          };
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
            <div
              key={path}
              role="treeitem"
              data-path={path}
              aria-level={depthOf(path)}
              aria-selected={path === focused}
              {...(isDirectory && { 'aria-expanded': !folded.includes(path) })}
              tabIndex={path === focused ? 0 : -1}
              data-takes-focus={path === focused ? '' : undefined}
              style={{ paddingInlineStart: (depthOf(path) - 1) * 16 + 8 }}
              onFocus={() => setCurrent(path)}
              onClick={() => naming !== path && open(entry)}
              onContextMenu={onContextMenu}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => drop(event, isDirectory ? path : folderOf(path))}
            >
              <span className="sign" aria-hidden="true">
                {isDirectory ? (folded.includes(path) ? '▸' : '▾') : ''}
              </span>
              {naming === path ? (
                <NameField name={nameOf(path)} done={(name) => void rename(path, name)} />
              ) : (
                <span className="name">{path === rootOf(path) ? path : nameOf(path)}</span>
              )}
              {changed && (
                <span className="muted" title={t('files.changed')}>
                  {t('files.changedMark')}
                </span>
              )}
              {documents.get(path) && <span className="for-screen-readers">{t('files.isOpen')}</span>}
              {!isDirectory && <span className="figure muted">{formatSize(size)}</span>}
            </div>
          );
        })}
      </div>
      <KeptLine changed={yours} />
      {menu && (
        <ContextMenu
          label={t('files.actionsOf', { path: menu.entry.path })}
          entries={entriesOf(menu.entry)}
          at={menu.at}
          close={() => setMenu(null)}
        />
      )}
    </div>
  );
}

/** The command that makes a volume with a name that none has yet. */
function newDiskCommand(files: readonly FileEntry[]): string {
  let number = 1;
  while (files.some(({ path }) => path === `/dev/vg/disk${number}`)) number++;
  return `lvcreate -L 64M -n disk${number} vg`;
}

/** What of the user's changes the browser keeps, and what can be done with them. */
function KeptLine({ changed }: { readonly changed: number }) {
  const t = useTranslate();
  const { machine, commands } = useXenLab();
  const removed = useStore(machine.files.store, (view) => view.removed.length);
  const others = useStore(machine.files.conflicts.store, ({ all }) => all.filter(({ by }) => by === 'tab').length);
  const unkept = useKeeping((view) => view.unkept.filter(isShown).length) + others;
  const writing = useKeeping((view) => view.writing.filter(isShown).length);
  const isPersistent = useKeeping((view) => view.isPersistent);
  const count = changed + removed;
  if (count === 0) return null;
  return (
    <p className={unkept > 0 ? 'yours fault' : 'yours muted'}>
      <span
        role="status"
        title={isPersistent === null ? undefined : t(isPersistent ? 'files.isPersistent' : 'files.isTransient')}
      >
        {unkept > 0
          ? t('files.unkept', { count: unkept })
          : writing > 0
            ? t('files.writing', { count: writing })
            : t(isPersistent ? 'files.kept' : 'files.stored', { count })}
      </span>
      <button type="button" className="quiet" onClick={() => commands.perform('file.discard')}>
        {t('files.discard')}
      </button>
    </p>
  );
}

/** Whether a name is that of a file which the tree shows: the board's files are no paths, and Git's are not shown. */
const isShown = (name: string): boolean => name.startsWith('/') && !isOfGit(name);

interface NameFieldProps {
  readonly name: string;
  readonly done: (name: string) => void;
}

/** A field for a file's new name. Enter accepts it, Escape keeps the old one. */
function NameField({ name, done }: NameFieldProps) {
  const t = useTranslate();
  return (
    <input
      type="text"
      aria-label={t('files.newName')}
      defaultValue={name}
      spellCheck={false}
      ref={(field) => field?.select()}
      onClick={(event) => event.stopPropagation()}
      onBlur={(event) => done(event.target.value.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') done(name);
      }}
    />
  );
}
