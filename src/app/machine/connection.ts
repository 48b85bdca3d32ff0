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
  /** Where the machine is from, if a link or a file brought it; null for one that was started here. */
  readonly opened: Opened | null;
  /** The core whose registers are shown, and that steps. */
  readonly core: number;
}

/** A machine that a link or a file has brought. What its files become is not kept here without asking. */
export interface Opened {
  /** `kept`: it goes on from what this browser has kept of it. */
  readonly by: 'link' | 'file' | 'kept';
  /**
   * `playing`: to its moment; `other`: what was played is not what was recorded; `stuck`: it waits for ever before; `reset`:
   * at power-on again.
   */
  readonly at: 'playing' | 'moment' | 'other' | 'stuck' | 'reset';
  /** Virtual time of the moment, in nanoseconds. */
  readonly endNs: number;
  /** The state's hash at the moment. */
  readonly hash: string;
  /** Whether the user wants its files to be kept in place of those from before. */
  readonly keeps: boolean;
  /** Whether it stays as it is until the user lets it run. */
  readonly isPaused?: boolean;
}

/** Whether the browser keeps what becomes of the user's files in this machine. */
export const keepsFiles = ({ opened }: ControlView): boolean => opened === null || opened.keeps;

/** Whether the machine is at an earlier moment than it has been. */
export const isPast = ({ status }: ControlView): boolean => status?.time?.isPast ?? false;

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
