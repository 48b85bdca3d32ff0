/** xenconsoled: passes bytes between the console rings of domains and whoever looks at them. */
import type { Hasher } from '../../base/hasher.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, Signal, type Task, until } from '../os/task.ts';
import { ConsoleRing } from './ring.ts';

/** Bytes typed that wait for a guest to read. */
const inputMax = 64 * 1024;
/** Bytes printed that a program which attaches later still gets, as a pseudo-terminal would keep them. */
const backlogMax = 64 * 1024;
/** Bytes taken from a ring at a time. */
const chunk = 2048;

export type ConsoleKind = 'pv' | 'vuart';

/** One console of a domain. */
export class GuestConsole {
  readonly #ring: ConsoleRing;
  readonly #notify: () => void;
  readonly #shown: (bytes: Uint8Array) => void;
  #typed = new Uint8Array();
  #backlog: Uint8Array[] = [];
  #backlogSize = 0;
  /** Raised when there is output to read, or the console is closed. */
  readonly output = new Signal('console output');
  isClosed = false;
  /** How many terminals show it now. */
  terminals = 0;

  constructor(page: Uint8Array, notify: () => void, shown: (bytes: Uint8Array) => void) {
    this.#ring = new ConsoleRing(page);
    this.#notify = notify;
    this.#shown = shown;
  }

  /** Types bytes; returns how many found room. */
  type(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, inputMax - this.#typed.length);
    const typed = new Uint8Array(this.#typed.length + count);
    typed.set(this.#typed);
    typed.set(bytes.subarray(0, count), this.#typed.length);
    this.#typed = typed;
    return count;
  }

  /** What was printed since a program last asked. */
  read(): Uint8Array[] {
    const read = this.#backlog;
    this.#backlog = [];
    this.#backlogSize = 0;
    return read;
  }

  get hasOutput(): boolean {
    return this.#backlogSize > 0;
  }

  /** Moves what can be moved. Returns whether anything was. */
  service(): boolean {
    let moved = false;
    while (this.#ring.hasOutput) {
      const bytes = this.#ring.take(chunk);
      if (bytes.length === 0) break;
      moved = true;
      this.#shown(bytes);
      this.#backlog.push(bytes);
      this.#backlogSize += bytes.length;
      while (this.#backlogSize > backlogMax) this.#backlogSize -= this.#backlog.shift()?.length ?? 0;
    }
    const count = this.#ring.put(this.#typed);
    this.#typed = this.#typed.slice(count);
    if (moved || count > 0) this.#notify();
    if (moved) this.output.raise();
    return moved || count > 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.#typed, this.#backlog, this.isClosed, this.terminals);
  }

  close(): void {
    this.service();
    this.isClosed = true;
    this.output.raise();
  }
}

export class ConsoleDaemon {
  readonly #consoles = new Map<string, GuestConsole>();
  readonly #ready = new Set<string>();
  readonly #work = new Signal('xenconsoled');
  /** Told what every console shows. */
  onOutput: (domid: number, kind: ConsoleKind, bytes: Uint8Array) => void = () => {};

  /** Serves a console from now on; `notify` rings its guest. */
  add(domid: number, kind: ConsoleKind, page: Uint8Array, notify: () => void): void {
    this.#consoles.set(
      keyOf(domid, kind),
      new GuestConsole(page, notify, (bytes) => this.onOutput(domid, kind, bytes)),
    );
    this.rang(domid, kind);
  }

  find(domid: number, kind: ConsoleKind): GuestConsole | undefined {
    return this.#consoles.get(keyOf(domid, kind));
  }

  /** The domain is gone; what it printed last is still shown. */
  remove(domid: number): void {
    for (const kind of ['pv', 'vuart'] as const) {
      this.find(domid, kind)?.close();
      this.#consoles.delete(keyOf(domid, kind));
    }
  }

  /** Types on a console; returns how many bytes found room. */
  type(domid: number, kind: ConsoleKind, bytes: Uint8Array): number {
    const count = this.find(domid, kind)?.type(bytes) ?? 0;
    if (count > 0) this.rang(domid, kind);
    return count;
  }

  /** A domain has notified its event channel, or somebody has typed. */
  rang(domid: number, kind: ConsoleKind): void {
    this.#ready.add(keyOf(domid, kind));
    this.#work.raise();
  }

  fingerprint(hasher: Hasher): void {
    hasher.add([...this.#ready], this.#consoles.size);
    for (const [key, console] of this.#consoles) {
      hasher.add(key);
      console.fingerprint(hasher);
    }
  }

  /** The daemon's life. */
  *run(): Task<number> {
    for (;;) {
      yield* until(this.#work, () => this.#ready.size > 0);
      for (const key of [...this.#ready]) {
        this.#ready.delete(key);
        if (this.#consoles.get(key)?.service()) yield* compute(dom0Costs.consoleService);
      }
    }
  }
}

const keyOf = (domid: number, kind: ConsoleKind): string => `${domid} ${kind}`;
