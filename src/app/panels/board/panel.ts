import type { Command } from '../../commands/registry.ts';
import { pickFiles } from '../../lab/files/browserFiles.ts';
import type { BoardLab } from '../../lab/lab.ts';
import { alone, helloElfGuest, helloImageGuest, linuxOf } from '../../machine/guests.ts';
import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const board: SinglePanel = {
  id: 'board',
  title: 'panel.board',
  key: 'Mod+1',
  help: 'help.board',
  places: { board: { area: 'left', size: 288 } },
  component: new Deferred(() => import('./Board.tsx')),
  boardCommands,
};

function boardCommands({ machine, settings }: BoardLab): readonly Command[] {
  const options = () => settings.getState().machine;
  const linux = () => linuxOf(machine.view.guests);
  return [
    {
      id: 'guest.open',
      label: (t) => t('command.open'),
      menu: 'machine',
      keys: ['Mod+O'],
      perform: () => void pickFiles().then((files) => machine.open(files, options())),
    },
    {
      id: 'guest.helloElf',
      label: (t) => t('command.bootElf'),
      menu: 'machine',
      endsSession: true,
      perform: () => void machine.boot(alone(helloElfGuest), options()),
    },
    {
      id: 'guest.helloImage',
      label: (t) => t('command.bootImage'),
      menu: 'machine',
      endsSession: true,
      perform: () => void machine.boot(alone(helloImageGuest), options()),
    },
    {
      id: 'guest.linux',
      label: (t) => t('command.bootLinux'),
      menu: 'machine',
      endsSession: true,
      predicate: () => linux() !== null,
      perform: () => {
        const set = linux();
        if (!set) return;
        settings.setMachine({ cpus: 4, memoryMiB: 2048, el: 2 });
        machine.choose(set);
        void machine.boot(machine.view.chosen, options());
      },
    },
  ];
}
