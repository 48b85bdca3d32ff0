import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConsoleId, ConsoleWindow } from '../../session/api/console.ts';
import type { Status } from '../../session/api/status.ts';
import { MachineClient, Refused, WorkerLost, type WorkerPort } from '../../worker/client.ts';
import type { DisksState } from '../../worker/disks/worker-disks.ts';
import type { KeepReply, KeptMoment } from '../../worker/keep/worker-keep.ts';
import type { Arguments, Kind, Reply } from '../../worker/protocol.ts';
import { hasKept, noteKept } from '../storage/keptMachines.ts';
import type { Connection, ControlView, Opened } from './connection.ts';
import { Unreadable } from './unreadable.ts';

/** Bytes of a console that are asked for at a time. */
const consoleBudget = 65_536;

/** What the page knows before the worker's first reply. */
export const unknownMachine: ControlView = {
  status: null,
  epoch: 0,
  refusal: null,
  crash: null,
  opened: null,
  core: 0,
};

/** A machine that another one has replaced: it waits, paused, until it is brought back or dropped. */
export interface SetAside {
  /** What the user has asked for: another start, or one without the user's changes to the files. */
  readonly by: 'start' | 'discard';
  readonly bringBack: () => Promise<void>;
  readonly drop: () => void;
}

/** A frame that the browser has not begun after so long may not come: the page is hidden. In ms. */
const frameMs = 250;

/** Calls back in the next animation frame, or after a while without one: what a machine asks for is done in hidden pages too. */
function soon(callback: () => void): void {
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    callback();
  }, frameMs);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    callback();
  });
}

/** Resolves when it is answered, or the worker is lost. */
async function unlessLost(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error;
  }
}

/**
 * Run control of the page's machine, and a view of it for the panels.
 * When the worker says that something changed, the page asks for the status once, in the next animation frame if there is one.
 */
export abstract class MachineControl<View extends ControlView> implements Connection {
  /** The current worker's; another machine comes in another worker. */
  protected client: MachineClient;
  readonly #spawn: () => WorkerPort;
  readonly store: StoreApi<View>;
  /** Takes care of a machine that another one has replaced. */
  onSetAside: (before: SetAside) => void = ({ drop }) => drop();
  /** Told how the browser keeps the current machine's disks. */
  onDisks: (state: DisksState) => void = () => {};
  /** Told how the browser keeps the current machine itself, and the virtual time of each moment that it has kept. */
  onKept: (part: { readonly state: KeepReply['state'] } | { readonly keptMoment: KeptMoment | null }) => void =
    () => {};
  #refreshing = false;
  /** The end of the starts that were asked for: one follows the other. */
  #replacing: Promise<void> = Promise.resolve();
  /** Whether the page shows another machine meanwhile. */
  #isSuspended = false;
  /** Whether the machine ran when it was suspended. */
  #wasRunning = false;

  constructor(spawn: () => WorkerPort, initial: View) {
    this.#spawn = spawn;
    this.store = createStore<View>(() => initial);
    this.client = this.#connect();
    this.refresh();
  }

  /** Starts the same software again in a new worker, after a crash. */
  async restart(): Promise<void> {
    // A start that was under way when the worker crashed has brought a new worker.
    await this.#replacing;
    if (this.view.crash) await this.startAgain();
  }

  protected abstract startAgain(): Promise<void>;

  get view(): View {
    return this.store.getState();
  }

  get status(): Status | null {
    return this.view.status;
  }

  async run(): Promise<void> {
    await this.request(() => this.ask('run'));
  }

  async pause(): Promise<void> {
    await this.request(() => this.ask('pause'));
  }

  /** Executes one instruction of the chosen core. */
  async step(): Promise<void> {
    await this.request(() => this.ask('step', { core: this.view.core, instructions: 1 }));
  }

  /** Goes back or forth in time. A machine that runs pauses first. */
  async travel<K extends 'goToTime' | 'goToPresent' | 'stepBack' | 'findBack'>(
    kind: K,
    ...request: Arguments<K>
  ): Promise<void> {
    await this.request(async () => {
      const { state } = this.status ?? {};
      if (state === 'running' || state === 'waiting') await this.ask('pause');
      await this.ask(kind, ...request);
    });
  }

