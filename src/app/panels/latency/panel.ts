import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const latency: SinglePanel = {
  id: 'latency',
  title: 'panel.latency',
  key: 'Mod+4',
  help: 'help.latency',
  places: { xen: { area: 'right', size: 208 } },
  component: new Deferred(() => import('./Latency.tsx')),
};
