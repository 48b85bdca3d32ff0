import { Wake } from './wake.ts';

const attention = 0x01; // Ctrl-A
const quit = 'x'.charCodeAt(0);

/** Standard input as a keyboard: raw on a terminal, where Ctrl-A x quits. */
export class Terminal {
  readonly interactive = process.stdin.isTTY === true;
  #received: Uint8Array[] = [];
  #open = true;
  #quit = false;
  #escaped = false;
  /** Told when something is typed, or the input ends. */
  readonly wake = new Wake();

  constructor() {
    if (this.interactive) process.stdin.setRawMode(true);
    process.stdin.on('data', (data: Buffer) => {
      this.#received.push(this.interactive ? this.#withoutEscapes(data) : data);
      this.wake.now();
    });
    const closed = () => {
      this.#open = false;
      this.wake.now();
    };
    process.stdin.on('end', closed);
    process.stdin.on('error', closed);
  }

  /** Whether more may be typed. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether the user has ended the run. */
  get quit(): boolean {
    return this.#quit;
  }

  /** The bytes typed since the last call. */
  take(): Uint8Array[] {
    return this.#received.splice(0);
  }

  close(): void {
    if (this.interactive) process.stdin.setRawMode(false);
    process.stdin.destroy();
  }

  #withoutEscapes(data: Uint8Array): Uint8Array {
    const typed: number[] = [];
    for (const byte of data) {
      if (!this.#escaped && byte === attention) {
        this.#escaped = true;
        continue;
      }
      if (this.#escaped && byte === quit) this.#quit = true;
      else typed.push(byte);
      this.#escaped = false;
    }
    return Uint8Array.from(typed);
  }
}
