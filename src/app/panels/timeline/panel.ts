import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const timeline: SinglePanel = {
  id: 'timeline',
  title: 'panel.timeline',
  help: 'help.timeline',
  places: { xen: { beside: 'editor' }, board: { beside: 'log' } },
  component: new Deferred(() => import('./Timeline.tsx')),
};
