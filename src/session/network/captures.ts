/** Captures of ports by the user. They only listen: the machine's run is the same with them. */
import { err, ok, type Result } from '../../base/result.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import { clockHz } from '../../soc/board/zynqmp.ts';
import { pcapHeader, pcapRecord } from '../../soc/net/pcap.ts';
import type { CaptureInfo } from '../api/network.ts';

/** Bytes that one capture keeps, and how many captures there may be. */
const maxSize = 64 * 2 ** 20;
const maxCaptures = 8;

interface Capture {
  readonly port: string;
  pieces: Uint8Array[];
  size: number;
  frames: number;
  missed: number;
  stop: (() => void) | null;
}

export class Captures {
  readonly #captures = new Map<string, Capture>();
  #board: ZynqMp | null = null;
  /** Nothing is captured meanwhile: it has been already. */
  isSuspended = false;

  /** The machine is another one from now on: captures that run begin anew on it. */
  attach(board: ZynqMp | null): void {
    this.#board = board;
    this.isSuspended = false;
    for (const { port, stop } of this.#captures.values()) if (stop) this.start(port);
  }

  /** Begins an empty capture of the port of this name, also if there is none yet. */
  start(port: string): Result<null> {
    if (!this.#captures.has(port) && this.#captures.size >= maxCaptures)
      return err(`There are ${maxCaptures} captures: remove one first.`);
    this.stop(port);
    const header = pcapHeader();
    const capture: Capture = { port, pieces: [header], size: header.length, frames: 0, missed: 0, stop: null };
    this.#captures.set(port, capture);
    capture.stop = this.listen(port, (record) => {
      if (this.isSuspended) return;
      if (capture.size + record.length > maxSize) {
        capture.missed++;
        return;
      }
      capture.frames++;
      capture.size += record.length;
      capture.pieces.push(record);
    });
    return ok(null);
  }

  /** Ends a capture; its file stays. */
  stop(port: string): void {
    const capture = this.#captures.get(port);
    capture?.stop?.();
    if (capture) capture.stop = null;
  }

  remove(port: string): void {
    this.stop(port);
    this.#captures.delete(port);
  }

  /** A copy of the file so far. */
  file(port: string): Result<Uint8Array> {
    const capture = this.#captures.get(port);
    if (!capture) return err(`There is no capture of ${port}.`);
    const file = new Uint8Array(capture.size);
    let at = 0;
    for (const piece of capture.pieces) {
      file.set(piece, at);
      at += piece.length;
    }
    // Later reads need not put together the same pieces again.
    capture.pieces = [file.slice()];
    return ok(file);
  }

  list(): readonly CaptureInfo[] {
    return [...this.#captures.values()].map(({ port, size, frames, missed, stop }) => ({
      port,
      isRunning: stop !== null,
      frames,
      size,
      missed,
    }));
  }

  /** Gives each frame at a port as a record of a pcap file. Returns how to stop. */
  listen(port: string, take: (record: Uint8Array) => void): () => void {
    const board = this.#board;
    if (!board) return () => {};
    return board.network.listen(port, (frame) => take(pcapRecord(frame, board.cluster.now, clockHz)));
  }
}
