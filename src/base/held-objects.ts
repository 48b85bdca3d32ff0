/**
 * A moment of objects, within the program: what each object holds that can be reached from some roots. To go back is
 * to put it into the
 * same objects again. So references stay right, and so do functions that have captured an object. It is no format for a
 * file.
 */

/** A moment of one object or of many. */
export interface Held {
  /** Puts everything back, as often as you like. */
  restore(): void;
  /** About how much memory it takes beside what the moment before has, in bytes. */
  readonly bytes: number;
}

/** An object that knows best how to hold what it is: it shares what is large. */
export interface Holdable {
  heldState(): Held;
}

export interface HeldMoment extends Held {
  /** Views of memory that is held elsewhere. */
  readonly views: readonly ArrayBufferView[];
}

type Fields = Record<string, unknown>;

/** What was noted of one object. Notes never change, so that moments share them. */
interface Note extends Held {
  /** The note itself if the object still is as it says; else a new one. `reach` gets each value that leads to others. */
  again(reach: (value: unknown) => void): Note;
}

/** Words or bytes of a typed array that moments share where they have not changed. */
const chunkLength = 1024;
/** A field, an element or an entry takes about so much. */
const slotBytes = 8;

/** Objects that nobody changes once they are made, such as a file's bytes. */
const constants = new WeakSet<object>();

/** Notes that nobody changes this object, nor what it leads to: a moment needs no copy of it. */
export function constant<T extends object>(object: T): T {
  constants.add(object);
  return object;
}

/** The objects that can be reached from some roots, past no function and not through those of some classes. */
export class HeldObjects {
  private readonly isOutside: (object: object) => boolean;
  /** Memory that is held elsewhere. */
  private readonly memory: ArrayBufferLike;
  /** The notes of the last moment. */
  private notes = new Map<object, Note>();

  constructor(isOutside: (object: object) => boolean, memory: ArrayBufferLike) {
    this.isOutside = isOutside;
    this.memory = memory;
  }

  hold(roots: readonly object[]): HeldMoment {
    const before = this.notes;
    const notes = new Map<object, Note>();
    const views: ArrayBufferView[] = [];
    const seen = new Set<object>(roots);
    const waiting = [...roots];
    let bytes = 0;
    const reach = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return;
      seen.add(value);
      waiting.push(value);
    };
    for (let object = waiting.pop(); object; object = waiting.pop()) {
      const last = before.get(object);
      if (!last && (constants.has(object) || this.isOutside(object))) continue;
      if (ArrayBuffer.isView(object) && object.buffer === this.memory) {
        if (object.byteLength < this.memory.byteLength) views.push(object);
        continue;
      }
      const note = last ? last.again(reach) : noteOf(object).again(reach);
      if (note !== last) bytes += note.bytes;
      notes.set(object, note);
    }
    this.notes = notes;
    const all = [...notes.values()];
    return {
      restore: () => {
        for (const note of all) note.restore();
        this.notes = notes;
      },
      bytes: bytes + all.length * slotBytes,
      views,
    };
  }
}

function noteOf(object: object): Note {
  if (isHoldable(object)) return new OwnNote(object);
  if (Array.isArray(object)) return new ListNote(object, []);
  if (object instanceof Map) return new MapNote(object, [], []);
  if (object instanceof Set) return new SetNote(object, []);
  if (ArrayBuffer.isView(object)) return new NumbersNote(wordsOf(object), []);
  // An object's literal may have getters, which are no state.
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(object));
  return new FieldsNote(object as Fields, null, [], !descriptors.every((each) => 'value' in each && each.writable));
}

const isHoldable = (object: object): object is Holdable =>
  'heldState' in object && typeof object.heldState === 'function';

class OwnNote implements Note {
  private readonly object: Holdable;
  private readonly held: Held | null;

  constructor(object: Holdable, held: Held | null = null) {
    this.object = object;
    this.held = held;
  }

  get bytes(): number {
    return this.held?.bytes ?? 0;
  }

  again(): Note {
    return new OwnNote(this.object, this.object.heldState());
  }

  restore(): void {
    this.held?.restore();
  }
}

class ListNote implements Note {
  constructor(
    private readonly list: unknown[],
    private readonly elements: readonly unknown[],
  ) {}

  get bytes(): number {
    return this.elements.length * slotBytes;
  }

  again(reach: (value: unknown) => void): Note {
    const { list, elements } = this;
    let isSame = list.length === elements.length;
    for (let i = 0; i < list.length; i++) {
      const element = list[i];
      if (element !== elements[i]) isSame = false;
      reach(element);
    }
    return isSame ? this : new ListNote(list, list.slice());
  }

