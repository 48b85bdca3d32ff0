/** A program of Dom0 at the end of a domain's console: its boot loader, before the domain has a console ring. */
import { Signal } from '../os/task.ts';
import type { ConsoleEnd } from './ring.ts';

/** At most so many typed bytes wait for the program, as in a pseudo-terminal. */
const most = 4096;

export class ProgramEnd implements ConsoleEnd {
  private printed: number[] = [];
  private readonly _typed: number[] = [];
  /** Raised when bytes have been typed. */
  readonly typed = new Signal('typed on the console');

  print(bytes: Uint8Array): void {
    this.printed.push(...bytes);
  }

  get hasTyped(): boolean {
    return this._typed.length > 0;
  }

  /** The next typed byte. */
  read(): number | null {
    return this._typed.shift() ?? null;
  }

  get hasOutput(): boolean {
    return this.printed.length > 0;
  }

  take(limit: number): Uint8Array {
    return Uint8Array.from(this.printed.splice(0, limit));
  }

  put(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, most - this._typed.length);
    this._typed.push(...bytes.subarray(0, count));
    if (count > 0) this.typed.raise();
    return count;
  }
}
