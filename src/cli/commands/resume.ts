/** The `resume` command: a machine goes on from a snapshot. */
import type { Session } from '../../session/session.ts';
import { fromFile } from '../../session/snapshot/file.ts';
import { type Snapshot, unknownHash } from '../../session/snapshot/snapshot.ts';
import { UsageError } from '../exit-code.ts';
import { readInput } from '../files/files.ts';
import { parseResumeOptions, type ResumeOptions, resumeHelp } from '../options/resume-options.ts';
import { message } from '../run/messages.ts';
import { type Guest, run } from '../run/runner.ts';
import { Terminal } from '../run/terminal.ts';
import { KernelGuest } from './boot.ts';
import { command } from './command.ts';
import { XenGuest } from './xen.ts';

export const resumeCommand = command({
  name: 'resume',
  summary: 'go on from a snapshot that --save has written',
  help: resumeHelp,
  parse: parseResumeOptions,
  run: (options) => run(options, (session) => start(session, options)),
});

/** Throws UsageError. */
async function start(session: Session, options: ResumeOptions): Promise<Guest> {
  const snapshot = await read(options.snapshot);
  const restored = session.restore(snapshot);
  if (!restored.ok) throw new UsageError(`${options.snapshot}: ${restored.error}`);
  if (!snapshot.state) play(session, snapshot, options.snapshot);
  const { recipe } = snapshot.journal;
  if (recipe.kind === 'kernel') return new KernelGuest(session, options, true);
  const isTyped = recipe.request.script === null && process.stdin.isTTY;
  return new XenGuest(session, isTyped ? new Terminal() : null, options, true);
}

async function read(path: string): Promise<Snapshot> {
  const snapshot = await fromFile(path, readInput(path).bytes);
  if (!snapshot.ok) throw new UsageError(snapshot.error);
  return snapshot.value;
}

/** Plays the journal of a snapshot without a state, as fast as it goes, to its moment. Throws UsageError. */
function play(session: Session, { journal, hash }: Snapshot, path: string): void {
  message(`el2lab: ${path} has the way to its moment: the run is played again until then.`);
  session.setPace('unlimited');
  session.run();
  while (session.replays && session.state === 'running') session.advance(1000);
  const played = session.journal();
  const isSame = hash === unknownHash || session.stateHash() === hash;
  const isThere = played.ok && played.value.slices === journal.slices && isSame;
  if (!isThere)
    throw new UsageError(
      `${path}: played again, the run does not come to its moment: it is of another version of EL2 Lab.`,
    );
  message(`el2lab: it is at ${(session.virtualNs / 1e9).toFixed(6)} s.`);
}
