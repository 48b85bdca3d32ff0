import type { Lab } from '../lab.ts';
import { alone, helloElfGuest, helloImageGuest, linuxOf } from '../machine/guests.ts';

/** What the page can be asked for in Board mode only. */
export function registerBoardCommands({ machine, settings, commands, pickFiles }: Lab): void {
  const next = () => settings.getState().machine;
  commands.register(
    {
      id: 'guest.open',
      label: (t) => t('command.open'),
      menu: 'machine',
      keys: ['Mod+O'],
      perform: () => void pickFiles().then((files) => machine.open(files, next())),
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
  );
}

/** Ways to the panels, beside those of which there is one. */
export function registerBoardPanels({ dock, commands }: Lab): void {
  commands.register({
    id: 'panel.consoles',
    label: (t) => t('command.consoles'),
    menu: 'view',
    keys: ['Ctrl+`'],
    perform: () => dock.focus('serial'),
  });
}
