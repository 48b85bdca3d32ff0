import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const network: SinglePanel = {
  id: 'network',
  title: 'panel.network',
  help: 'help.network',
  places: { xen: { beside: 'latency' }, board: { beside: 'log' } },
  component: new Deferred(() => import('./Network.tsx')),
};
