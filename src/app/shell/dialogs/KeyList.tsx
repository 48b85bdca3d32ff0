import { isMac, keyLabel } from '../../commands/keys.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';
import { Modal } from '../../widgets/Modal.tsx';

/** Keys that belong to a part of the page and not to a command. */
const placeKeys: readonly (readonly [text: PlainKey, keys: readonly string[]])[] = [
  ['keys.leave', ['Escape Escape']],
  ['keys.enter', ['Enter']],
  ['keys.tabMoves', ['Ctrl+M']],
  ['keys.tabs', ['← →']],
  ['keys.splitter', ['← → ↑ ↓']],
  ['keys.splitterEnds', ['Home', 'End']],
];

/** Every key binding: the commands' own, from their registry, and those of parts of the page. */
export default function KeyList() {
  const t = useTranslate();
  const { commands, overlay } = useLab();
  const close = () => overlay.setState({ open: null });
  // Those of the same name, such as the ways to consoles that have no domain yet, are one line.
  const ofCommands = new Map<string, readonly string[]>();
  for (const command of commands.all()) {
    const name = command.label(t);
    if (command.keys) ofCommands.set(name, [...(ofCommands.get(name) ?? []), ...command.keys]);
  }
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
          {[...ofCommands, ...placeKeys.map(([text, keys]) => [t(text), keys] as const)].map(([text, keys]) => (
            <tr key={text}>
              <td>{text}</td>
              <td>
                {keys.map((key) => (
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
