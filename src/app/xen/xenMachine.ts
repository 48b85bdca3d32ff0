import type { UserFiles } from '../../session/api/files.ts';
import type { Story } from '../../session/stories/stories.ts';
import type { MachineClient } from '../../worker/client.ts';
import type { Language, Translate } from '../i18n/translate.ts';
import type { ControlView } from '../machine/connection.ts';
import { MachineControl, unknownMachine } from '../machine/control.ts';
import type { Keeping } from '../storage/keeping.ts';
import { Consoles } from './consoles.ts';
import { Domains } from './domains.ts';
import { Dom0Files } from './files/dom0Files.ts';
import { Latency } from './latency/latency.ts';
import { type LinuxFiles, linuxFiles, pathsOf, placeLinux } from './linux.ts';
import { fetchGuests, readySession, seed } from './readySession.ts';
import { Shares } from './shares.ts';

/** What the page knows of the machine with Xen, apart from the subjects of its parts. */
export interface XenView extends ControlView {
  /** Whether it is the real Xen, and not the model. */
  readonly real: boolean;
  /** Whether Xen's own work takes time. */
  readonly costs: boolean;
  /** Xen's command line; null before the first start. */
  readonly commandLine: string | null;
  /** The story that runs; null for the ready session as the user has arranged it. */
  readonly story: Story | null;
  /** Whether the page's server was found to have no Linux. */
  readonly lacksLinux: boolean;
  /** Whether its files are on their way into Domain-0. */
  readonly bringsLinux: boolean;
}

/** What the user has chosen for the next start. */
export interface NextStart {
  /** That of the comments in Domain-0's first files, and of its greeting. */
  readonly language: Language;
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
  /** Whether the user has chosen the core that steps. */
  #hasChosenCore = false;

  constructor(spawn: () => Worker, translate: () => Translate, keeping: Keeping, next: () => NextStart) {
    super(spawn, {
      ...unknownMachine,
      real: false,
      costs: true,
      commandLine: null,
      story: null,
      lacksLinux: false,
      bringsLinux: false,
    });
    this.files = new Dom0Files(this, keeping);
    this.onDisks = (disks) => keeping.showDisks(disks);
    this.#translate = translate;
    this.#next = next;
    this.store.subscribe(({ status }, before) => {
      if (status?.state === 'paused' && before.status?.state !== 'paused') void this.#findBusyCore();
      // What is played brings them itself.
      const plays = this.view.opened?.at === 'playing' || status?.time?.isPast;
      if (status?.dom0?.wantsDeferred && !plays) void this.#bringLinux();
    });
  }

  protected override readonly keptKind = 'xen';

  /** The model's way to its moment would have to be played. */
  protected override about(): object | null {
    return this.store.getState().real ? {} : null;
  }

  protected override get ofThisMachine(): Partial<XenView> {
    const { real, costs, commandLine, story, core } = this.store.getState();
    return { real, costs, commandLine, story, core };
  }

