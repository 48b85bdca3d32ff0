/** What a session drives: a board with software on it. There are two kinds, a kernel (kernel-system.ts) and Xen with its domains (xen/). */
import type { ZynqMp } from '../soc/board/zynqmp.ts';
import type { MachineOptions } from './api/boot.ts';
import type { ConsoleId } from './api/console.ts';
import type { MachineEnd } from './api/status.ts';

/** What a system is given to speak to. */
export interface SystemHost {
  /** What the machine says about itself. */
  log(source: string, text: string): void;
  print(console: ConsoleId, bytes: Uint8Array): void;
  /** Its console will print no more; what it printed stays for a while. */
  closeConsole(console: ConsoleId): void;
  /** The machine ends by itself. */
  end(how: MachineEnd): void;
}

/** A machine from its power-on. */
export interface System {
  readonly board: ZynqMp;
  /** Types on a console. Returns how many bytes were taken; the rest found no room. */
  input(console: ConsoleId, bytes: Uint8Array): number;
  /** Virtual time has come to the end of a slice. */
  sliceEnded(slice: number): void;
  /** What decides how it goes on and lies outside of the board. */
  fingerprint(): string;
}

/** What it takes to build a system, as often as the user resets it. */
export interface Blueprint<S extends System = System> {
  /** What the user calls it. */
  readonly name: string;
  readonly machine: MachineOptions;
  /** The file whose symbols name addresses; empty for none. */
  readonly symbols: Uint8Array;
  /** Power-on. It has not run yet. */
  build(host: SystemHost): S;
}

/** Serial ports by their UART. */
const serialConsoles: readonly ConsoleId[] = ['serial', 'serial1'];

/** Bytes that leave a UART, as output of a console. */
export const transmitter =
  (host: SystemHost) =>
  (uart: number, byte: number): void =>
    host.print(serialConsoles[uart] as ConsoleId, Uint8Array.of(byte));

/** Types on a serial port; 0 for a console that is none. */
export const typeOnSerial = (board: ZynqMp, console: ConsoleId, bytes: Uint8Array): number =>
  board.receive(serialConsoles.indexOf(console), bytes);
