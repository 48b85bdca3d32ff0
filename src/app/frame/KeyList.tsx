import { isMac, keyLabel } from '../commands/keys.ts';
import { useLab, useTranslate } from '../lab.ts';
import { Modal } from './Modal.tsx';

/** Every key binding, read from the command registry. */
export function KeyList() {
  const t = useTranslate();
  const { commands, overlay } = useLab();
  return (
    <Modal label={t('keys.title')} className="key-list">
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
      <button type="button" className="close" onClick={() => overlay.setState({ open: null })}>
        {t('dialog.close')}
      </button>
    </Modal>
  );
}
