import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const card: SinglePanel = {
  id: 'card',
  title: 'panel.card',
  help: 'help.card',
  places: { board: { beside: 'registers' } },
  component: new Deferred(() => import('./Card.tsx')),
};
