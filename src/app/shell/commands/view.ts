import type { Command } from '../../commands/registry.ts';
import { translator } from '../../i18n/translate.ts';
import type { Lab } from '../../lab/lab.ts';
import { typeSizes } from '../../settings/settings.ts';

/** Commands for the arrangement of the panels, the mode, the theme and the language. */
export function viewCommands({ mode, settings, dock, announcer }: Lab): readonly Command[] {
  return [
    {
      id: 'panel.next',
      label: (t) => t('command.nextGroup'),
      menu: 'view',
      keys: ['F6'],
      perform: () => dock.focusGroup(1),
    },
    {
      id: 'panel.previous',
      label: (t) => t('command.previousGroup'),
      keys: ['Shift+F6'],
      perform: () => dock.focusGroup(-1),
    },
    { id: 'panel.moveLeft', label: (t) => t('command.moveLeft'), perform: () => dock.move('left') },
    { id: 'panel.moveRight', label: (t) => t('command.moveRight'), perform: () => dock.move('right') },
    { id: 'panel.moveUp', label: (t) => t('command.moveUp'), perform: () => dock.move('up') },
    { id: 'panel.moveDown', label: (t) => t('command.moveDown'), perform: () => dock.move('down') },
    {
      id: 'mode.switch',
      label: (t) => t(mode === 'xen' ? 'command.toBoard' : 'command.toXen'),
      menu: 'view',
      endsSession: true,
      perform: () => {
        location.hash = mode === 'xen' ? 'board' : 'xen';
      },
    },
    {
      id: 'layout.reset',
      label: (t) => t('command.resetLayout'),
      menu: 'view',
      perform: () => {
        dock.reset();
        announcer.say(translator(settings.getState().language)('announce.layout'));
      },
    },
    {
      id: 'panel.maximise',
      label: (t) => t('command.maximise'),
      menu: 'view',
      keys: ['F9'],
      perform: () => dock.toggleMaximised(),
    },
    {
      id: 'type.larger',
      label: (t) => t('command.largerType'),
      menu: 'view',
      predicate: () => settings.getState().type !== typeSizes.at(-1),
      perform: () => settings.stepType(1),
    },
    {
      id: 'type.smaller',
      label: (t) => t('command.smallerType'),
      menu: 'view',
      predicate: () => settings.getState().type !== typeSizes[0],
      perform: () => settings.stepType(-1),
    },
    {
      id: 'theme.toggle',
      label: (t) => t('command.theme'),
      menu: 'view',
      perform: () => settings.setTheme(settings.getState().theme === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'theme.system',
      label: (t) => t('command.themeSystem'),
      menu: 'view',
      predicate: () => settings.getState().themeChoice !== 'system',
      perform: () => settings.setTheme('system'),
    },
    {
      id: 'language.switch',
      label: (t) => t('command.language'),
      menu: 'view',
      perform: () => void settings.setLanguage(settings.getState().language === 'en' ? 'ja' : 'en'),
    },
  ];
}
