import type { UserFiles } from '../../session/api/files.ts';
import type { Translate } from '../i18n/translate.ts';
import type { ControlView } from '../machine/connection.ts';
import { MachineControl, unknownMachine } from '../machine/control.ts';
import type { Keeping } from '../storage/keeping.ts';
import { Consoles } from './consoles.ts';
import { Dom0Files } from './dom0Files.ts';
import { Domains } from './domains.ts';
import { Latency } from './latency.ts';
import { fetchGuests, readySession } from './readySession.ts';
import { Shares } from './shares.ts';

/** What the page knows of the machine with Xen, apart from the subjects of its parts. */
export interface XenView extends ControlView {
  /** Whether Xen's own work takes time. */
  readonly costs: boolean;
  /** Xen's command line; null before the first start. */
  readonly commandLine: string | null;
}

/** What the user has chosen for the next start. */
export interface NextStart {
  readonly costs: boolean;
  readonly xen: { readonly cpus: number; readonly memoryMiB: number; readonly commandLine: string };
}

/** The page's machine with Xen: its run control, and a part for each subject that the panels show. */
export class XenMachine extends MachineControl<XenView> {
  readonly domains = new Domains(this);
  readonly shares = new Shares(this);
  readonly files: Dom0Files;
  readonly consoles = new Consoles(this);
  readonly latency = new Latency(this, this.domains, this.consoles);
  readonly #translate: () => Translate;
  readonly #next: () => NextStart;

  constructor(spawn: () => Worker, translate: () => Translate, keeping: Keeping, next: () => NextStart) {
    super(spawn, { ...unknownMachine, costs: true, commandLine: null });
    this.files = new Dom0Files(this, keeping);
    this.#translate = translate;
    this.#next = next;
  }

  protected override readonly stepped = 0;

  protected override get ofThisMachine(): Partial<XenView> {
    const { costs, commandLine } = this.store.getState();
    return { costs, commandLine };
  }

  /** Starts Xen with the ready session and the user's files, and lets it run. A crashed worker is replaced. */
  async start(discarded?: UserFiles): Promise<void> {
    this.refuse(null);
    this.replaceCrashed();
    await this.replace(
      async (client) => {
        const [guests, user] = await Promise.all([fetchGuests(this.#translate()), this.files.kept()]);
        const { costs, xen } = this.#next();
        const { commandLine, cpus, memoryMiB } = xen;
        await client.ask('startXen', {
          ...readySession,
          machine: { cpus, memoryMiB, el: 2 },
          commandLine,
          costs,
          guests,
          user,
        });
        return { costs, commandLine };
      },
      discarded && (() => this.files.restore(discarded)),
    );
  }

  override restart(): Promise<void> {
    return this.start();
  }

  override reset(): Promise<void> {
    return this.start();
  }

  /** Discards all changes of the user's to Domain-0's files, and starts again. */
  async discardChanges(): Promise<void> {
    await this.start(await this.files.forget());
  }
}
