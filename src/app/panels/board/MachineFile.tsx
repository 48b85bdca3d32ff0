import type { BootRequest, NamedFile } from '../../../session/api/boot.ts';
import { packedFromFile, packedToFile } from '../../../session/snapshot/container.ts';
import { useGuide } from '../../i18n/guide.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { download, pickFiles } from '../../lab/files/browserFiles.ts';
import { type BoardLab, useBoard, useBoardLab } from '../../lab/lab.ts';
import type { GuestSet, UserGuest } from '../../machine/guests.ts';
import { Unreadable } from '../../machine/unreadable.ts';

/** The machine as a file: what it is now, and one that goes on from a file. */
export function MachineFile() {
  const g = useGuide();
  const t = useTranslate();
  const { machine } = useBoardLab();
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
          onClick={() => void pickFiles().then((files) => open(machine, files[0]))}
        >
          {g('machineFile.open')}
        </button>
      </p>
    </section>
  );
}

type Machine = BoardLab['machine'];

async function save(machine: Machine): Promise<void> {
  await machine.request(async () => {
    const seconds = ((machine.status?.virtualNs ?? 0) / 1e9).toFixed(2);
    const pieces = await packedToFile(await machine.ask('saveMachine'));
    download(`${machine.status?.kernel ?? 'machine'}-${seconds}s.snap`, pieces as BlobPart[]);
  });
}

/** A machine in a new worker goes on from a file; if it cannot, the present one does. */
async function open(machine: Machine, file: File | undefined): Promise<void> {
  if (!file) return;
  machine.refuse(null);
  await machine.replace(async (client) => {
    const packed = await packedFromFile(new Uint8Array(await file.arrayBuffer()));
    if (!packed.ok) throw new Unreadable(`${file.name} ${packed.error}.`);
    const { request, summary } = await client.ask('resumeMachine', packed.value);
    return { booted: { set: setOf(request), summary }, core: 0 };
  });
}

function setOf({ kernel, initrd, deviceTree, bootArguments }: BootRequest): GuestSet {
  const guest = (role: UserGuest['role'], { name, bytes }: NamedFile): UserGuest => ({
    origin: 'user',
    role,
    name,
    file: new Blob([bytes as BlobPart]),
  });
  return {
    kernel: guest('kernel', kernel),
    initrd: initrd ? guest('initrd', initrd) : null,
    deviceTree: deviceTree ? guest('deviceTree', deviceTree) : null,
    append: bootArguments ?? '',
  };
}
