import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const log: SinglePanel = {
  id: 'log',
  title: 'panel.log',
  key: 'Mod+4',
  help: 'help.log',
  places: { board: { area: 'below', size: 176 }, xen: 'closed' },
  component: new Deferred(() => import('./Log.tsx')),
};
