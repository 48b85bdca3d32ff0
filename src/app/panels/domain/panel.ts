import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const domain: SinglePanel = {
  id: 'domain',
  title: 'panel.domain',
  help: 'help.domain',
  places: { xen: { beside: 'editor' } },
  component: new Deferred(() => import('./Domain.tsx')),
};
