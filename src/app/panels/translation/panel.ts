import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const translation: SinglePanel = {
  id: 'translation',
  title: 'panel.translation',
  help: 'help.translation',
  places: { xen: { beside: 'editor' }, board: { beside: 'log' } },
  component: new Deferred(() => import('./Translation.tsx')),
};
