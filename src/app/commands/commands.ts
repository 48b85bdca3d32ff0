import type { Lab } from '../lab.ts';
import { fixedPanels, panelTitles } from '../layout/panels.ts';
import { registerBoardCommands, registerBoardPanels } from './boardCommands.ts';
import { registerXenCommands, registerXenPanels } from './xenCommands.ts';

/** Registers all that the page can be asked for, in the order of the menus and the palette. */
export function registerCommands(lab: Lab): void {
  registerMachineCommands(lab);
  if (lab.mode === 'xen') registerXenCommands(lab);
  else registerBoardCommands(lab);
  registerViewCommands(lab);
  registerHelpCommands(lab);
}

function registerMachineCommands({ control, commands }: Lab): void {
  const state = () => control.status?.state ?? 'empty';
  const isLoaded = () => state() !== 'empty';
  const isPaused = () => state() === 'paused';
  const isRunning = () => state() === 'running' || state() === 'waiting';
  const isCrashed = () => control.store.getState().crash !== null;
  const isAlive = () => !isCrashed();

  commands.register(
    {
      id: 'machine.run',
      label: (t) => t('command.run'),
      menu: 'machine',
      keys: ['F5'],
      predicate: () => isAlive() && isPaused(),
      perform: () => void control.run(),
    },
    {
      id: 'machine.pause',
      label: (t) => t('command.pause'),
      menu: 'machine',
      keys: ['Shift+F5'],
      predicate: () => isAlive() && isRunning(),
      perform: () => void control.pause(),
    },
    {
      id: 'machine.step',
      label: (t) => t('command.step'),
      menu: 'machine',
      keys: ['F10', 'F11'],
      predicate: () => isAlive() && isPaused(),
      perform: () => void control.step(),
    },
    {
      id: 'machine.reset',
      label: (t) => t('command.reset'),
      menu: 'machine',
      keys: ['Mod+Shift+F5'],
      predicate: () => isAlive() && isLoaded(),
      perform: () => void control.reset(),
    },
    {
      id: 'machine.pace',
      label: (t) => t('command.pace'),
      menu: 'machine',
      predicate: isAlive,
      perform: () => void control.togglePace(),
    },
    {
      id: 'machine.restart',
      label: (t) => t('command.restart'),
      menu: 'machine',
      predicate: isCrashed,
      perform: () => void control.restart(),
    },
  );
}

function registerViewCommands(lab: Lab): void {
  const { mode, settings, dock, commands } = lab;
  fixedPanels[mode].forEach((panel, index) => {
    commands.register({
      id: `panel.${panel}`,
      label: (t) => t('command.focus', { panel: t(panelTitles[panel]) }),
      menu: 'view',
      keys: [`Mod+${index + 1}`],
      perform: () => dock.focus(panel),
    });
  });
  if (mode === 'xen') registerXenPanels(lab);
  else registerBoardPanels(lab);
  commands.register(
    { id: 'panel.moveLeft', label: (t) => t('command.moveLeft'), perform: () => dock.move('left') },
    { id: 'panel.moveRight', label: (t) => t('command.moveRight'), perform: () => dock.move('right') },
    { id: 'panel.moveUp', label: (t) => t('command.moveUp'), perform: () => dock.move('up') },
    { id: 'panel.moveDown', label: (t) => t('command.moveDown'), perform: () => dock.move('down') },
    {
      id: 'mode.switch',
      label: (t) => t(mode === 'xen' ? 'command.toBoard' : 'command.toXen'),
      menu: 'view',
      perform: () => {
        location.hash = mode === 'xen' ? 'board' : 'xen';
      },
    },
    { id: 'layout.reset', label: (t) => t('command.resetLayout'), menu: 'view', perform: () => dock.reset() },
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
      perform: () => settings.setLanguage(settings.getState().language === 'en' ? 'ja' : 'en'),
    },
  );
}

function registerHelpCommands({ dock, overlay, commands }: Lab): void {
  commands.register(
    {
      id: 'help.palette',
      label: (t) => t('command.palette'),
      menu: 'help',
      keys: ['F1', 'Mod+Shift+P'],
      perform: () => overlay.setState({ open: 'palette' }),
    },
    {
      id: 'help.keys',
      label: (t) => t('command.keys'),
      menu: 'help',
      keys: ['?'],
      perform: () => overlay.setState({ open: 'keys' }),
    },
    {
      id: 'help.panel',
      label: (t) => t('command.panelHelp'),
      menu: 'help',
      keys: ['Shift+F1'],
      perform: () => dock.toggleActiveHelp(),
    },
  );
}
