import { closeSync, openSync, writeSync } from 'node:fs';
import type { TraceEvent } from '../soc/board/trace.ts';
import { clockHz } from '../soc/board/zynqmp.ts';
import { UsageError } from './exit-code.ts';
import { reason } from './files.ts';

/** Characters that are gathered before they are written. */
const chunk = 65_536;

/** A text file with a line for each event: virtual time in seconds, core, kind, and what it was. */
export class TraceFile {
  readonly #path: string;
  readonly #descriptor: number;
  #text = '';

  /** Throws UsageError. */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = this.#attempt(() => openSync(path, 'w'));
  }

  readonly write = ({ time, core, kind, text }: TraceEvent): void => {
    this.#text += `${(time / clockHz).toFixed(9)} cpu${core} ${kind} ${text}\n`;
    if (this.#text.length >= chunk) this.#flush();
  };

  /** Throws UsageError. */
  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const text = this.#text;
    this.#text = '';
    this.#attempt(() => writeSync(this.#descriptor, text));
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${this.#path} cannot be written: ${reason(error)}.`);
    }
  }
}
