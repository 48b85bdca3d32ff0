/** xl console: attaches the terminal to a domain's console, as xenconsole does. Ctrl-] detaches it. */
import type { Domain } from '../../xen/domain/domain.ts';
import type { ConsoleKind } from '../console/daemon.ts';
import { Signal, type Task } from '../os/task.ts';
import { atOnce, Exit, type Subcommand, type Xl, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';

const leaveKey = '\x1d';
const encoder = new TextEncoder();

export function* attach(xl: Xl, domain: Domain, kind: ConsoleKind): Task<number> {
  const { context, libxl } = xl;
  const { tty } = context;
  const console = libxl.xenconsoled.find(domain.domainId, kind);
  if (!console) throw new Exit('xenconsole: Could not read tty from store: No such file or directory\n', 2);
  const something = new Signal('xl console');
  // While attached, Ctrl-C goes to the guest.
  const interrupt = tty?.onInterrupt ?? null;
  if (tty) {
    tty.onInterrupt = null;
    console.attach();
  }
  try {
    for (;;) {
      for (const bytes of console.read()) {
        if (tty) tty.writeBytes(bytes);
        else context.out(new TextDecoder().decode(bytes));
      }
      for (let key = tty?.key(); key !== undefined; key = tty?.key()) {
        if (key === leaveKey) {
          context.out('\n');
          return 0;
        }
        libxl.xenconsoled.type(domain.domainId, kind, encoder.encode(key));
      }
      if (console.isClosed) return 0;
      // Without a terminal nobody could detach: shows the present output and ends.
      if (!tty) return 0;
      const stop = [tty.input.wait(() => something.raise()), console.output.wait(() => something.raise())];
      try {
        yield { kind: 'signal', signal: something };
      } finally {
        for (const end of stop) end();
      }
    }
  } finally {
    if (tty) {
      tty.onInterrupt = interrupt;
      console.detach();
    }
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
