/** For tests: a session with Xen in it, and what there is to do with it. */

import type { XenRequest } from '../api/boot.ts';
import type { ConsoleId } from '../api/console.ts';
import { type Dom0File, noUserFiles } from '../api/files.ts';
import { Session } from '../session.ts';
import type { XenSystem } from './xen-system.ts';

/** The built-in guests, as they lie in /guests; `read` gives a file's bytes by its path in the repository. */
export const guestFiles = (read: (path: string) => Uint8Array): readonly Dom0File[] =>
  ['hello', 'spin', 'rtos', 'rogue'].map((name) => ({
    path: `/guests/${name}.img`,
    bytes: new Uint8Array(read(`guests/build/xen/${name}.img`)),
  }));

const usual: Omit<XenRequest, 'guests'> = {
  machine: { cpus: 4, memoryMiB: 2048, el: 2 },
  commandLine: 'loglvl=all guest_loglvl=all',
  costs: true,
  seed: 1,
  user: noUserFiles,
  startsDomains: false,
  script: null,
  interactive: false,
};

export class XenSessionBench {
  readonly session: Session;

  constructor(request: Partial<XenRequest> & Pick<XenRequest, 'guests'>) {
    let wall = 0;
    this.session = new Session(() => wall++);
    const started = this.session.startXen({ ...usual, ...request });
    if (!started.ok) throw new Error(started.error);
    this.session.run();
  }

  get xen(): XenSystem {
    const { xen } = this.session;
    if (!xen.ok) throw new Error(xen.error);
    return xen.value;
  }

  run(ms: number): void {
    const end = this.session.virtualNs + ms * 1e6;
    while (this.session.virtualNs < end) this.session.advance(0);
  }

  /** Runs until a condition holds, looking each millisecond. */
  until(condition: () => boolean, limitMs = 10_000): void {
    const end = this.session.virtualNs + limitMs * 1e6;
    while (!condition()) {
      if (this.session.virtualNs >= end) throw new Error(`not within ${limitMs} ms:\n${this.shown('dom0')}`);
      for (let slice = 0; slice < 20; slice++) this.session.advance(0);
    }
  }

  /** Runs until the script has ended; its exit code. */
  finish(limitMs = 60_000): number | null {
    this.until(() => this.xen.status().scriptCode !== null, limitMs);
    return this.xen.status().scriptCode;
  }

  /** What a console has shown, with Unix line ends. */
  shown(console: ConsoleId): string {
    return new TextDecoder().decode(this.session.console(console, 0, 1e7).bytes).replaceAll('\r\n', '\n');
  }

  /** Runs a script in Dom0's shell to its end; what it printed there. */
  script(text: string, limitMs = 60_000): string {
    const from = this.shown('dom0').length;
    let code: number | null = null;
    this.xen.dom0.startScript(text, (c) => {
      code = c;
    });
    this.until(() => code !== null, limitMs);
    return this.shown('dom0').slice(from);
  }

  type(console: ConsoleId, text: string): number {
    return this.session.input(console, new TextEncoder().encode(text));
  }
}
