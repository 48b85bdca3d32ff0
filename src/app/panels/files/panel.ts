import { pickFiles } from '../../lab/files/browserFiles.ts';
import { upload } from '../../lab/files/uploads.ts';
import { exportFiles, importZips } from '../../lab/files/zips.ts';
import { isUp } from '../../lab/xenActions.ts';
import { Deferred } from '../../widgets/deferred.ts';
import type { SinglePanel } from '../panel.ts';

export const files: SinglePanel = {
  id: 'files',
  title: 'panel.files',
  key: 'Mod+2',
  help: 'help.files',
  places: { xen: { area: 'left' } },
  component: new Deferred(() => import('./Files.tsx')),
  xenCommands: (lab) => [
    {
      id: 'file.upload',
      label: (t) => t('command.upload'),
      menu: 'file',
      keys: ['Mod+O'],
      predicate: () => isUp(lab),
      perform: () => void upload(lab),
    },
    {
      id: 'file.export',
      label: (t) => t('command.export'),
      menu: 'file',
      predicate: () => isUp(lab),
      perform: () => void exportFiles(lab),
    },
    {
      id: 'file.import',
      label: (t) => t('command.import'),
      menu: 'file',
      predicate: () => isUp(lab),
      perform: () => void pickFiles().then((files) => importZips(lab, files)),
    },
    {
      id: 'file.discard',
      label: (t) => t('command.discard'),
      menu: 'file',
      perform: () => void lab.machine.discardChanges(),
    },
  ],
};
