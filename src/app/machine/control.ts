import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConsoleId, ConsoleWindow } from '../../session/api/console.ts';
import type { Status } from '../../session/api/status.ts';
import { type Crash, MachineClient, Refused, WorkerLost } from '../../worker/client.ts';

/** What the page knows of any machine in the worker: all of it comes from the worker's answers. */
export interface ControlView {
  /** The worker's last answer, or null before the first. */
  readonly status: Status | null;
  /** Counts boots, resets and restarts: consoles and logs of another epoch are another machine's. */
  readonly epoch: number;
  /** Why the last request could not be done, for the user to read. */
  readonly refusal: string | null;
  readonly crash: Crash | null;
}

/** Bytes of a console that are asked for at a time. */
const consoleBudget = 65_536;

/** Why something outside of the machine cannot be had, as a sentence for the user. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * Run control of the page's machine, and a view of it for the panels.
 * The worker says that something changed; the page then asks for the status once, in the next animation frame.
 */
export abstract class MachineControl<View extends ControlView> {
  readonly client: MachineClient;
  readonly store: StoreApi<View>;
  #refreshing = false;

  constructor(spawn: () => Worker, initial: View) {
    this.client = new MachineClient(spawn);
    this.store = createStore<View>(() => initial);
    this.client.onChange(() => this.refresh());
    this.client.onCrash((crash) => this.set({ crash }));
    this.refresh();
  }

  /** The core that a step is of. */
  protected abstract readonly stepped: number;
  /** After a crash: the same again, in a new worker. */
  abstract restart(): Promise<void>;

  get status(): Status | null {
    return this.store.getState().status;
  }

  run(): Promise<void> {
    return this.request(() => this.client.ask('run'));
  }

  pause(): Promise<void> {
    return this.request(() => this.client.ask('pause'));
  }

  /** One instruction. */
  step(): Promise<void> {
    return this.request(() => this.client.ask('step', { core: this.stepped, instructions: 1 }));
  }

  /** Power-on again with the same software. */
  reset(): Promise<void> {
    return this.request(async () => {
      await this.client.ask('reset');
      this.set({ epoch: this.store.getState().epoch + 1 });
    });
  }

  /** Switches between real time and as fast as it goes. */
  togglePace(): Promise<void> {
    return this.request(() =>
      this.client.ask('pace', { pace: this.status?.pace === 'unlimited' ? 'real-time' : 'unlimited' }),
    );
  }

  /** Part of what a console has printed, from byte offset `from` on. */
  readConsole(console: ConsoleId, from: number): Promise<ConsoleWindow> {
    return this.client.ask('console', { console, from, budget: consoleBudget });
  }

  /** Shows a refusal to the user, or takes it away. */
  refuse(refusal: string | null): void {
    this.set({ refusal });
  }

  /** Ends the worker: the page turns to another machine. */
  close(): void {
    this.client.close();
  }

  /** Does a request, shows why if it is declined, and asks for the status that follows from it. */
  protected async request(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (error instanceof Refused || error instanceof Unreadable) this.refuse(error.message);
      else if (!(error instanceof WorkerLost)) throw error;
    }
    this.refresh();
  }

  /** A crashed worker is replaced by an empty one; says whether it was. */
  protected replaceCrashed(): boolean {
    const { crash, epoch } = this.store.getState();
    if (!crash) return false;
    this.client.restart();
    this.set({ status: null, crash: null, epoch: epoch + 1 });
    return true;
  }

  protected refresh(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    requestAnimationFrame(async () => {
      this.#refreshing = false;
      try {
        this.set({ status: await this.client.ask('status') });
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error;
      }
    });
  }

  /** Changes the part of the view that every machine has. */
  protected set(part: Partial<ControlView>): void {
    // A part of ControlView is one of View, which TypeScript cannot tell of a type parameter.
    this.store.setState(part as Partial<View>);
  }
}
