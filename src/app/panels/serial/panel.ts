import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const serial: SinglePanel = {
  id: 'serial',
  title: 'panel.serial',
  key: 'Mod+2',
  isConsole: true,
  help: 'help.serial',
  leaving: 'leaving.console',
  places: { board: { area: 'centre', isActive: true } },
  component: new Deferred(() => import('./Serial.tsx')),
  isHeavy: true,
  boardCommands: ({ dock }) => [
    {
      id: 'panel.consoles',
      label: (t) => t('command.consoles'),
      menu: 'view',
      keys: ['Ctrl+`'],
      perform: () => dock.focus('serial'),
    },
  ],
};
