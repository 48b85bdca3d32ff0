import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const latency: SinglePanel = {
  id: 'latency',
  title: 'panel.latency',
  help: 'help.latency',
  places: { xen: { area: 'right', size: 208 } },
  component: new Deferred(() => import('./Latency.tsx')),
};
