/** xl console: attaches the terminal to a domain's console, as xenconsole does. Ctrl-] detaches it. */
import type { Domain } from '../../xen/domain/domain.ts';
import type { ConsoleKind, GuestConsole } from '../console/daemon.ts';
import { Signal, type Task } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';
import { atOnce, Exit, type Subcommand, type Xl, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';

const leaveKey = '\x1d';
const encoder = new TextEncoder();

export function* attach(xl: Xl, domain: Domain, kind: ConsoleKind): Task<number> {
  const console = xl.libxl.xenconsoled.find(domain.domainId, kind);
  if (!console) throw new Exit('xenconsole: Could not read tty from store: No such file or directory\n', 2);
  return yield* new Attachment(xl, console, (bytes) => {
    xl.libxl.xenconsoled.type(domain.domainId, kind, bytes);
  }).run();
}

/** A terminal that is attached to a console. */
class Attachment {
  private readonly xl: Xl;
  private readonly console: GuestConsole;
  private readonly type: (bytes: Uint8Array) => void;
  private readonly interrupt: Tty['onInterrupt'];
  private readonly something = new Signal('xl console');
  /** End its waits for the signals of terminal and console. */
  private stops: readonly (() => void)[] = [];

  constructor(xl: Xl, console: GuestConsole, type: (bytes: Uint8Array) => void) {
    const { tty } = xl.context;
    this.xl = xl;
    this.console = console;
    this.type = type;
    this.interrupt = tty?.onInterrupt ?? null;
    if (!tty) return;
    // While attached, Ctrl-C goes to the guest.
    tty.onInterrupt = null;
    console.attach(this);
  }

  *run(): Task<number> {
    try {
      while (this.pass()) {
        yield { kind: 'signal', signal: this.something, again: () => this.run() };
      }
      return 0;
    } finally {
      this.stopWaiting();
      const { tty } = this.xl.context;
      if (tty) {
        tty.onInterrupt = this.interrupt;
        this.console.detach(this);
      }
    }
  }

  /** Passes on what there is; false if it ends. */
  private pass(): boolean {
    this.stopWaiting();
    const { context } = this.xl;
    const { tty } = context;
    for (const bytes of this.console.read()) {
      if (tty) tty.writeBytes(bytes);
      else context.out(new TextDecoder().decode(bytes));
    }
    for (let key = tty?.key(); key !== undefined; key = tty?.key()) {
      if (key === leaveKey) {
        context.out('\n');
        return false;
      }
      this.type(encoder.encode(key));
    }
    // Without a terminal nobody could detach: shows the present output and ends.
    if (this.console.isClosed || !tty) return false;
    this.stops = [tty.input, this.console.output].map((signal) => signal.wait(() => this.something.raise()));
    return true;
  }

  private stopWaiting(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
  }
}

const run: Subcommand = function* (xl, { options, operands: [qualifier = ''] }) {
  const type = options.get('t') ?? 'pv';
  if (!['pv', 'serial', 'vuart'].includes(type)) throw new Exit('console type supported are: pv, serial, vuart\n');
  const domain = domainOf(xl, qualifier);
  return yield* attach(xl, domain, type === 'vuart' ? 'vuart' : 'pv');
};

export const consoleCommand: XlCommand = {
  name: 'console',
  summary: "Attach to domain's console",
  takesDomain: true,
  syntax: {
    usage: '[options] <Domain>\n-t <type>       console type, pv , serial or vuart\n-n <number>     console number',
    short: 'n:t:',
    required: 1,
  },
  run: run,
};

/** The address of a domain's screen, which only QEMU has, and there is none on Arm. */
export const vncViewerCommand: XlCommand = {
  name: 'vncviewer',
  summary: "Attach to domain's VNC server.",
  takesDomain: true,
  syntax: {
    usage:
      '[options] <Domain>\n--autopass               Pass VNC password to viewer via stdin and\n                         -autopass\n--vncviewer-autopass     (consistency alias for --autopass)',
    long: { autopass: 'a', 'vncviewer-autopass': 'a' },
    required: 1,
  },
  run: atOnce((xl, { operands: [qualifier = ''] }) => {
    const { domainId } = domainOf(xl, qualifier);
    const of = domainId === 0 ? '' : `Domain ${domainId}:`;
    throw new Exit(`libxl: error: libxl_console.c:201:libxl_vncviewer_exec: ${of}Cannot get vnc-port\n`);
  }),
};
