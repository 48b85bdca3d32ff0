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
}

/** The page's machine with Xen: its run control, and a part for each subject that the panels show. */
export class XenMachine extends MachineControl<XenView> {
  readonly domains = new Domains(this);
  readonly shares = new Shares(this);
  readonly files: Dom0Files;
  readonly consoles = new Consoles(this);
  readonly latency = new Latency(this, this.domains, this.consoles);
  readonly #translate: () => Translate;
  readonly #costs: () => boolean;

  /** @param costs whether Xen's own work takes time, from the next start on */
  constructor(spawn: () => Worker, translate: () => Translate, keeping: Keeping, costs: () => boolean) {
    super(spawn, { ...unknownMachine, costs: true });
    this.files = new Dom0Files(this, keeping);
    this.#translate = translate;
    this.#costs = costs;
  }

  protected override readonly stepped = 0;

  /** Starts Xen with the ready session and the user's files, and lets it run. A crashed worker is replaced. */
  async start(): Promise<void> {
    this.refuse(null);
    this.replaceCrashed();
    await this.request(async () => {
      const [guests, user] = await Promise.all([fetchGuests(this.#translate()), this.files.kept()]);
      const costs = this.#costs();
      await this.ask('startXen', { ...readySession, costs, guests, user });
      this.store.setState(({ epoch }) => ({ epoch: epoch + 1, costs }));
      await this.ask('run');
    });
  }

  override restart(): Promise<void> {
    return this.start();
  }

  override reset(): Promise<void> {
    return this.start();
  }

  /** Forgets all files of the user's, and starts again. */
  async forgetFiles(): Promise<void> {
    await this.files.forget();
    await this.start();
  }
}
