import { isUp, makeConfig } from '../../lab/xenActions.ts';
import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const domains: SinglePanel = {
  id: 'domains',
  title: 'panel.domains',
  key: 'Mod+1',
  help: 'help.domains',
  places: { xen: { area: 'left', size: 288 } },
  component: new Deferred(() => import('./Domains.tsx')),
  xenCommands: (lab) => [
    {
      id: 'xen.newConfig',
      label: (t) => t('command.newConfig'),
      menu: 'file',
      keys: ['Alt+N'],
      predicate: () => isUp(lab),
      perform: () => void makeConfig(lab, '/etc/xen'),
    },
  ],
};
