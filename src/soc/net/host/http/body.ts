/** The body of a request as it arrives: of a known length, or in chunks (RFC 9112, 6 and 7.1). */
import type { Hashable } from '../../../../base/hasher.ts';
import { bytes, nullable, oneOf, record, type Shape, text, whole } from '../../../../base/shape.ts';

/** How far a body has come. */
export type BodyState = 'more' | 'done' | 'bad' | 'long';

export interface Body {
  state: BodyState;
  readonly bytes: ByteList;
  /** Takes what belongs to it; returns how many bytes that were. */
  take(input: Uint8Array): number;
  readonly fingerprint: Hashable;
  saveState(): BodyData;
}

/** A body as plain data; `chunked` is null for one of a known length. */
export interface BodyData {
  readonly state: BodyState;
  readonly bytes: Uint8Array;
  readonly left: number;
  readonly chunked: { readonly most: number; readonly line: string; readonly part: ChunkPart } | null;
}

/** What comes next: the line with a chunk's length, its bytes, the end of line after them, or lines at the end. */
type ChunkPart = 'length' | 'chunk' | 'end' | 'trailer';

export const bodyData: Shape<BodyData> = record<BodyData>({
  state: oneOf('more', 'done', 'bad', 'long'),
  bytes,
  left: whole(),
  chunked: nullable(record({ most: whole(), line: text, part: oneOf('length', 'chunk', 'end', 'trailer') })),
});

/** The body that goes on from saved data. */
export function bodyOf(saved: BodyData): Body {
  return saved.chunked ? ChunkedBody.of(saved, saved.chunked) : CountedBody.of(saved);
}

/** Bytes that grow at their end. */
export class ByteList {
  private bytes = new Uint8Array(256);
  length = 0;

  add(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      larger.set(this.view);
      this.bytes = larger;
    }
    this.bytes.set(bytes, this.length);
    this.length = needed;
  }

  get view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export class CountedBody implements Body {
  state: BodyState;
  readonly bytes = new ByteList();
  private left: number;

  constructor(length: number, most: number) {
    this.left = length;
    this.state = length > most ? 'long' : length === 0 ? 'done' : 'more';
  }

  take(input: Uint8Array): number {
    const part = input.subarray(0, this.left);
    this.bytes.add(part);
    this.left -= part.length;
    if (this.left === 0) this.state = 'done';
    return part.length;
  }

  get fingerprint(): Hashable {
    return [this.left, this.bytes.view];
  }

  saveState(): BodyData {
    return { state: this.state, bytes: this.bytes.view, left: this.left, chunked: null };
  }

  static of({ state, bytes, left }: BodyData): CountedBody {
    const body = new CountedBody(left, left);
    body.state = state;
    body.bytes.add(bytes);
    return body;
  }
}

const maxLine = 4096;

export class ChunkedBody implements Body {
  state: BodyState = 'more';
  readonly bytes = new ByteList();
  private readonly most: number;
  private line = '';
  private part: ChunkPart = 'length';
  private left = 0;

  constructor(most: number) {
    this.most = most;
  }

  take(input: Uint8Array): number {
    let at = 0;
    while (at < input.length && this.state === 'more') {
      if (this.part === 'chunk') {
        const part = input.subarray(at, at + this.left);
        this.bytes.add(part);
        at += part.length;
        this.left -= part.length;
        if (this.left === 0) this.part = 'end';
        continue;
      }
      const byte = input[at++] as number;
      if (byte === 10) this.takeLine();
      else if (byte !== 13) this.line += String.fromCharCode(byte);
      if (this.line.length > maxLine) this.state = 'bad';
    }
    return at;
  }

  saveState(): BodyData {
    const chunked = { most: this.most, line: this.line, part: this.part };
    return { state: this.state, bytes: this.bytes.view, left: this.left, chunked };
  }

  static of({ state, bytes, left }: BodyData, { most, line, part }: NonNullable<BodyData['chunked']>): ChunkedBody {
    const body = new ChunkedBody(most);
    body.state = state;
    body.bytes.add(bytes);
    body.left = left;
    body.line = line;
    body.part = part;
    return body;
  }

  get fingerprint(): Hashable {
    return [this.part, this.line, this.left, this.bytes.view];
  }

  private takeLine(): void {
    const line = this.line;
    this.line = '';
    if (this.part === 'trailer') {
      if (line === '') this.state = 'done';
      return;
    }
    if (this.part === 'end') {
      if (line === '') this.part = 'length';
      else this.state = 'bad';
      return;
    }
    const length = /^([0-9a-fA-F]{1,8})\s*(;.*)?$/.exec(line);
    if (!length) {
      this.state = 'bad';
      return;
    }
    this.left = Number.parseInt(length[1] as string, 16);
    if (this.bytes.length + this.left > this.most) this.state = 'long';
    this.part = this.left === 0 ? 'trailer' : 'chunk';
  }
}
