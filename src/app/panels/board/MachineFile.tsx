import { packedToFile } from '../../../session/snapshot/container.ts';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download, pickFiles } from '../../lab/files/browserFiles.ts';
import { type BoardLab, useBoard, useBoardLab, useKeeping } from '../../lab/lab.ts';
import { openFile } from '../../lab/links/openMachine.ts';

/** The machine as a file: what it is now, and one that goes on from a file. */
export function MachineFile() {
  const g = useGuide();
  const t = useTranslate();
  const lab = useBoardLab();
  const { machine } = lab;
  const canSave = useBoard(({ status }) => status !== null && status.state !== 'empty' && status.state !== 'ended');
  return (
    <section aria-label={t('board.title')}>
      <p className="links" title={g('machineFile.how')}>
        <button type="button" className="quiet" disabled={!canSave} onClick={() => void save(machine)}>
          {g('machineFile.save')}
        </button>
        <button
          type="button"
          className="quiet"
          onClick={() => void pickFiles().then(([file]) => file && openFile(lab, file))}
        >
          {g('machineFile.open')}
        </button>
      </p>
      <KeptLine />
    </section>
  );
}

/** As at when the browser has the machine, which goes on there when the page is opened again. */
function KeptLine() {
  const g = useGuide();
  const now = useBoard(({ status }) => status?.virtualNs);
  const entered = useBoard(({ status }) => status?.entered);
  const isPaused = useBoard(({ status }) => status?.state === 'paused');
  const pace = useBoard(({ status }) => status?.pace);
  const kept = useKeeping(({ machine, machineMoment }) => (machine === 'kept' ? machineMoment : null));
  if (kept === null) return null;
  const seconds = (kept.virtualNs / 1e9).toFixed(3);
  // Something may have entered a machine that stands still.
  const isNow = kept.virtualNs === now && kept.inputs === entered && kept.isPaused === isPaused && kept.pace === pace;
  return <p className="hint">{isNow ? g('machineFile.keptNow') : g('machineFile.kept', { seconds })}</p>;
}

type Machine = BoardLab['machine'];

async function save(machine: Machine): Promise<void> {
  await machine.request(async () => {
    const seconds = ((machine.status?.virtualNs ?? 0) / 1e9).toFixed(2);
    const pieces = await packedToFile(await machine.ask('saveMachine'));
    download(`${machine.status?.kernel ?? 'machine'}-${seconds}s.snap`, pieces as BlobPart[]);
  });
}
