/** xenconsoled: passes bytes between the domains' console rings and the programs that show them. */
import type { Hasher } from '../../base/hasher.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { type Probe, packVcpu } from '../../base/probe/probe.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, quietly, Signal, type Task } from '../os/task.ts';
import { ProgramEnd } from './program-end.ts';
import { type ConsoleEnd, ConsoleRing } from './ring.ts';

/** At most this many typed bytes wait for a guest to read them. */
const inputMax = 64 * 1024;
/** At most this many printed bytes are kept for a program that attaches later, as a pseudo-terminal keeps them. */
const backlogMax = 64 * 1024;
/** The most bytes taken from a ring at a time. */
const chunk = 2048;

export const consoleKinds = ['pv', 'vuart'] as const;
export type ConsoleKind = (typeof consoleKinds)[number];

/** Told of the bytes that have left or entered a console's ring. */
interface ConsoleObserver {
  /** A terminal has attached or detached. */
  attached(): void;
  shown(bytes: Uint8Array): void;
  typed(count: number): void;
}

/** One console of a domain. */
export class GuestConsole {
  /** Its pseudo-terminal in Dom0: N of /dev/pts/N. */
  readonly terminal: number;
  private end: ConsoleEnd;
  private notify: () => void;
  private readonly observer: ConsoleObserver;
  private typed = new Uint8Array();
  private backlog: Uint8Array[] = [];
  private backlogSize = 0;
  /** Raised when there is output to read, or the console is closed. */
  readonly output = new Signal('console output');
  isClosed = false;
  private readonly attached = new Set<object>();

  constructor(terminal: number, end: ConsoleEnd, notify: () => void, observer: ConsoleObserver) {
    this.terminal = terminal;
    this.end = end;
    this.notify = notify;
    this.observer = observer;
  }

  /** Something else is at its other end from now on. Terminals stay attached. */
  connect(end: ConsoleEnd, notify: () => void): void {
    this.service();
    this.end = end;
    this.notify = notify;
  }

  /** The number of terminals attached to it. */
  get terminals(): number {
    return this.attached.size;
  }

  attach(terminal: object): void {
    this.attached.add(terminal);
    this.observer.attached();
  }

  detach(terminal: object): void {
    this.attached.delete(terminal);
    this.observer.attached();
  }

  /** Types bytes. Returns how many there was room for. */
  type(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, inputMax - this.typed.length);
    const typed = new Uint8Array(this.typed.length + count);
    typed.set(this.typed);
    typed.set(bytes.subarray(0, count), this.typed.length);
    this.typed = typed;
    return count;
  }

  /** The output since the last call. */
  read(): Uint8Array[] {
    const read = this.backlog;
    this.backlog = [];
    this.backlogSize = 0;
    return read;
  }

  get hasOutput(): boolean {
    return this.backlogSize > 0;
  }

  /** Moves bytes between ring and buffers. Returns whether any moved. */
  service(): boolean {
    let moved = false;
    while (this.end.hasOutput) {
      const bytes = this.end.take(chunk);
      if (bytes.length === 0) break;
      moved = true;
      this.observer.shown(bytes);
      this.backlog.push(bytes);
      this.backlogSize += bytes.length;
      while (this.backlogSize > backlogMax) this.backlogSize -= this.backlog.shift()?.length ?? 0;
    }
    const count = this.end.put(this.typed);
    this.typed = this.typed.slice(count);
    if (count > 0) this.observer.typed(count);
    if (moved || count > 0) this.notify();
    if (moved) this.output.raise();
    return moved || count > 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.typed, this.backlog, this.isClosed, this.terminals);
  }

  close(): void {
    this.service();
    this.isClosed = true;
    this.output.raise();
  }
}

export class ConsoleDaemon {
  private readonly probe: Probe;
  private readonly consoles = new Map<string, GuestConsole>();
  private readonly ready = new Set<string>();
  private readonly work = new Signal('xenconsoled');
  /** Counts consoles that come and go, and terminals that attach and detach. */
  changes = 0;
  /** Called with the output of every console. */
  onOutput: (domid: number, kind: ConsoleKind, bytes: Uint8Array) => void = () => {};

  constructor(probe: Probe) {
    this.probe = probe;
  }

  /** Serves a console from now on. `notify` notifies its guest. Returns the path of its pseudo-terminal. */
  add(domid: number, kind: ConsoleKind, page: Uint8Array, notify: () => void): string {
    return this.connect(domid, kind, new ConsoleRing(page), notify);
  }

  /** A program of Dom0 is on a domain's console, until the domain itself is. Returns where its pseudo-terminal is, too. */
  addProgram(domid: number): { readonly console: ProgramEnd; readonly path: string } {
    const console = new ProgramEnd();
    return { console, path: this.connect(domid, 'pv', console, () => {}) };
  }

  private connect(domid: number, kind: ConsoleKind, end: ConsoleEnd, notify: () => void): string {
    this.changes++;
    const there = this.find(domid, kind);
    if (there) {
      there.connect(end, notify);
      this.rang(domid, kind);
      return `/dev/pts/${there.terminal}`;
    }
    // Linux gives the lowest free number.
    const used = new Set([...this.consoles.values()].map(({ terminal }) => terminal));
    let terminal = 0;
    while (used.has(terminal)) terminal++;
    this.consoles.set(
      keyOf(domid, kind),
      new GuestConsole(terminal, end, notify, {
        attached: () => this.changes++,
        shown: (bytes) => {
          this.probe.emitFor(packVcpu(domid, 0), ProbeKind.consoleOutput, bytes.length, consoleKinds.indexOf(kind));
          this.onOutput(domid, kind, bytes);
        },
        typed: (count) =>
          this.probe.emitFor(packVcpu(domid, 0), ProbeKind.consoleInput, count, consoleKinds.indexOf(kind)),
      }),
    );
    this.rang(domid, kind);
    return `/dev/pts/${terminal}`;
  }

  find(domid: number, kind: ConsoleKind): GuestConsole | undefined {
    return this.consoles.get(keyOf(domid, kind));
  }

  /** The domain has been destroyed. Its last output is still shown. */
  remove(domid: number): void {
    this.changes++;
    for (const kind of consoleKinds) {
      this.find(domid, kind)?.close();
      this.consoles.delete(keyOf(domid, kind));
    }
  }

  /** Types on a console. Returns how many bytes there was room for. */
  type(domid: number, kind: ConsoleKind, bytes: Uint8Array): number {
    const count = this.find(domid, kind)?.type(bytes) ?? 0;
    if (count > 0) this.rang(domid, kind);
    return count;
  }

  /** A domain has notified its event channel, or bytes have been typed. */
  rang(domid: number, kind: ConsoleKind): void {
    this.ready.add(keyOf(domid, kind));
    this.work.raise();
  }

  fingerprint(hasher: Hasher): void {
    hasher.add([...this.ready], this.consoles.size);
    for (const [key, console] of this.consoles) {
      hasher.add(key);
      console.fingerprint(hasher);
    }
  }

  /** The daemon's main loop. */
  *run(): Task<number> {
    for (;;) {
      yield* quietly(
        this.work,
        () => this.ready.size > 0,
        () => this.run(),
      );
      for (const key of [...this.ready]) {
        this.ready.delete(key);
        if (this.consoles.get(key)?.service()) yield* compute(dom0Costs.consoleService);
      }
    }
  }
}

const keyOf = (domid: number, kind: ConsoleKind): string => `${domid} ${kind}`;
