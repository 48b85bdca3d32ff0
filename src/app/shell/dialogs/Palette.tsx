import { Command as Menu } from 'cmdk';
import { isMac, keyLabel } from '../../commands/keys.ts';
import { type Command, isEnabled } from '../../commands/registry.ts';
import { scoreOf, searchTerms } from '../../commands/search.ts';
import { loadCatalogue, translator } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab } from '../../lab/lab.ts';
import { Modal } from '../../widgets/Modal.tsx';

const translators = { en: translator('en'), ja: translator('ja') };
// Commands are found by their names in either language.
void loadCatalogue('ja');

/** All commands that can be done now, found by their names in any of the page's languages. */
export default function Palette() {
  const t = useTranslate();
  const { commands, overlay } = useLab();
  const close = () => overlay.setState({ open: null });
  const choose = (command: Command) => {
    close();
    // After the dialog has given the focus back, so that the command can move it.
    requestAnimationFrame(() => commands.perform(command.id));
  };
  const offered = commands.all().filter((command) => command.id !== 'help.palette' && isEnabled(command));
  return (
    <Modal label={t('palette.label')} className="palette" onClose={close}>
      <Menu
        label={t('palette.label')}
        loop
        filter={(id, search, terms) => scoreOf(commands.get(id), search, terms ?? [])}
      >
        <Menu.Input data-takes-focus placeholder={t('palette.placeholder')} />
        <Menu.List label={t('palette.label')}>
          <Menu.Empty>{t('palette.none')}</Menu.Empty>
          {offered.map((command) => (
            <Menu.Item
              key={command.id}
              value={command.id}
              keywords={searchTerms(command, translators)}
              onSelect={() => choose(command)}
            >
              <span>{command.label(t)}</span>
              {command.keys?.[0] && <kbd>{keyLabel(command.keys[0], isMac())}</kbd>}
            </Menu.Item>
          ))}
        </Menu.List>
      </Menu>
    </Modal>
  );
}
