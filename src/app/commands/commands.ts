import type { Lab } from '../lab.ts';
import { type PanelId, panelIds, panelTexts } from '../layout/panels.ts';
import { alone, helloElfGuest, helloImageGuest, linuxOf } from '../machine/guests.ts';

/** Registers all that the page can be asked for, in the order of the menus and the palette. */
export function registerCommands(lab: Lab): void {
  registerMachineCommands(lab);
  registerViewCommands(lab);
  registerHelpCommands(lab);
}

function registerMachineCommands({ machine, settings, commands, pickGuest }: Lab): void {
  const state = () => machine.status?.state ?? 'empty';
  const isLoaded = () => state() !== 'empty';
  const isPaused = () => state() === 'paused';
  const isRunning = () => state() === 'running' || state() === 'waiting';
  const isCrashed = () => machine.store.getState().crash !== null;
  const isAlive = () => !isCrashed();
  const next = () => settings.getState().machine;

  commands.register(
    {
      id: 'machine.run',
      label: (t) => t('command.run'),
      menu: 'machine',
      keys: ['F5'],
      predicate: () => isAlive() && isPaused(),
      perform: () => void machine.run(),
    },
    {
      id: 'machine.pause',
      label: (t) => t('command.pause'),
      menu: 'machine',
      keys: ['Shift+F5'],
      predicate: () => isAlive() && isRunning(),
      perform: () => void machine.pause(),
    },
    {
      id: 'machine.step',
      label: (t) => t('command.step'),
      menu: 'machine',
      keys: ['F10', 'F11'],
      predicate: () => isAlive() && isPaused(),
      perform: () => void machine.step(),
    },
    {
      id: 'machine.reset',
      label: (t) => t('command.reset'),
      menu: 'machine',
      keys: ['Mod+Shift+F5'],
      predicate: () => isAlive() && isLoaded(),
      perform: () => void machine.reset(),
    },
    {
      id: 'machine.pace',
      label: (t) => t('command.pace'),
      menu: 'machine',
      predicate: isAlive,
      perform: () => void machine.togglePace(),
    },
    {
      id: 'guest.open',
      label: (t) => t('command.open'),
      menu: 'machine',
      keys: ['Mod+O'],
      perform: pickGuest,
    },
    {
      id: 'guest.helloElf',
      label: (t) => t('command.bootElf'),
      menu: 'machine',
      perform: () => void machine.boot(alone(helloElfGuest), next()),
    },
    {
      id: 'guest.helloImage',
      label: (t) => t('command.bootImage'),
      menu: 'machine',
      perform: () => void machine.boot(alone(helloImageGuest), next()),
    },
    {
      id: 'guest.linux',
      label: (t) => t('command.bootLinux'),
      menu: 'machine',
      predicate: () => linuxOf(machine.store.getState().guests) !== null,
      perform: () => {
        const linux = linuxOf(machine.store.getState().guests);
        if (!linux) return;
        settings.setMachine({ cpus: 4, memoryMiB: 2048, el: 2 });
        machine.choose(linux);
        void machine.boot(machine.store.getState().chosen, next());
      },
    },
    {
      id: 'machine.restart',
      label: (t) => t('command.restart'),
      menu: 'machine',
      predicate: isCrashed,
      perform: () => void machine.restart(next()),
    },
  );
}

function registerViewCommands({ settings, dock, commands }: Lab): void {
  panelIds.forEach((panel: PanelId, index) => {
    commands.register({
      id: `panel.${panel}`,
      label: (t) => t('command.focus', { panel: t(panelTexts[panel].title) }),
      menu: 'view',
      keys: [`Mod+${index + 1}`],
      perform: () => dock.focus(panel),
    });
  });
  commands.register(
    {
      id: 'panel.consoles',
      label: (t) => t('command.consoles'),
      menu: 'view',
      keys: ['Ctrl+`'],
      perform: () => dock.focus('serial'),
    },
    { id: 'panel.moveLeft', label: (t) => t('command.moveLeft'), perform: () => dock.move('left') },
    { id: 'panel.moveRight', label: (t) => t('command.moveRight'), perform: () => dock.move('right') },
    { id: 'panel.moveUp', label: (t) => t('command.moveUp'), perform: () => dock.move('up') },
    { id: 'panel.moveDown', label: (t) => t('command.moveDown'), perform: () => dock.move('down') },
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
