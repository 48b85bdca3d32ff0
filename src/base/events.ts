import { assert } from './assert.ts';
import type { Hasher } from './hasher.ts';
import type { Cycles } from './units.ts';

/** A callback waiting for its virtual time. */
export interface ScheduledEvent {
  readonly time: Cycles;
  /** Whether it has neither fired nor been cancelled. */
  readonly isWaiting: boolean;
  /** Takes the event out of the queue; nothing happens if it has fired. */
  cancel(): void;
}

class Entry implements ScheduledEvent {
  time: Cycles;
  sequence: number;
  readonly owner: string;
  callback: (() => void) | undefined;
  readonly cancel: () => void;

  constructor(time: Cycles, sequence: number, owner: string, callback: () => void, cancelled: () => void) {
    this.time = time;
    this.sequence = sequence;
    this.owner = owner;
    this.callback = callback;
    this.cancel = () => {
      if (!this.callback) return;
      this.callback = undefined;
      cancelled();
    };
  }

  get isWaiting(): boolean {
    return this.callback !== undefined;
  }
}

/** What waits at a time, as plain data. A callback is none, so its owner sets the event again when it is loaded. */
export interface EventsState {
  readonly now: number;
  /** In the order in which they fire: when, and whose they are. */
  readonly waiting: readonly (readonly [time: number, owner: string])[];
}

/** The events of a moment, with their callbacks: only the same queue can take them back. */
export type HeldEvents = readonly { readonly event: ScheduledEvent; readonly callback: (() => void) | undefined }[];

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

  readonly #noteCancelled = (): void => {
    this.#cancelled++;
    this.#tidy();
  };

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
    hasher.add(
      this.#now,
      this.#waiting().map(({ time }) => time),
    );
  }

  saveState(): EventsState {
    return { now: this.#now, waiting: this.#waiting().map(({ time, owner }) => [time, owner]) };
  }

  /** The events that wait, as `saveState` lists them. */
  hold(): HeldEvents {
    return this.#waiting().map((event) => ({ event, callback: event.callback }));
  }

  /** Cancels all events. */
  clear(): void {
    for (const entry of this.#heap) entry.callback = undefined;
    this.#heap = [];
    this.#cancelled = 0;
  }

  /**
   * Begins to load a state: it is this time now. Then all owners load theirs and set their events again; at the end
   * `loadWaiting` gives these their places.
   */
  loadNow(state: EventsState): void {
    this.#now = state.now as Cycles;
  }

  /**
   * Ends to load a state. Owners find the times of their events, but not which of two at the same time comes first; here
   * each gets both from the state. Throws unless exactly the events of the state wait. Those that no owner sets
   * again are taken from
   * `held`, the events of the same moment.
   */
  loadWaiting({ waiting }: EventsState, held: HeldEvents = []): void {
    const set = this.#waiting();
    const entries = waiting.map(([time, owner], sequence) => {
      const at = set.findIndex((entry) => entry.owner === owner);
      const { event, callback } = held[sequence] ?? {};
      const entry = at >= 0 ? set.splice(at, 1)[0] : event;
      assert(entry instanceof Entry, `an event of ${owner} waits`);
      return Object.assign(entry, { time, sequence }, at < 0 && { callback });
    });
    assert(set.length === 0, `${waiting.length} events waited, and ${waiting.length + set.length} do now`);
    this.#heap = entries;
    this.#cancelled = 0;
    this.#sequence = entries.length;
  }

  /**
   * Calls back when `now` reaches `time`; a time in the past means at the next opportunity. `owner` names the event, for
   * `saveState`: no two that wait have the same name.
   */
  at(time: Cycles, callback: () => void, owner = ''): ScheduledEvent {
    const entry = new Entry(time, this.#sequence++, owner, callback, this.#noteCancelled);
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
    this.clear();
    this.#now = 0 as Cycles;
    this.#sequence = 0;
  }

  /**
   * Drops cancelled events when they are most of the queue: guests set and cancel timers far ahead, again and again.
   */
  #tidy(): void {
    if (this.#cancelled <= spare || 2 * this.#cancelled <= this.#heap.length) return;
    // A sorted array is a heap.
    this.#heap = this.#waiting();
    this.#cancelled = 0;
  }

  /** Those that will fire, in their order. */
  #waiting(): Entry[] {
    return this.#heap.filter(({ callback }) => callback).sort((a, b) => (before(a, b) ? -1 : 1));
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
