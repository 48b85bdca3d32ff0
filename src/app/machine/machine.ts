import { createStore, type StoreApi } from 'zustand/vanilla';
import { type BootSummary, type MachineOptions, maxMemoryMiB, type Status } from '../../session/api.ts';
import { type Crash, MachineClient, Refused, WorkerLost } from '../../worker/client.ts';
import type { Translate } from '../i18n/translate.ts';
import { builtInGuests, type Guest, helloElfGuest } from './guests.ts';

/** What the page knows of the machine in the worker: all of it comes from the worker's answers. */
export interface MachineView {
  /** The worker's last answer, or null before the first. */
  readonly status: Status | null;
  /** The guest that was booted, with what its loading did. */
  readonly booted: { readonly guest: Guest; readonly summary: BootSummary } | null;
  /** Counts boots, resets and restarts: consoles and logs of another epoch are another machine's. */
  readonly epoch: number;
  readonly guests: readonly Guest[];
  /** The core whose registers are shown and which steps. */
  readonly core: number;
  /** Why the last request could not be done, for the user to read. */
  readonly refusal: string | null;
  readonly crash: Crash | null;
}

/** Why a guest's bytes cannot be had, as a sentence with the file's name. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * The page's machine: passes the user's wishes to the worker and keeps a view of it for the panels.
 * The worker says that something changed; the page then asks for the status once, in the next animation frame.
 */
export class Machine {
  readonly client: MachineClient;
  readonly store: StoreApi<MachineView> = createStore<MachineView>(() => ({
    status: null,
    booted: null,
    epoch: 0,
    guests: builtInGuests,
    core: 0,
    refusal: null,
    crash: null,
  }));
  readonly #translate: () => Translate;
  #refreshing = false;

  constructor(spawn: () => Worker, translate: () => Translate) {
    this.client = new MachineClient(spawn);
    this.#translate = translate;
    this.client.onChange(() => this.#refresh());
    this.client.onCrash((crash) => this.store.setState({ crash }));
    this.#refresh();
  }

  get status(): Status | null {
    return this.store.getState().status;
  }

  /** Boots a guest on a new machine and lets it run. What cannot be loaded leaves the present machine as it is; a crashed worker is replaced. */
  boot(guest: Guest, machine: MachineOptions): Promise<void> {
    this.refuse(null);
    if (this.store.getState().crash) {
      this.client.restart();
      this.store.setState(({ epoch }) => ({ status: null, booted: null, crash: null, epoch: epoch + 1 }));
    }
    return this.#request(async () => {
      const kernel = { name: guest.name, bytes: await this.#read(guest) };
      const summary = await this.client.boot({ kernel, machine });
      this.store.setState(({ epoch }) => ({ booted: { guest, summary }, epoch: epoch + 1, core: 0 }));
      await this.client.run();
    });
  }

  /** Adds a file of the user's to the guests (in place of one of the same name) and boots it. */
  async open(file: File, machine: MachineOptions): Promise<void> {
    const guest: Guest = { origin: 'user', name: file.name, file };
    await this.boot(guest, machine);
    if (this.store.getState().booted?.guest !== guest) return;
    this.store.setState(({ guests }) => ({
      guests: [...guests.filter((g) => g.origin !== 'user' || g.name !== guest.name), guest],
    }));
  }

  run(): Promise<void> {
    return this.#request(() => this.client.run());
  }

  pause(): Promise<void> {
    return this.#request(() => this.client.pause());
  }

  /** One instruction on the core whose registers are shown. */
  step(): Promise<void> {
    return this.#request(() => this.client.step(this.store.getState().core));
  }

  /** Chooses the core whose registers are shown and which steps. */
  selectCore(core: number): void {
    this.store.setState({ core });
  }

  /** Power-on again with the same guest. */
  reset(): Promise<void> {
    return this.#request(async () => {
      await this.client.reset();
      this.store.setState(({ epoch }) => ({ epoch: epoch + 1 }));
    });
  }

  /** Switches between real time and as fast as it goes. */
  togglePace(): Promise<void> {
    return this.#request(() => this.client.setPace(this.status?.pace === 'unlimited' ? 'real-time' : 'unlimited'));
  }

  /** Types on the serial console. */
  input(bytes: Uint8Array): Promise<void> {
    return this.#request(() => this.client.input(bytes));
  }

  /** After a crash: the guest that ran boots again, in a new worker. */
  restart(machine: MachineOptions): Promise<void> {
    return this.boot(this.store.getState().booted?.guest ?? helloElfGuest, machine);
  }

  /** Shows a refusal to the user, or takes it away. */
  refuse(refusal: string | null): void {
    this.store.setState({ refusal });
  }

  /** Does a request, shows why if it is declined, and asks for the status that follows from it. */
  async #request(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (error instanceof Refused || error instanceof Unreadable) this.refuse(error.message);
      else if (!(error instanceof WorkerLost)) throw error;
    }
    this.#refresh();
  }

  async #read(guest: Guest): Promise<Uint8Array> {
    const translate = this.#translate();
    const { name } = guest;
    if (guest.origin === 'user') {
      const size = Math.ceil(guest.file.size / 2 ** 20);
      if (size > maxMemoryMiB) throw new Unreadable(translate('refusal.tooLarge', { name, size, limit: maxMemoryMiB }));
      try {
        return new Uint8Array(await guest.file.arrayBuffer());
      } catch (error) {
        throw new Unreadable(translate('refusal.unreadable', { name, reason: reasonOf(error) }));
      }
    }
    try {
      const response = await fetch(guest.url);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new Unreadable(translate('refusal.notFetched', { name, reason: reasonOf(error) }));
    }
  }

  #refresh(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    requestAnimationFrame(async () => {
      this.#refreshing = false;
      try {
        this.store.setState({ status: await this.client.status() });
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error;
      }
    });
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
