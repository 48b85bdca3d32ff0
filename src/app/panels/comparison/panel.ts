import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const comparison: SinglePanel = {
  id: 'comparison',
  title: 'panel.comparison',
  help: 'help.comparison',
  places: { xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Comparison.tsx')),
};