  /** Goes on from a moment of the past: what came after it is forgotten. */
  async fork(): Promise<void> {
    await this.request(() => this.ask('forkTime'));
  }

  /** Chooses the core whose registers are shown, and that steps. */
  selectCore(core: number): void {
    this.set({ core });
  }

  /** Power-on again with the same software. */
  abstract reset(): Promise<void>;

  /** Switches between real time and as fast as possible. */
  async togglePace(): Promise<void> {
    const pace = this.status?.pace === 'unlimited' ? 'real-time' : 'unlimited';
    await this.request(() => this.ask('pace', { pace }));
  }

  ask<K extends Kind>(kind: K, ...request: Arguments<K>): Promise<Reply<K>> {
    return this.client.ask(kind, ...request);
  }

  async look<K extends Kind>(kind: K, ...request: Arguments<K>): Promise<Reply<K> | null> {
    try {
      return await this.ask(kind, ...request);
    } catch (error) {
      if (error instanceof WorkerLost || error instanceof Refused) return null;
      throw error;
    }
  }

  readConsole(console: ConsoleId, from: number): Promise<ConsoleWindow> {
    return this.ask('console', { console, from, budget: consoleBudget });
  }

  async request(action: () => Promise<unknown>): Promise<boolean> {
    let isDone = false;
    try {
      await action();
      isDone = true;
    } catch (error) {
      if (error instanceof Refused || error instanceof Unreadable) this.refuse(error.message);
      else if (!(error instanceof WorkerLost)) throw error;
    }
    this.refresh();
    return isDone;
  }

  onChange(listener: (view: ControlView) => void): () => void {
    return this.store.subscribe(listener);
  }

  /** Shows what has become of a machine that a link or a file has brought. */
  showOpened(part: Partial<Opened>): void {
    const { opened } = this.view;
    if (opened) this.set({ opened: { ...opened, ...part } });
  }

  /** Power-on again of what a link or a file has brought. */
  protected async resetOpened(): Promise<void> {
    if (!(await this.request(() => this.ask('reset')))) return;
    this.showOpened({ at: 'reset' });
    this.set({ epoch: this.view.epoch + 1 });
  }

  /** Shows a refusal to the user, or with null takes it away. */
  refuse(refusal: string | null): void {
    this.set({ refusal });
  }

  /** Has the machine wait while the page shows another one. One that is only starting waits once it runs. */
  suspend(): void {
    this.#isSuspended = true;
    this.#hold();
  }

