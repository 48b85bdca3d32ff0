import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const placement: SinglePanel = {
  id: 'placement',
  title: 'panel.placement',
  help: 'help.placement',
  places: { xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Placement.tsx')),
};
