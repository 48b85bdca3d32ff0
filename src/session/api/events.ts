/** What a machine's probe has recorded, and which part of it is asked for. Plain data. */
import { type EventName, eventNames } from '../../base/probe/kinds.ts';

export { type EventName, eventNames };

/** What is to be recorded from now on. Anything but no kinds begins a new, empty record. */
export interface RecordRequest {
  /** None: recording ends, and what has been recorded can still be asked for. */
  readonly kinds: readonly EventName[];
  /** Events that are kept, the newest; rounded up to a power of two. */
  readonly capacity: number;
}

/** Which events are meant; null for all. */
export interface EventFilter {
  /** Virtual time in nanoseconds: from here on, and before there. */
  readonly from: number;
  readonly to: number;
  readonly kinds: readonly EventName[] | null;
  /** `noCore` for events that no core has caused. */
  readonly cores: readonly number[] | null;
  readonly domains: readonly number[] | null;
}

export interface EventRequest extends EventFilter {
  /** Number of the first event to be looked at: 0, or `next` of the answer before. */
  readonly after: number;
  /** How many events at most. */
  readonly limit: number;
  /** Whether the last ones are wanted where there are more than that; the first otherwise. */
  readonly newest: boolean;
}

export interface EventCountRequest extends EventFilter {
  /** Parts of equal length that the window is divided into. */
  readonly buckets: number;
}

/** Events in columns, in the order in which they were simulated: each core's time rises, and cores have turns. */
export interface EventColumns {
  /** Virtual time in nanoseconds. */
  readonly time: Float64Array<ArrayBuffer>;
  /** Number of the kind, as in `eventNames`. */
  readonly kind: Uint8Array<ArrayBuffer>;
  readonly core: Uint8Array<ArrayBuffer>;
  readonly domain: Uint16Array<ArrayBuffer>;
  readonly vcpu: Uint8Array<ArrayBuffer>;
  /** The event's words, which `eventKinds` explains: `a`, and the halves of `b`. */
  readonly a: Uint32Array<ArrayBuffer>;
  readonly low: Uint32Array<ArrayBuffer>;
  readonly high: Uint32Array<ArrayBuffer>;
}

/** How far a record goes. */
export interface Coverage {
  /** Virtual time in nanoseconds after which nothing is missing: where recording began, or what is still kept. */
  readonly since: number;
  /** Events recorded so far, those included that are no longer kept. */
  readonly end: number;
}

export interface EventWindow extends Coverage {
  readonly events: EventColumns;
  /** Where to go on: the number of the first event that has not been looked at. */
  readonly next: number;
}

export interface EventCounts extends Coverage {
  /** Nanoseconds of a bucket. */
  readonly step: number;
  /** Of each kind that has occurred, how often, by bucket. */
  readonly series: readonly { readonly kind: EventName; readonly counts: Uint32Array<ArrayBuffer> }[];
}