  /** The page shows this machine again: it runs on, if it ran. */
  resume(): void {
    this.#isSuspended = false;
    if (!this.#wasRunning) return;
    this.#wasRunning = false;
    void this.run();
  }

  /** What machines of a subclass have in common for the browser that keeps one of them. */
  protected abstract readonly keptKind: string;

  /** What the next page is to know of the current machine, if the browser keeps it; null if it cannot. */
  protected abstract about(): object | null;

  /** What the browser has kept for this page: what `about` has said; null if there is nothing. */
  async findKept(): Promise<unknown> {
    if (!hasKept(this.keptKind)) return null;
    const { found } = await this.client.keep({ keep: 'find', kind: this.keptKind });
    return found && JSON.parse(found.about);
  }

  /** Has the browser keep the current machine from now on, or says that something else is to be known of it. */
  async keepMachine(): Promise<void> {
    const { client, keptKind } = this;
    const { opened } = this.view;
    const about = opened && opened.by !== 'kept' ? null : this.about();
    // A machine that cannot be kept takes the place of one that was.
    if (about === null && !hasKept(keptKind)) return;
    noteKept(keptKind, about !== null);
    this.onKept({ keptMoment: null });
    const { state } = await client.keep({
      keep: 'start',
      kind: keptKind,
      about: about && JSON.stringify(about),
    });
    if (client === this.client) this.onKept({ state: about ? state : 'blocked' });
  }

  /** What a subclass knows of the current machine alone. */
  protected abstract readonly ofThisMachine: Partial<View>;

  /** What a subclass knows when there is no machine. */
  protected readonly ofNoMachine: Partial<View> = {};

  /**
   * Starts a machine in a new worker by `start`, and lets it run. The machine from before is set aside, paused; if
   * the new one is refused, it goes on.
   * @param discarded gives back what the user has discarded with the machine
   */
  replace(start: (client: MachineClient) => Promise<Partial<View>>, discarded?: () => Promise<void>): Promise<void> {
    const replaced = this.#replacing.then(() => this.#replace(start, discarded));
    this.#replacing = replaced.catch(() => {});
    return replaced;
  }

  async #replace(
    start: (client: MachineClient) => Promise<Partial<View>>,
    discarded?: () => Promise<void>,
  ): Promise<void> {
    const before = this.client;
    if (before.crash) this.#restartWorker();
    const { status, epoch, opened } = this.view;
    const hasMachine = Boolean(status && status.state !== 'empty');
    const wasRunning = status?.state === 'running' || status?.state === 'waiting';
    const next = hasMachine ? this.#connect() : before;
    const ofBefore = this.ofThisMachine;
    await this.request(async () => {
      // The machine may crash now: it is to be replaced anyway.
      if (hasMachine && wasRunning) await unlessLost(before.ask('pause'));
      if (hasMachine) before.order({ disks: 'release' });
      const view = await start(next);
      this.#show(next);
      this.store.setState({ opened: null, ...view, crash: null, epoch: epoch + 1 });
      if (hasMachine && status?.pace === 'unlimited') await next.ask('pace', { pace: 'unlimited' });
      if (!view.opened?.isPaused) await next.ask('run');
      if (hasMachine) void before.keep({ keep: 'stop' });
      void this.keepMachine();
    });
    if (!hasMachine) return;
    if (this.client !== next) {
      if (next.crash) this.refuse(`The new machine’s worker has crashed: ${next.crash.message}`);
      next.close();
      before.order({ disks: 'takeBack' });
      if (wasRunning) await this.run();
      return;
    }
    const drop = (): void => {
      before.close();
      // A machine in between may still come back with its disks.
      if (this.client === next) next.order({ disks: 'settle' });
    };
    if (before.crash || next.crash) return drop();
    this.onSetAside({
      by: discarded ? 'discard' : 'start',
      bringBack: async () => {
        this.client.close();
        before.order({ disks: 'takeBack' });
        this.#show(before);
        const { crash } = before;
        this.store.setState({ ...ofBefore, status, opened, crash, refusal: null, epoch: this.view.epoch + 1 });
        if (wasRunning) await this.run();
        void this.keepMachine();
        this.refresh();
        await discarded?.();
      },
      drop,
    });
  }

  /** Replaces a crashed worker by an empty one. */
  #restartWorker(): void {
    this.client.restart();
    this.store.setState(this.ofNoMachine);
    this.set({ status: null, crash: null, epoch: this.view.epoch + 1 });
  }

  protected refresh(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    soon(async () => {
      this.#refreshing = false;
      const status = await this.look('status');
      if (status) this.set({ status });
      this.#hold();
    });
  }

  /** Pauses a suspended machine that runs. */
  #hold(): void {
    const { state } = this.status ?? {};
    if (!this.#isSuspended || (state !== 'running' && state !== 'waiting')) return;
    this.#wasRunning = true;
    void this.pause();
  }

  /** A worker beside the machine's, for another machine. Whoever asks for it closes it. */
  beside(): MachineClient {
    return new MachineClient(this.#spawn);
  }

  /** Makes a worker the current one. */
  #show(client: MachineClient): void {
    this.client = client;
    this.onDisks(client.disks);
  }

  /** Starts a worker, whose news count while it is the current one. */
  #connect(): MachineClient {
    const client: MachineClient = new MachineClient(this.#spawn);
    client.onChange(() => client === this.client && this.refresh());
    client.onCrash((crash) => client === this.client && this.set({ crash }));
    client.onDisks((state) => client === this.client && this.onDisks(state));
    client.onKeptMoment = (keptMoment) => client === this.client && this.onKept({ keptMoment });
    return client;
  }

  /** Changes the part of the view that every machine has. */
  protected set(part: Partial<ControlView>): void {
    // A part of ControlView is one of View, which TypeScript cannot tell of a type parameter.
    this.store.setState(part as Partial<View>);
  }
}
