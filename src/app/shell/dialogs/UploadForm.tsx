import { useState } from 'react';
import { useStore } from 'zustand';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { putFiles } from '../../lab/files/uploads.ts';
import { useDom0Files, useXenLab } from '../../lab/lab.ts';
import { Modal } from '../../widgets/Modal.tsx';
import type { UploadKind } from '../../xen/files/uploadKind.ts';

const kinds: Readonly<Record<UploadKind, PlainKey>> = {
  config: 'upload.config',
  kernel: 'role.kernel',
  initrd: 'role.initrd',
  deviceTree: 'role.deviceTree',
  disk: 'upload.disk',
  text: 'upload.text',
  other: 'upload.other',
};

/** Says what each of the user's files is and where it goes in Domain-0, and lets the user choose. */
export default function UploadForm() {
  const t = useTranslate();
  const lab = useXenLab();
  const uploads = useStore(lab.overlay, (state) => state.uploads);
  const [chosen, setChosen] = useState<readonly string[]>(uploads.map(({ folder }) => folder));
  const files = useDom0Files((files) => files);
  const folders = files.flatMap(({ path, isDirectory }) => (isDirectory ? [path] : []));
  const taken = new Set(files.map(({ path }) => path));
  const close = () => lab.overlay.setState({ open: null });
  return (
    <Modal label={t('upload.title')} className="key-list upload" onClose={close}>
      <h2>{t('upload.title')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close();
          void putFiles(
            lab,
            uploads.map(({ file, folder }, n) => ({ file, folder: chosen[n] ?? folder })),
          );
        }}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{t('board.name')}</th>
              <th scope="col">{t('upload.what')}</th>
              <th scope="col">{t('upload.folder')}</th>
            </tr>
          </thead>
          <tbody>
            {uploads.map(({ file, kind, folder }, n) => {
              const to = chosen[n] ?? folder;
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name
                <tr key={n}>
                  <th scope="row" className="mono">
                    {file.name}
                  </th>
                  <td>
                    {t(kinds[kind])}
                    {taken.has(`${to}/${file.name}`) && <p className="muted">{t('upload.replaces')}</p>}
                  </td>
                  <td>
                    <select
                      aria-label={t('upload.folderOf', { name: file.name })}
                      value={to}
                      onChange={({ target }) => setChosen(chosen.map((other, i) => (i === n ? target.value : other)))}
                    >
                      {[...new Set([...folders, to])].map((path) => (
                        <option key={path}>{path}</option>
                      ))}
                    </select>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <button type="submit" data-takes-focus>
          {t('upload.put')}
        </button>{' '}
        <button type="button" onClick={close}>
          {t('upload.cancel')}
        </button>
      </form>
    </Modal>
  );
}
