/** Runs a command's machine from its start until something ends the run. */
import type { ConsoleId } from '../../session/api/console.ts';
import { resetLoop } from '../../session/api/status.ts';
import { Session } from '../../session/session.ts';
import { type DiskStore, MemoryDisks } from '../../soc/storage/disk-store.ts';
import { ExitCode, UsageError } from '../exit-code.ts';
import { CardFile } from '../files/card-file.ts';
import { writeJson } from '../files/files.ts';
import { GdbServer } from '../gdb/server.ts';
import type { RunOptions } from '../options/run-options.ts';
import { CaptureFile } from './capture-file.ts';
import { figures } from './figures.ts';
import { type JournalPlay, playJournal, writeJournal } from './journals.ts';
import { message, sayLog } from './messages.ts';
import { Saves } from './saves.ts';
import type { Terminal } from './terminal.ts';
import { type Trace, traceTo } from './trace-file.ts';
import { Wake } from './wake.ts';

/** Wall time between two looks at standard input while the machine runs without waiting, in milliseconds. */
const inputInterval = 20;

/** How a run has ended: the program's exit code, and a sentence for standard error. */
export interface Outcome {
  readonly code: number;
  readonly message: string;
}

/** A machine as its command sees it. */
export interface Guest {
  /** Standard input, or null if nobody types. */
  readonly terminal: Terminal | null;
  /** The console that gets what is typed. */
  readonly keyboard: ConsoleId;
  /** Passes on what the last slice printed, and answers it. An outcome ends the run. */
  printed(): Outcome | null;
  /** The outcome if the guest has ended the run; null while it goes on. Called after each slice. */
  ended(): Outcome | null;
  /** The outcome when the user ends the run. */
  userQuit(): Outcome;
  /** Passes on the last output and closes files. */
  close(): void;
  /** Index of the first log entry that is to be shown. Default: the first of all. */
  readonly firstLogEntry?: number;
  /** What --stats writes besides the figures of every run. */
  figures?(): Record<string, unknown>;
}

/** The outcome if a reset has ended the run. */
export function resetEnd({ end }: Session): Outcome | null {
  const { resets, seconds } = resetLoop;
  switch (end) {
    case 'reset':
      return { code: ExitCode.failed, message: 'The machine has been reset.' };
    case 'reset-loop': {
      const message = `The machine has been reset ${resets} times within ${seconds} s of virtual time.`;
      return { code: ExitCode.failed, message };
    }
    default:
      return null;
  }
}

/**
 * Starts a machine, runs it to its end and reports. Returns the exit code. Throws UsageError.
 * @param disks keeps its disks; null if nothing does
 */
export async function run(
  options: RunOptions,
  start: (session: Session) => Promise<Guest> | Guest,
  disks: DiskStore | null = null,
): Promise<number> {
  const session = new Session(
    () => performance.now(),
    () => disks ?? new MemoryDisks(),
  );
  const trace = options.trace === null ? null : traceTo(options.trace, session);
  const guest = await start(session);
  const captures = options.captures.map((capture) => new CaptureFile(capture, session));
  const card = options.card === null ? null : new CardFile(options.card);
  const wake = guest.terminal?.wake ?? new Wake();
  let gdb: GdbServer | null = null;
  try {
    const inserted = card && session.insertDisk(card.path, card.disk);
    if (inserted?.ok === false) throw new UsageError(inserted.error);
    const replay = options.replay === null ? null : await playJournal(session, options.replay);
    const saves = new Saves(options.saves, session, guest.keyboard);
    gdb = options.gdb && (await GdbServer.start(session, options.gdb, wake));
    const outcome = await finish(session, guest, options, { trace, saves, replay, gdb, wake });
    await saves.end();
    if (options.journal !== null) await writeJournal(session, options.journal);
    if (options.stats !== null) writeJson(options.stats, { ...figures(session, outcome.code), ...guest.figures?.() });
    message(`el2lab: ${outcome.message}`);
    return outcome.code;
  } finally {
    gdb?.close();
    guest.close();
    card?.close();
    for (const capture of captures) capture.close();
    trace?.close();
    guest.terminal?.close();
  }
}

/** Who watches the run besides its guest, and what wakes who waits. */
interface Companions {
  readonly trace: Trace | null;
  readonly saves: Saves;
  readonly replay: JournalPlay | null;
  readonly gdb: GdbServer | null;
  readonly wake: Wake;
}

async function finish(
  session: Session,
  guest: Guest,
  { virtualSeconds, maxSeconds }: RunOptions,
  { trace, saves, replay, gdb, wake }: Companions,
): Promise<Outcome> {
  const { terminal } = guest;
  const start = performance.now();
  const typing = terminal && new Typing(session, guest.keyboard, terminal);
  let logged = guest.firstLogEntry ?? 0;
  let outputs = -1;
  let looked = start;
  session.setPace(terminal?.interactive ? 'real-time' : 'unlimited');
  // A journal may end where a snapshot was taken.
  replay?.look();
  if (!gdb?.holdsStart) session.run();
  for (;;) {
    // A budget of 0 is one slice: what it printed is answered at the same virtual time in every run.
    let wait = session.advance(0);
    if (replay?.look()) {
      // A journal ends in a pause.
      session.run();
      wait = 0;
    }
    trace?.write();
    if (gdb?.look()) wait ??= 0;
    let outcome: Outcome | null = null;
    const { time } = session;
    // On the way to another moment the machine may run ahead of it.
    const isSeeking = time.ok && time.value.isSeeking;
    if (session.outputs !== outputs && !isSeeking) {
      outputs = session.outputs;
      // Where GDB has gone back, what comes again has been said.
      logged = Math.max(logged, sayLog(session, logged));
      outcome = guest.printed();
    }
    outcome ??= guest.ended();
    if (saves.waits) await saves.look();
    if (outcome) return outcome;
    if (gdb?.isKilled) return { code: ExitCode.done, message: 'GDB has ended the run.' };
    if (session.virtualNs >= virtualSeconds * 1e9)
      return { code: ExitCode.limit, message: 'The limit of virtual time is reached.' };
    const now = performance.now();
    if (wait === 0 && now - looked < inputInterval) continue;
    looked = now;
    const msLeft = maxSeconds * 1000 - (now - start);
    if (msLeft <= 0) return { code: ExitCode.limit, message: 'The limit of wall time is reached.' };
    if (session.state === 'waiting' && !terminal?.open && !gdb?.isThere) {
      return {
        code: ExitCode.failed,
        message: 'The guest waits for ever: no core runs, no event is due, nobody types.',
      };
    }
    if (!terminal && !gdb) continue;
    await wake.wait(Math.min(wait ?? Number.POSITIVE_INFINITY, msLeft));
    if (terminal?.quit) return guest.userQuit();
    typing?.pass();
  }
}

/** Gives standard input to a console, as much at a time as that takes. */
class Typing {
  readonly #session: Session;
  readonly #console: ConsoleId;
  readonly #terminal: Terminal;
  #waiting: Uint8Array[] = [];

  constructor(session: Session, console: ConsoleId, terminal: Terminal) {
    this.#session = session;
    this.#console = console;
    this.#terminal = terminal;
  }

  pass(): void {
    this.#waiting.push(...this.#terminal.take());
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const taken = this.#session.input(this.#console, first);
      if (taken < first.length) {
        this.#waiting[0] = first.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
  }
}
