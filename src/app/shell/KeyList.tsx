import { isMac, keyLabel } from '../commands/keys.ts';
import { useTranslate } from '../i18n/useTranslate.ts';
import { useLab } from '../lab/lab.ts';
import { Modal } from '../widgets/Modal.tsx';

/** Every key binding, read from the command registry. */
export function KeyList() {
  const t = useTranslate();
  const { commands, overlay } = useLab();
  const close = () => overlay.setState({ open: null });
  return (
    <Modal label={t('keys.title')} className="key-list" onClose={close}>
      <h2>{t('keys.title')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('keys.command')}</th>
            <th scope="col">{t('keys.key')}</th>
          </tr>
        </thead>
        <tbody>
          {commands
            .all()
            .filter((command) => command.keys)
            .map((command) => (
              <tr key={command.id}>
                <td>{command.label(t)}</td>
                <td>
                  {command.keys?.map((key) => (
                    <kbd key={key}>{keyLabel(key, isMac())}</kbd>
                  ))}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      <p>{t('keys.consoleNote')}</p>
      <button type="button" className="close" onClick={close}>
        {t('dialog.close')}
      </button>
    </Modal>
  );
}
