import { assert } from './assert.ts';
import type { Hasher } from './hasher.ts';
import type { Cycles } from './units.ts';

/** A callback waiting for its virtual time. */
export interface ScheduledEvent {
  readonly time: Cycles;
  /** Takes the event out of the queue; nothing happens if it has fired. */
  cancel(): void;
}

interface Entry extends ScheduledEvent {
  readonly sequence: number;
  callback: (() => void) | undefined;
}

/** Cancelled events that may stay in the queue, however few others there are. */
const spare = 64;

/**
 * The scheduler of events in virtual time: the machine's only source of time.
 * Events at the same time fire in the order in which they were set.
 */
export class Events {
  #now = 0 as Cycles;
  #sequence = 0;
  #heap: Entry[] = [];
  /** How many events in the heap have been cancelled. */
  #cancelled = 0;

  /** The current time, in core clock cycles since power-on. */
  get now(): Cycles {
    return this.#now;
  }

  /** Length of the queue, including cancelled events that are still in it. */
  get length(): number {
    return this.#heap.length;
  }

  /** Adds the present and when events are due, in the order in which they fire. What they do, their owners' state tells. */
  fingerprint(hasher: Hasher): void {
    const waiting = this.#heap.filter(({ callback }) => callback).sort((a, b) => (before(a, b) ? -1 : 1));
    hasher.add(
      this.#now,
      waiting.map(({ time }) => time),
    );
  }

  /** Calls back when `now` reaches `time`; a time in the past means at the next opportunity. */
  at(time: Cycles, callback: () => void): ScheduledEvent {
    const entry: Entry = {
      time,
      sequence: this.#sequence++,
      callback,
      cancel: () => {
        if (!entry.callback) return;
        entry.callback = undefined;
        this.#cancelled++;
        this.#tidy();
      },
    };
    this.#push(entry);
    return entry;
  }

  /** Time of the earliest event, or undefined when none waits. */
  next(): Cycles | undefined {
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (first.callback) return first.time;
      this.#pop();
      this.#cancelled--;
    }
    return undefined;
  }

  /** Moves the current time to `time` without firing anything; `fireDue` does that. */
  advance(time: Cycles): void {
    assert(time >= this.#now, 'virtual time runs forward');
    this.#now = time;
  }

  /** Fires every event that is due, including those set meanwhile. */
  fireDue(): void {
    for (let time = this.next(); time !== undefined && time <= this.#now; time = this.next()) {
      const entry = this.#pop();
      const callback = entry.callback;
      entry.callback = undefined;
      callback?.();
    }
  }

  /** Forgets all events and starts again at time zero. */
  reset(): void {
    for (const entry of this.#heap) entry.callback = undefined;
    this.#heap = [];
    this.#cancelled = 0;
    this.#now = 0 as Cycles;
    this.#sequence = 0;
  }

  /**
   * Drops cancelled events when they are most of the queue: guests set and cancel timers far ahead, again and again.
   */
  #tidy(): void {
    if (this.#cancelled <= spare || 2 * this.#cancelled <= this.#heap.length) return;
    // A sorted array is a heap.
    this.#heap = this.#heap.filter(({ callback }) => callback).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
        if (!before(heap[child] as Entry, last)) break;
        heap[i] = heap[child] as Entry;
        i = child;
      }
      heap[i] = last;
    }
    return first;
  }
}

const before = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