  restore(): void {
    const { list, elements } = this;
    list.length = elements.length;
    // Holes stay holes.
    for (let i = 0; i < elements.length; i++)
      if (i in elements) list[i] = elements[i];
      else delete list[i];
  }
}

class MapNote implements Note {
  constructor(
    private readonly map: Map<unknown, unknown>,
    private readonly keys: readonly unknown[],
    private readonly values: readonly unknown[],
  ) {}

  get bytes(): number {
    return 2 * this.keys.length * slotBytes;
  }

  again(reach: (value: unknown) => void): Note {
    const { map, keys, values } = this;
    let isSame = map.size === keys.length;
    let i = 0;
    for (const [key, value] of map) {
      if (key !== keys[i] || value !== values[i]) isSame = false;
      i++;
      reach(key);
      reach(value);
    }
    return isSame ? this : new MapNote(map, [...map.keys()], [...map.values()]);
  }

  restore(): void {
    this.map.clear();
    for (const [i, key] of this.keys.entries()) this.map.set(key, this.values[i]);
  }
}

class SetNote implements Note {
  constructor(
    private readonly set: Set<unknown>,
    private readonly values: readonly unknown[],
  ) {}

  get bytes(): number {
    return this.values.length * slotBytes;
  }

  again(reach: (value: unknown) => void): Note {
    const { set, values } = this;
    let isSame = set.size === values.length;
    let i = 0;
    for (const value of set) {
      if (value !== values[i++]) isSame = false;
      reach(value);
    }
    return isSame ? this : new SetNote(set, [...set]);
  }

  restore(): void {
    this.set.clear();
    for (const value of this.values) this.set.add(value);
  }
}

class NumbersNote implements Note {
  private readonly words: Int32Array | Uint8Array;
  private readonly chunks: readonly (Int32Array | Uint8Array)[];
  readonly bytes: number;

  constructor(words: Int32Array | Uint8Array, chunks: readonly (Int32Array | Uint8Array)[], bytes = 0) {
    this.words = words;
    this.chunks = chunks;
    this.bytes = bytes;
  }

  again(): Note {
    const { words, chunks } = this;
    let bytes = 0;
    const now: (Int32Array | Uint8Array)[] = [];
    for (let at = 0; at < words.length; at += chunkLength) {
      const last = chunks[now.length];
      if (last && isAt(words, at, last)) now.push(last);
      else {
        const chunk = words.slice(at, at + chunkLength);
        now.push(chunk);
        bytes += chunk.byteLength;
      }
    }
    return bytes === 0 && now.length === chunks.length ? this : new NumbersNote(words, now, bytes);
  }

  restore(): void {
    for (const [i, chunk] of this.chunks.entries()) this.words.set(chunk, i * chunkLength);
  }
}

/** The bits of numbers, by words where that is possible: they are compared often. */
function wordsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Int32Array | Uint8Array {
  return (byteOffset | byteLength) % 4 === 0
    ? new Int32Array(buffer, byteOffset, byteLength / 4)
    : new Uint8Array(buffer, byteOffset, byteLength);
}

function isAt(words: Int32Array | Uint8Array, at: number, chunk: Int32Array | Uint8Array): boolean {
  for (let i = 0; i < chunk.length; i++) if (words[at + i] !== chunk[i]) return false;
  return true;
}

class FieldsNote implements Note {
  /** `keys` is null before it has been looked at. `isFixed`: other fields than these are getters, or cannot be set. */
  constructor(
    private readonly object: Fields,
    private readonly keys: readonly string[] | null,
    private readonly values: readonly unknown[],
    private readonly isFixed: boolean,
  ) {}

  get bytes(): number {
    return (this.keys?.length ?? 0) * slotBytes;
  }

  again(reach: (value: unknown) => void): Note {
    const { object, isFixed } = this;
    const keys = isFixed ? (this.keys ?? settable(object)) : Object.keys(object);
    let isSame = this.keys !== null && keys.length === this.keys.length;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const value = object[key];
      if (isSame && (value !== this.values[i] || key !== this.keys?.[i])) isSame = false;
      reach(value);
    }
    if (isSame) return this;
    return new FieldsNote(
      object,
      keys,
      keys.map((key) => object[key]),
      isFixed,
    );
  }

  restore(): void {
    const { object, keys, values } = this;
    if (!keys) return;
    if (!this.isFixed && Object.keys(object).length !== keys.length) {
      const kept = new Set(keys);
      for (const key of Object.keys(object)) if (!kept.has(key)) delete object[key];
    }
    for (const [i, key] of keys.entries()) if (object[key] !== values[i]) object[key] = values[i];
  }
}

const settable = (object: Fields): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([key, each]) =>
    each.writable && each.enumerable ? [key] : [],
  );
