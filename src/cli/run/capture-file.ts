import { closeSync, openSync, writeSync } from 'node:fs';
import type { Session } from '../../session/session.ts';
import { pcapHeader } from '../../soc/net/pcap.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from '../files/files.ts';
import type { CaptureOption } from '../options/run-options.ts';

/** Bytes collected before they are written. */
const chunk = 65_536;

/** A pcap file with the frames at a port of the session's machine. */
export class CaptureFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #stop: () => void;
  #waiting: Uint8Array[] = [pcapHeader()];
  #size = 0;

  /** Captures from now on. Throws UsageError. */
  constructor({ port, path }: CaptureOption, { captures }: Session) {
    this.#path = path;
    this.#descriptor = this.#attempt(() => openSync(path, 'w'));
    this.#stop = captures.listen(port, (record) => {
      this.#waiting.push(record);
      this.#size += record.length;
      if (this.#size >= chunk) this.#flush();
    });
  }

  /** Throws UsageError. */
  close(): void {
    this.#stop();
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#size = 0;
    this.#attempt(() => writeSync(this.#descriptor, bytes));
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${this.#path} cannot be written: ${reason(error)}.`);
    }
  }
}
