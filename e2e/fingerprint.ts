import type { NamedFile } from '../src/session/api/boot.ts';
import { Session } from '../src/session/session.ts';

export interface Fingerprint {
  readonly virtualNs: number;
  readonly instructions: number;
  readonly console: string;
  readonly hash: string;
}

/**
 * Boots a kernel on four cores, runs it to a virtual time, and takes the machine's fingerprint: in Node and in the
 * browser.
 */
export function fingerprint(
  files: { readonly kernel: NamedFile; readonly initrd?: NamedFile; readonly deviceTree?: NamedFile },
  virtualSeconds: number,
): Fingerprint {
  const session = new Session(() => performance.now());
  const loaded = session.boot({ ...files, machine: { cpus: 4, memoryMiB: 1024, el: 2 } });
  if (!loaded.ok) throw new Error(loaded.error);
  session.run();
  while (session.state === 'running' && session.virtualNs < virtualSeconds * 1e9) session.advance(0);
  const { virtualNs, instructions } = session.status();
  const { bytes } = session.console('serial', 0, 2 ** 20);
  return { virtualNs, instructions, console: new TextDecoder().decode(bytes), hash: session.stateHash() };
}
