/**
 * Keeps the machine of this worker in the browser, so that the page opens where it was: about once a second, where it has run
 * on or something has entered. One worker keeps the machines of a kind at a time, by a Web Lock.
 */
import type { Pace } from '../../session/api/status.ts';
import type { Session } from '../../session/session.ts';
import { lock } from '../disks/lock.ts';
import { openFiles } from '../disks/origin-files.ts';
import type { KeptHead } from './head.ts';
import { KeptMachine } from './kept-machine.ts';

/** What the page says about the machine that is kept. Each order is answered once, in their order. */
export type KeepOrder =
  /** Is there one? Of the kind of this name, which has files and a lock of its own. */
  | { readonly keep: 'find'; readonly kind: string }
  /** The session is to go on from it. */
  | { readonly keep: 'resume' }
  /** This worker's machine is kept from now on; `about` is for the page that finds it. With null none is, nor one from before. */
  | { readonly keep: 'start'; readonly kind: string; readonly about: string | null }
  /** It is kept no more, and others may keep theirs. */
  | { readonly keep: 'stop' };

/** The answer to `find`, or how it is kept. `elsewhere`: another tab keeps one. `blocked`: the browser does not let it. */
export interface KeepReply {
  readonly state: 'kept' | 'elsewhere' | 'blocked';
  /** What was found, if it can be resumed. */
  readonly found: Pick<KeptHead, 'about' | 'isPaused'> | null;
  /** Why it cannot be resumed, as a sentence for the user. */
  readonly refusal: string | null;
}

/** A moment that is kept: its virtual time, how many inputs had entered, and what the user had chosen. */
export interface KeptMoment {
  readonly virtualNs: number;
  readonly inputs: number;
  readonly isPaused: boolean;
  readonly pace: Pace;
}

/** So often it is looked whether a moment is to be taken, and written on, in ms. */
const lookMs = 100;
/**
 * Between two moments lies so much wall or virtual time, in ms, and so many times what it has cost to keep the last one; but
 * no more than `longestMs` of virtual time, as long as that takes no less wall time: with what it takes to write, 2
 * s are lost at most.
 */
const spacingMs = 1000;
const shortestMs = 300;
const longestMs = 1500;
const costFactor = 25;

export class WorkerKeep {
  readonly #session: Session;
  readonly #stamp: string;
  readonly #tell: (moment: KeptMoment) => void;
  #kept: KeptMachine | null = null;
  #unlock: () => void = () => {};
  #state: KeepReply['state'] = 'blocked';
  #found: KeptHead | null = null;
  /** What the page says of the machine; null while it is not kept. */
  #about: string | null = null;
  /** The last moment that was taken; its wall time, and what it has cost. */
  #last: KeptMoment | null = null;
  #at = 0;
  #cost = 0;
  #done: Promise<void> = Promise.resolve();

  /**
   * @param stamp tells this version of EL2 Lab from all others
   * @param tell called with each moment that is kept
   */
  constructor(session: Session, stamp: string, tell: (moment: KeptMoment) => void) {
    this.#session = session;
    this.#tell = tell;
    this.#stamp = stamp;
    setInterval(() => this.#look(), lookMs);
  }

  obey(order: KeepOrder, answer: (reply: KeepReply) => void): void {
    this.#done = this.#done.then(async () => {
      let refusal: string | null = null;
      switch (order.keep) {
        case 'find':
          await this.#open(order.kind);
          this.#found = this.#kept?.head() ?? null;
          if (this.#found?.stamp !== this.#stamp) this.#found = null;
          break;
        case 'resume':
          refusal = this.#resume();
          break;
        case 'start':
          await this.#open(order.kind);
          this.#about = order.about;
          // What the page says of it may be new.
          this.#last = null;
          // Until this machine is kept for the first time, the page would open on the one from before.
          if (order.about === null || !this.#isKept) this.#kept?.clear();
          break;
        case 'stop':
          this.#stop();
      }
      const found = this.#found && { about: this.#found.about, isPaused: this.#found.isPaused };
      answer({ state: this.#state, found, refusal });
    });
  }

  async #open(kind: string): Promise<void> {
    if (this.#kept) return;
    try {
      const unlock = await lock(`el2lab.machine.${kind}`);
      this.#state = 'elsewhere';
      if (!unlock) return;
      this.#unlock = unlock;
      this.#kept = new KeptMachine(await openFiles(`el2lab-machine-${kind}`));
      this.#state = 'kept';
    } catch {
      // A browser without such files, or that does not give them in a private window.
      this.#state = 'blocked';
      this.#unlock();
    }
  }

  /** Says why it cannot be resumed. */
  #resume(): string | null {
    const [kept, head] = [this.#kept, this.#found];
    if (!kept || !head) return 'No machine is kept in this browser.';
    const read = kept.read(head);
    if (!read.ok) return read.error;
    const resumed = this.#session.restore(read.value);
    if (!resumed.ok) return resumed.error;
    kept.adopt(read.value, head);
    this.#session.setPace(head.pace);
    return null;
  }

  /** Whether what is kept is a moment of this machine. */
  get #isKept(): boolean {
    const recipe = this.#session.moment()?.recipe;
    return recipe !== undefined && this.#kept?.isOf(recipe) === true;
  }

  #stop(): void {
    this.#kept?.close();
    this.#kept = null;
    this.#about = null;
    this.#unlock();
  }

  #look(): void {
    const [kept, about] = [this.#kept, this.#about];
    if (!kept || about === null) return;
    const begun = performance.now();
    if (kept.isWriting) {
      kept.write();
      if (!kept.isWriting && this.#last) this.#tell(this.#last);
    } else if (this.#isDue(begun)) this.#take(kept, about);
    else return;
    this.#cost += performance.now() - begun;
  }

  #isDue(now: number): boolean {
    const passed = now - this.#at;
    if (passed < shortestMs) return false;
    // It costs nothing to keep a machine that stands still; it is done once.
    if (this.#session.state !== 'running') return true;
    const ran = (this.#session.virtualNs - (this.#last?.virtualNs ?? 0)) / 1e6;
    if (ran >= longestMs && passed >= longestMs) return true;
    return passed >= costFactor * this.#cost && (passed >= spacingMs || ran >= spacingMs);
  }

  #take(kept: KeptMachine, about: string): void {
    const moment = this.#session.moment();
    if (!moment) return;
    const { virtualNs, isPaused, pace } = moment;
    const now: KeptMoment = { virtualNs, inputs: moment.inputs.length, isPaused, pace };
    if (isSame(now, this.#last)) return;
    kept.take(moment, { stamp: this.#stamp, about });
    this.#last = now;
    this.#at = performance.now();
    this.#cost = 0;
  }
}

const isSame = (a: KeptMoment, b: KeptMoment | null): boolean =>
  a.virtualNs === b?.virtualNs && a.inputs === b.inputs && a.isPaused === b.isPaused && a.pace === b.pace;
