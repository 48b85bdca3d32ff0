/** What a session drives: a board with software on it, a kernel (kernel-system.ts) or Xen with its domains (xen/). */

import type { Hasher } from '../base/hasher.ts';
import type { Held } from '../base/held-objects.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Segment } from '../boot/elf.ts';
import type { BoardEnd, ZynqMp } from '../soc/board/zynqmp.ts';
import type { DiskStore } from '../soc/storage/disk-store.ts';
import type { BootSummary, MachineOptions, Recipe } from './api/boot.ts';
import type { ConsoleId } from './api/console.ts';
import type { Input } from './api/input.ts';
import type { PortInfo } from './api/network.ts';
import { ejectCard, insertCard } from './card.ts';
import type { Dom0View } from './dom0.ts';
import type { HypervisorView } from './hypervisor.ts';
import type { UsageView } from './usage/usage.ts';

/** Where a system's messages and output go. */
export interface SystemHost {
  /** What keeps the machine's disks. */
  readonly disks: DiskStore;
  /** What the machine says about itself. */
  log(source: string, text: string): void;
  print(console: ConsoleId, bytes: Uint8Array): void;
  /** A console prints no more; what it printed stays for a while. */
  closeConsole(console: ConsoleId): void;
  /** The board has been turned off or reset. */
  end(how: BoardEnd): void;
}

/** A machine from its power-on. */
export interface System {
  readonly board: ZynqMp;
  /** What the loader has done; null where the software is a model. */
  readonly summary: BootSummary | null;
  /** Who used the cores. */
  readonly usage: UsageView;
  /** The ports of its networks. */
  ports(): readonly PortInfo[];
  /** Null where no hypervisor is known. */
  readonly hypervisor: HypervisorView | null;
  /** Null where Dom0 is not the model, or there is none. */
  readonly dom0: Dom0View | null;
  /**
   * Takes an input. Only the gate (journal/gate.ts) calls this. The result is how many bytes were taken; the error is
   * one sentence for the user.
   */
  enter(input: Input): Result<number>;
  /** The board has been reset: the firmware loads and enters the same software again. */
  restart(): void;
  /** A slice has ended at a virtual time, in nanoseconds. */
  sliceEnded(now: number): void;
  /** Adds what decides how it goes on and is not part of the board. Adding changes nothing. */
  fingerprint(hasher: Hasher): void;
  /** What a snapshot of it needs; null where its journal must be played instead. */
  readonly saved: SavedSystem | null;
  /** How moments of it are held where `saved` is null. */
  readonly moments?: SystemMoments;
}

/** A moment of a system, but for its board, to which it can go back. */
export interface HeldSystem extends Held {
  /** Pages of the host that the system can write at any time without a word to `Memory.touch`. */
  readonly pages: readonly number[];
}

/** Holds moments of a system within the program. */
export interface SystemMoments {
  /** Whether the system can go on from the present moment several times. If not, it can once, as long as it has not gone on. */
  readonly isQuiet: boolean;
  /** Another number than at a moment: there is no way back to that. */
  readonly horizon: number;
  hold(): HeldSystem;
}

/** The part of a system in snapshots that is not the board's. */
export interface SavedSystem {
  /** What the firmware has loaded before the start. */
  readonly loaded: readonly Segment[];
  /** Plain data. */
  saveState(): unknown;
  /** Continues from a saved state, or says in one sentence why it is none. */
  loadState(state: unknown): Result<null>;
}

/** What it takes to build a system, as often as the user resets it. */
export interface Blueprint<S extends System = System> {
  /** What the user calls it. */
  readonly name: string;
  readonly recipe: Recipe;
  /** The file whose symbols name addresses; empty for none. */
  readonly symbols: Uint8Array;
  /** Power-on. It has not run yet. */
  build(host: SystemHost): S;
}

export const machineOf = ({ recipe }: Blueprint): MachineOptions => recipe.request.machine;

/** Serial ports by their UART. */
const serialConsoles: readonly ConsoleId[] = ['serial', 'serial1'];

/** Bytes that leave a UART, as output of a console. */
export const transmitter =
  (host: SystemHost) =>
  (uart: number, byte: number): void =>
    host.print(serialConsoles[uart] as ConsoleId, Uint8Array.of(byte));

/** What can enter any board: keys on its serial ports, its button, and a card. No other console takes anything. */
export function enterBoard(board: ZynqMp, input: Input): Result<number> {
  switch (input.kind) {
    case 'keys':
      return ok(board.receive(serialConsoles.indexOf(input.console), input.bytes));
    case 'button':
      board.setButton(input.pressed);
      return ok(0);
    case 'insertCard':
      return insertCard(board, input.card);
    case 'ejectCard':
      return ejectCard(board);
    default:
      return err('There is no Domain-0 with files on this machine.');
  }
}