  /**
   * Starts a story, and if wanted measures its figures, or with null the ready session. The machine from before can
   * be taken back.
   */
  async startStory(story: Story | null, measures = false): Promise<void> {
    const isPossible = !story?.needsLinux || (await this.#findLinux()) !== null;
    // A link to what cannot start leads to the ready session.
    if (isPossible || !this.status?.hypervisor) await this.start({ story: isPossible ? story : null, measures });
    if (!isPossible) this.refuse(this.#translate()('story.noImages'));
  }

  /**
   * Starts Xen with the ready session, or a story, and the user's files, and lets it run. A crashed worker is
   * replaced.
   */
  async start({
    discarded,
    story = this.store.getState().story,
    measures = false,
    real = story === null && this.view.real,
    boots = story !== null,
  }: {
    readonly discarded?: UserFiles;
    readonly story?: Story | null;
    readonly measures?: boolean;
    readonly real?: boolean;
    /** From power-on, also where its prompt has been prepared. */
    readonly boots?: boolean;
  } = {}): Promise<void> {
    this.refuse(null);
    await this.replace(
      async (client) => {
        // What the machine before has on its disks stays until it cannot come back any more.
        client.order({ disks: 'open', options: { isEmpty: discarded !== undefined, holds: client !== this.client } });
        const { costs, commandLine } =
          (real && !boots && (await this.#openPrepared(client))) || (await this.#startXen(client, story, real));
        if (story && measures) await client.ask('measure', { story: story.name, seed });
        this.#hasChosenCore = false;
        return { real, costs, commandLine, story, core: 0 };
      },
      discarded && (() => this.files.restore(discarded)),
    );
  }

  async #startXen(client: MachineClient, story: Story | null, real: boolean) {
    const request = await this.#request(story, real);
    await client.ask('startXen', request);
    return request;
  }

  /** Has the real Xen go on where it was prepared, with the user's files; null where it has to boot. */
  async #openPrepared(client: MachineClient) {
    const { costs, xen, language } = this.#next();
    const user = await this.files.kept();
    const isOpen = await (await import('./preparedXen.ts')).openPreparedXen(client, xen, language, user);
    return isOpen ? { costs, commandLine: xen.commandLine } : null;
  }

  /** What starts a machine with the user's files. */
  async #request(story: Story | null, real: boolean, bringsLinux = real) {
    const [guests, user, linux] = await Promise.all([
      fetchGuests(this.#translate(), story?.needsLinux ?? false),
      this.files.kept(),
      story?.needsLinux ? null : this.#findLinux(),
    ]);
    const binary = real ? await import('./realXen.ts') : null;
    const { costs, xen, language } = this.#next();
    const originals = story ? [...guests, ...(await import('../../session/stories/files.ts')).filesOf(story)] : guests;
    const translate = this.#translate();
    return {
      ...readySession,
      real: await binary?.fetchRealXen(translate),
      machine: { cpus: story?.cpus ?? xen.cpus, memoryMiB: xen.memoryMiB, el: 2 as const },
      commandLine: `${xen.commandLine} ${story?.xenWords ?? ''}`.trim(),
      costs,
      guests: [
        ...(language === 'ja' ? (await import('./files/firstFilesJa.ts')).inJapanese(originals) : originals),
        ...(bringsLinux ? await (await import('./realXen.ts')).fetchLinux(translate) : []),
      ],
      user: story ? withoutBootScript(user) : user,
      deferred: linux && !bringsLinux ? pathsOf(linux) : [],
    };
  }

  /** Starts the real Xen, or the model, with the same files but no domains, in a worker beside the machine's. */
  async startBeside(client: MachineClient, real: boolean): Promise<void> {
    await client.ask('startXen', { ...(await this.#request(null, real, true)), startsDomains: false });
  }

  /** Starts the real Xen, or the model, with the same files; the machine from before can be taken back. */
  async choose(real: boolean): Promise<void> {
    if (real === this.view.real) return;
    await this.start({ real, story: null });
    if (this.view.real === real || this.status?.hypervisor) return;
    // A link to what cannot start leads to the model.
    const { refusal } = this.view;
    await this.start({ real: false, story: null });
    this.refuse(refusal);
  }

  /** Puts Linux into Domain-0, where something is to start with it. */
  async #bringLinux(): Promise<void> {
    if (this.view.bringsLinux) return;
    this.store.setState({ bringsLinux: true });
    await placeLinux(this, (await this.#findLinux()) ?? {});
    this.store.setState({ bringsLinux: false });
  }

  async #findLinux(): Promise<LinuxFiles | null> {
    const files = await linuxFiles().catch(() => null);
    this.store.setState({ lacksLinux: files === null });
    return files;
  }

  override selectCore(core: number): void {
    this.#hasChosenCore = true;
    super.selectCore(core);
  }

  protected override startAgain(): Promise<void> {
    return this.start();
  }

  override reset(): Promise<void> {
    const { opened } = this.view;
    return opened && opened.by !== 'kept' ? this.resetOpened() : this.start({ boots: true });
  }

  /** Discards all changes of the user's to Domain-0's files, and starts again. */
  async discardChanges(): Promise<void> {
    await this.start({ discarded: await this.files.forget() });
  }

  /** While the machine stands still, a core that runs a vCPU is the one to look at, unless the user has chosen one. */
  async #findBusyCore(): Promise<void> {
    if (this.#hasChosenCore) return;
    const running = await this.look('running');
    const { core } = this.view;
    if (!running || running[core] || this.#hasChosenCore) return;
    const busy = running.findIndex((vcpu) => vcpu !== null);
    if (busy >= 0) this.set({ core: busy });
  }
}

/** Domain-0's script of that name, which only a story replaces. */
const bootScript = '/etc/rc.local';

/** The user's files but for the script that creates the first domains: a story has its own. */
const withoutBootScript = ({ files, removed }: UserFiles): UserFiles => ({
  files: files.filter(({ path }) => path !== bootScript),
  removed: removed.filter((path) => path !== bootScript),
});
