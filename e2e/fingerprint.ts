import type { NamedFile } from '../src/session/api/boot.ts';
import { Session } from '../src/session/session.ts';
import { fromFile, toFile } from '../src/session/snapshot/file.ts';

export interface Fingerprint {
  readonly virtualNs: number;
  readonly instructions: number;
  readonly console: string;
  readonly hash: string;
}

/** Boots a kernel on four cores. */
export function booted(files: {
  readonly kernel: NamedFile;
  readonly initrd?: NamedFile;
  readonly deviceTree?: NamedFile;
}): Session {
  const session = new Session(() => performance.now());
  const loaded = session.boot({ ...files, machine: { cpus: 4, memoryMiB: 1024, el: 2 } });
  if (!loaded.ok) throw new Error(loaded.error);
  return session;
}

/** A machine that goes on from a snapshot. */
export async function resumed(file: Uint8Array): Promise<Session> {
  const session = new Session(() => performance.now());
  const snapshot = await fromFile('The file', file);
  const restored = snapshot.ok ? session.restore(snapshot.value) : snapshot;
  if (!restored.ok) throw new Error(restored.error);
  return session;
}

/** Runs a machine to a virtual time and takes its snapshot there, as a file. */
export async function savedAt(session: Session, virtualSeconds: number): Promise<Blob> {
  runTo(session, virtualSeconds);
  const saved = session.save();
  if (!saved.ok) throw new Error(saved.error);
  return new Blob((await toFile(saved.value)) as BlobPart[]);
}

/** Runs a machine to a virtual time, and takes its fingerprint: in Node and in the browser. */
export function fingerprint(session: Session, virtualSeconds: number): Fingerprint {
  runTo(session, virtualSeconds);
  const { virtualNs, instructions } = session.status();
  const { bytes } = session.console('serial', 0, 2 ** 20);
  return { virtualNs, instructions, console: new TextDecoder().decode(bytes), hash: session.stateHash() };
}

function runTo(session: Session, virtualSeconds: number): void {
  session.run();
  while (session.state === 'running' && session.virtualNs < virtualSeconds * 1e9) session.advance(0);
}
