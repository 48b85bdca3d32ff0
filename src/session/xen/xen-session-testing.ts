/** For tests: a session with Xen in it, and what there is to do with it. */

import type { Dom0 } from '../../dom0/dom0.ts';
import type { Xen } from '../../xen/xen.ts';
import type { XenRequest } from '../api/boot.ts';
import type { ConsoleId } from '../api/console.ts';
import { type Dom0File, noUserFiles } from '../api/files.ts';
import type { FilesView } from '../dom0.ts';
import type { HypervisorView } from '../hypervisor.ts';
import { Session } from '../session.ts';
import { planXen, type XenSystem } from './xen-system.ts';

/** The built-in guests, as they lie in /guests; `read` gives a file's bytes by its path in the repository. */
export const guestFiles = (read: (path: string) => Uint8Array): readonly Dom0File[] =>
  ['hello', 'spin', 'rtos', 'rogue', 'monitor'].map((name) => ({
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
  readonly system: XenSystem;

  constructor(request: Partial<XenRequest> & Pick<XenRequest, 'guests'>) {
    let wall = 0;
    this.session = new Session(() => wall++);
    const plan = planXen({ ...usual, ...request });
    if (!plan.ok) throw new Error(plan.error);
    this.system = this.session.start(plan.value);
    this.session.run();
  }

  /** What can be known of Xen, as any front door sees it. */
  get view(): HypervisorView {
    return this.system.hypervisor;
  }

  get xen(): Xen {
    return this.system.model.xen;
  }

  get dom0(): Dom0 {
    return this.system.model.dom0;
  }

  get files(): FilesView {
    return this.system.files;
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
    this.until(() => this.system.scriptCode !== null, limitMs);
    return this.system.scriptCode;
  }

  /** What a console has shown, with Unix line ends. */
  shown(console: ConsoleId): string {
    return new TextDecoder().decode(this.session.console(console, 0, 1e7).bytes).replaceAll('\r\n', '\n');
  }

  /** Runs a script in Dom0's shell to its end; what it printed there. */
  script(text: string, limitMs = 60_000): string {
    const from = this.shown('dom0').length;
    let code: number | null = null;
    this.dom0.startScript(text, (c) => {
      code = c;
    });
    this.until(() => code !== null, limitMs);
    return this.shown('dom0').slice(from);
  }

  write(path: string, contents: string | Uint8Array): void {
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    const written = this.session.enter({ kind: 'writeFile', path, bytes });
    if (!written.ok) throw new Error(written.error);
  }

  type(console: ConsoleId, text: string): number {
    return this.session.input(console, new TextEncoder().encode(text));
  }
}
