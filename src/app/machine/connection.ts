import type { ConsoleId, ConsoleWindow } from '../../session/api/console.ts';
import type { Status } from '../../session/api/status.ts';
import type { Crash } from '../../worker/client.ts';
import type { Arguments, Kind, Reply } from '../../worker/protocol.ts';

/** What the page knows of any machine in the worker: all of it comes from the worker's replies. */
export interface ControlView {
  /** The worker's last reply, or null before the first. */
  readonly status: Status | null;
  /** Counts boots, resets and restarts. Consoles and logs of another epoch belong to another machine. */
  readonly epoch: number;
  /** Why the last request was refused, for the user to read. */
  readonly refusal: string | null;
  readonly crash: Crash | null;
  /** The core whose registers are shown, and that steps. */
  readonly core: number;
}

/** The page's way to the machine in the worker, for the parts that follow one subject of it. */
export interface Connection {
  readonly view: ControlView;
  /** Asks the worker; rejects where it refuses or is lost. */
  ask<K extends Kind>(kind: K, ...request: Arguments<K>): Promise<Reply<K>>;
  /** Asks the worker, without the user having asked for it; null where the worker refuses or is lost. */
  look<K extends Kind>(kind: K, ...request: Arguments<K>): Promise<Reply<K> | null>;
  /** Part of what a console has printed, from byte offset `from` on. */
  readConsole(console: ConsoleId, from: number): Promise<ConsoleWindow>;
  /** Does what the user has asked for, and shows a refusal. Resolves to whether it was done. */
  request(action: () => Promise<unknown>): Promise<boolean>;
  /** Calls back when the view has changed. Returns what ends that. */
  onChange(listener: (view: ControlView) => void): () => void;
}

/** Waits until the view has changed. */
export function nextChange(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = connection.onChange(() => {
      unsubscribe();
      resolve();
    });
  });
}
