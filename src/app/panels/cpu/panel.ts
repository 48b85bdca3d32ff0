import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const cpu: SinglePanel = {
  id: 'cpu',
  title: 'panel.cpu',
  key: 'Mod+3',
  help: 'help.cpu',
  places: { xen: { area: 'right', size: 496 }, board: { beside: 'log' } },
  component: new Deferred(() => import('./Cpu.tsx')),
};
