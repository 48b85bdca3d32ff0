import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const registers: SinglePanel = {
  id: 'registers',
  title: 'panel.registers',
  key: 'Mod+3',
  help: 'help.registers',
  places: { board: { area: 'right', size: 256 }, xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Registers.tsx')),
};
