import { createStore } from 'zustand/vanilla';
import { storyIn } from '../../session/stories/stories.ts';
import workerUrl from '../../worker/worker.ts?worker&url';
import { CommandRegistry } from '../commands/registry.ts';
import { translator } from '../i18n/translate.ts';
import { announceDomains } from '../lab/announceDomains.ts';
import { Announcer } from '../lab/announcer.ts';
import { Documents } from '../lab/files/documents.ts';
import { Introduction } from '../lab/introduction.ts';
import type { Lab, Overlay, Question } from '../lab/lab.ts';
import { Dock } from '../lab/layout/dock.ts';
import type { Mode } from '../lab/layout/panelKind.ts';
import { followConsoles } from '../lab/xenActions.ts';
import { BoardMachine } from '../machine/board/boardMachine.ts';
import { alone, helloElfGuest } from '../machine/guests.ts';
import { panelsOf } from '../panels/index.ts';
import { KeptDrafts } from '../storage/keptDrafts.ts';
import { trustedScript } from '../trustedScript.ts';
import { XenMachine } from '../xen/xenMachine.ts';
import { announceResets } from './announce/announceResets.ts';
import { helpCommands } from './commands/help.ts';
import { machineCommands } from './commands/machine.ts';
import { panelCommands } from './commands/panels.ts';
import { timeCommands } from './commands/time.ts';
import { viewCommands } from './commands/view.ts';

/** The parts that all systems of the page share. */
export type Shared = Pick<Lab, 'settings' | 'keeping' | 'undo'>;

/** Makes the page's parts for a mode. */
export function createLab(mode: Mode, { settings, keeping, undo }: Shared): Lab {
  const translate = () => translator(settings.getState().language);
  const spawn = () => new Worker(trustedScript(workerUrl), { type: 'module' });
  const parts = {
    settings,
    keeping,
    undo,
    documents: new Documents(new KeptDrafts()),
    dock: new Dock(mode, panelsOf(mode)),
    announcer: new Announcer(),
    commands: new CommandRegistry(),
    overlay: createStore<Overlay>(() => ({ open: null, uploads: [] })),
    question: createStore<{ readonly asked: Question | null }>(() => ({ asked: null })),
  };
  const lab: Lab =
    mode === 'xen'
      ? {
          ...parts,
          mode,
          machine: new XenMachine(spawn, translate, keeping, () => settings.getState()),
          introduction: new Introduction(),
        }
      : { ...parts, mode, machine: new BoardMachine(spawn, translate, keeping, () => settings.getState().machine) };
  // Menus and palette have the commands in this order.
  lab.commands.register(
    ...machineCommands(lab),
    ...timeCommands(lab),
    ...panelCommands(lab),
    ...viewCommands(lab),
    ...helpCommands(lab),
  );
  if (lab.mode === 'xen') {
    followConsoles(lab);
    announceDomains(lab);
  }
  announceResets(lab);
  lab.machine.onKept = (part) =>
    keeping.showMachine('state' in part ? { machine: part.state } : { machineMoment: part.keptMoment });
  lab.machine.onSetAside = ({ by, bringBack, drop }) =>
    undo.offer({
      text: (t) => t(by === 'discard' ? 'undo.discarded' : 'undo.started'),
      undo: bringBack,
      lapse: drop,
      isMachine: true,
    });
  return lab;
}

/** The session in a link to the page: `#xen=1.…` or `#board=1.…`. */
const linked = (): string | undefined => /^#(?:xen|board)=(.+)/.exec(location.hash)?.[1];

/** The address of a file beside the page: `?session=….snap`. It is opened once. */
let beside = new URLSearchParams(location.search).get('session');

/** Opens the session that the page's address names. Returns whether it names one. */
export function openNamed(lab: Lab): boolean {
  const [link, address] = [linked(), beside];
  beside = null;
  if (link === undefined && address === null) return false;
  void import('../lab/links/openMachine.ts').then(({ openLink, openAddress }) =>
    link === undefined ? openAddress(lab, address ?? '') : openLink(lab, link),
  );
  return true;
}

/** Starts the machine: it runs from the first second on. */
export async function begin(lab: Lab): Promise<void> {
  if (openNamed(lab)) return;
  // A story, or the model, is what the address asks for.
  const isOpen = lab.mode === 'board' || ['', '#real'].includes(location.hash);
  const about = isOpen ? await lab.machine.findKept() : null;
  if (about !== null) return (await import('../lab/links/openMachine.ts')).openKept(lab, about);
  if (lab.mode === 'xen')
    void (location.hash === '#real' ? lab.machine.choose(true) : lab.machine.startStory(storyIn(location.hash)));
  else void lab.machine.boot(alone(helloElfGuest), lab.settings.getState().machine);
}
