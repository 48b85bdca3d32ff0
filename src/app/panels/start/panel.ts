import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const start: SinglePanel = {
  id: 'start',
  title: 'panel.start',
  help: 'help.start',
  places: { xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Start.tsx')),
};
