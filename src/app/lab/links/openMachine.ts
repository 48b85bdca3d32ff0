/** Machines that a link or a file brings. They come in a new worker; where one is refused, the present one goes on. */
import * as z from 'zod/mini';
import type { BootRequest, NamedFile } from '../../../session/api/boot.ts';
import { packedFromFile } from '../../../session/snapshot/container.ts';
import { fromLink } from '../../../session/snapshot/link.ts';
import type { Packed } from '../../../session/snapshot/pack.ts';
import type { MachineClient } from '../../../worker/client.ts';
import type { ResumedMachine } from '../../../worker/endpoints/snapshots.ts';
import '../../i18n/later.ts';
import { type Translate, translator } from '../../i18n/translate.ts';
import { nextChange, type Opened } from '../../machine/connection.ts';
import { alone, type GuestSet, helloElfGuest, type UserGuest } from '../../machine/guests.ts';
import { reasonOf, Unreadable } from '../../machine/unreadable.ts';
import { bringFiles } from '../../xen/files/bringFiles.ts';
import type { Lab } from '../lab.ts';

const translateIn = (lab: Lab): Translate => translator(lab.settings.getState().language);

/** Opens what a link holds. */
export const openLink = (lab: Lab, link: string): Promise<void> =>
  open(lab, 'link', async () => {
    const { PageLibrary } = await import('./pageLibrary.ts');
    const packed = await fromLink(link, new PageLibrary());
    if (!packed.ok) throw new Unreadable(packed.error);
    return packed.value;
  });

/** Opens a file that lies beside the page, by its address. */
export const openAddress = (lab: Lab, address: string): Promise<void> =>
  open(lab, 'link', async () => {
    const translate = translateIn(lab);
    const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null;
    if (url?.origin !== location.origin) throw new Unreadable(translate('opened.elsewhere'));
    const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
      return await packedIn(name, await response.arrayBuffer());
    } catch (error) {
      if (error instanceof Unreadable) throw error;
      throw new Unreadable(translate('refusal.notFetched', { name, reason: reasonOf(error) }));
    }
  });

/** Opens a file of the user's. */
export const openFile = (lab: Lab, file: File): Promise<void> =>
  open(lab, 'file', async () => packedIn(file.name, await file.arrayBuffer()));

/** The machine goes on that this browser has kept; `about` is what was noted of it. */
export async function openKept(lab: Lab, about: unknown): Promise<void> {
  const resume = async (client: MachineClient): Promise<{ resumed: ResumedMachine; isPaused: boolean }> => {
    const { refusal, found } = await client.keep({ keep: 'resume' });
    if (refusal !== null) throw new Unreadable(refusal);
    return { resumed: await client.ask('keptMachine'), isPaused: found?.isPaused ?? false };
  };
  const { epoch } = lab.machine.view;
  const opened: Opened = { by: 'kept', at: 'moment', endNs: 0, hash: '', keeps: true };
  await lab.machine.replace(async (client) => {
    const { resumed, isPaused } = await resume(client);
    const { virtualNs } = await client.ask('status');
    if (lab.mode === 'xen' && resumed.kind === 'xen') {
      await bringFiles(client, await lab.machine.files.kept());
      const { real, costs, commandLine } = resumed;
      return { real, costs, commandLine, story: null, core: 0, opened: { ...opened, endNs: virtualNs, isPaused } };
    }
    if (lab.mode !== 'board' || resumed.kind !== 'kernel') throw new Unreadable(translateIn(lab)('opened.ofXen'));
    const { card } = aboutBoard.safeParse(about).data ?? { card: null };
    if (card !== null) await lab.machine.adoptCard(card);
    const { request, summary } = resumed;
    return { booted: { set: setOf(request), summary }, core: 0, opened: { ...opened, endNs: virtualNs, isPaused } };
  });
  if (lab.machine.view.epoch === epoch) await beginOtherwise(lab);
}

const aboutBoard = z.object({ card: z.nullable(z.string()) });

async function packedIn(name: string, file: ArrayBuffer): Promise<Packed> {
  const packed = await packedFromFile(new Uint8Array(file));
  if (!packed.ok) throw new Unreadable(`${name} ${packed.error}.`);
  return packed.value;
}

async function open(lab: Lab, by: Opened['by'], read: () => Promise<Packed>): Promise<void> {
  const { machine } = lab;
  machine.refuse(null);
  const pace = machine.status?.pace ?? 'real-time';
  const before = machine.view.epoch;
  if (lab.mode === 'xen')
    await lab.machine.replace(async (client) => {
      const { resumed, opened } = await resume(client, by, await read());
      if (resumed.kind !== 'xen') throw new Unreadable(translateIn(lab)('opened.ofBoard'));
      const { real, costs, commandLine } = resumed;
      return { real, costs, commandLine, story: null, core: 0, opened };
    });
  else
    await lab.machine.replace(async (client) => {
      const { resumed, opened } = await resume(client, by, await read());
      if (resumed.kind !== 'kernel') throw new Unreadable(translateIn(lab)('opened.ofXen'));
      const { request, summary } = resumed;
      return { booted: { set: setOf(request), summary }, core: 0, opened };
    });
  if (machine.view.epoch !== before) await arrive(lab, pace);
  else await beginOtherwise(lab);
}

async function resume(client: MachineClient, by: Opened['by'], packed: Packed) {
  const resumed = await client.give('resumeMachine', packed);
  const { playing } = resumed;
  if (playing) await client.ask('pace', { pace: 'unlimited' });
  const { endNs, hash } = playing ?? { endNs: 0, hash: '' };
  const opened: Opened = { by, at: playing ? 'playing' : 'moment', endNs, hash, keeps: false };
  return { resumed, opened };
}

/** Waits until what is played has come to its moment, where the machine pauses by itself. */
async function arrive({ machine }: Lab, pace: 'real-time' | 'unlimited'): Promise<void> {
  const { epoch } = machine.view;
  const plays = () => machine.view.epoch === epoch && machine.view.opened?.at === 'playing';
  while (plays()) {
    await nextChange(machine);
    if (!plays() || machine.status?.state === 'running') continue;
    // What the view has may be of the machine before.
    const [status, arrival] = [await machine.look('status'), await machine.look('arrival')];
    if (!plays() || !status || !arrival) continue;
    const { hash } = machine.view.opened ?? { hash: '' };
    if (!arrival.plays) machine.showOpened({ at: hash === '' || hash === arrival.hash ? 'moment' : 'other' });
    else if (status.state === 'waiting') machine.showOpened({ at: 'stuck' });
  }
  if (machine.view.epoch === epoch) await machine.look('pace', { pace });
}

/** A page that was opened with what is refused has a machine all the same. */
async function beginOtherwise(lab: Lab): Promise<void> {
  const { machine } = lab;
  const { refusal } = machine.view;
  if (machine.status && machine.status.state !== 'empty') return;
  if (lab.mode === 'xen') await lab.machine.start({ story: null, real: location.hash === '#real' });
  else await lab.machine.boot(alone(helloElfGuest), lab.settings.getState().machine);
  machine.refuse(refusal);
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
