import { closeSync, openSync, writeSync } from 'node:fs';
import type { Session } from '../../session/session.ts';
import { pcapHeader } from '../../soc/net/pcap.ts';
import { UsageError } from '../exit-code.ts';
import { reason } from '../files/files.ts';
import type { CaptureOption } from '../options/run-options.ts';
import { message } from './messages.ts';

/** Bytes collected before they are written. */
const chunk = 65_536;

/** A pcap file with the frames at a port of the session's machine. */
export class CaptureFile {
  readonly #port: string;
  readonly #path: string;
  readonly #session: Session;
  readonly #descriptor: number;
  readonly #stop: () => void;
  #waiting: Uint8Array[] = [pcapHeader()];
  #size = 0;
  #isEmpty = true;

  /** Captures from now on. Throws UsageError. */
  constructor({ port, path }: CaptureOption, session: Session) {
    this.#port = port;
    this.#path = path;
    this.#session = session;
    this.#descriptor = this.#attempt(() => openSync(path, 'w'));
    this.#stop = session.captures.listen(port, (record) => {
      this.#isEmpty = false;
      this.#waiting.push(record);
      this.#size += record.length;
      if (this.#size >= chunk) this.#flush();
    });
  }

  /** Says so if no frame has come. Throws UsageError. */
  close(): void {
    this.#stop();
    if (this.#isEmpty) {
      const network = this.#session.network();
      const ports = network.ok ? network.value.ports.map(({ name }) => name).join(', ') : '';
      message(`el2lab: No frame has passed a port ${this.#port}. The ports at the end: ${ports || 'none'}.`);
    }
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
