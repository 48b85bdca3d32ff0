/**
 * The timeline as a trace of Perfetto (ui.perfetto.dev): its public schema in protos/perfetto/trace, messages TracePacket,
 * TrackDescriptor and TrackEvent. Fields are given by their numbers there.
 */
import type { MarkClass } from '../api/trace.ts';
import type { MarkTrack } from './mark-track.ts';
import { ProtoWriter } from './proto-writer.ts';
import { traceNames } from './queries.ts';
import type { ScheduleTrace } from './schedule-trace.ts';

const Packet = { timestamp: 8, sequence: 10, trackEvent: 11, sequenceFlags: 13, trackDescriptor: 60 } as const;
const Descriptor = { uuid: 1, name: 2, parent: 5, counter: 8 } as const;
const TrackEvent = {
  annotations: 4,
  type: 9,
  track: 11,
  categories: 22,
  name: 23,
  counterValue: 30,
  flows: 47,
} as const;
const Annotation = { name: 10, uintValue: 3, stringValue: 6 } as const;
const EventType = { begin: 1, end: 2, instant: 3, counter: 4 } as const;

const incrementalStateCleared = 1;
const sequence = 1;

export interface ExportNames {
  readonly vcpu: (id: number) => string;
  readonly domain: (id: number) => string;
}

interface Note {
  readonly name: string;
  readonly value: string | number;
}

/** One sequence of packets. */
class Trace {
  readonly writer = new ProtoWriter();
  #tracks = 0;
  #flows = 0;

  track(name: string, parent: number | null, isCounter = false): number {
    const uuid = ++this.#tracks;
    this.writer.message(1, (packet) => {
      packet.uint(Packet.sequence, sequence);
      if (uuid === 1) packet.uint(Packet.sequenceFlags, incrementalStateCleared);
      packet.message(Packet.trackDescriptor, (descriptor) => {
        descriptor.uint(Descriptor.uuid, uuid);
        descriptor.text(Descriptor.name, name);
        if (parent !== null) descriptor.uint(Descriptor.parent, parent);
        if (isCounter) descriptor.message(Descriptor.counter, () => {});
      });
    });
    return uuid;
  }

  flow(): number {
    return ++this.#flows;
  }

  slice(
    track: number,
    category: string,
    name: string,
    start: number,
    end: number,
    flow: number | null,
    notes: Note[] = [],
  ): void {
    this.#event(track, start, EventType.begin, category, name, flow, notes);
    this.#event(track, end, EventType.end, null, null, null, []);
  }

  instant(
    track: number,
    category: string,
    name: string,
    time: number,
    flow: number | null = null,
    notes: Note[] = [],
  ): void {
    this.#event(track, time, EventType.instant, category, name, flow, notes);
  }

  counter(track: number, time: number, value: number): void {
    this.writer.message(1, (packet) => {
      packet.uint(Packet.timestamp, Math.round(time));
      packet.uint(Packet.sequence, sequence);
      packet.message(Packet.trackEvent, (event) => {
        event.uint(TrackEvent.type, EventType.counter);
        event.uint(TrackEvent.track, track);
        event.int(TrackEvent.counterValue, value);
      });
    });
  }

  #event(
    track: number,
    time: number,
    type: number,
    category: string | null,
    name: string | null,
    flow: number | null,
    notes: readonly Note[],
  ): void {
    this.writer.message(1, (packet) => {
      packet.uint(Packet.timestamp, Math.round(time));
      packet.uint(Packet.sequence, sequence);
      packet.message(Packet.trackEvent, (event) => {
        event.uint(TrackEvent.type, type);
        event.uint(TrackEvent.track, track);
        if (category !== null) event.text(TrackEvent.categories, category);
        if (name !== null) event.text(TrackEvent.name, name);
        if (flow !== null) event.fixed64(TrackEvent.flows, flow);
        for (const note of notes)
          event.message(TrackEvent.annotations, (annotation) => {
            annotation.text(Annotation.name, note.name);
            if (typeof note.value === 'number') annotation.uint(Annotation.uintValue, note.value);
            else annotation.text(Annotation.stringValue, note.value);
          });
      });
    });
  }
}

/** A part of the timeline as a file for Perfetto. */
export function perfettoTrace(
  trace: ScheduleTrace,
  from: number,
  to: number,
  now: number,
  names: ExportNames,
): Uint8Array {
  const out = new Trace();
  const isBoard = trace.shows === 'levels';
  const marks = (track: number, classes: ReadonlyMap<MarkClass, MarkTrack> | undefined): void => {
    for (const [name, each] of classes ?? []) {
      if (name === 'wake' || name === 'tickle') continue;
      each.each(from, to, (time, a, b) => out.instant(track, name, markName(name, a, b, names), time));
    }
  };
  const coresTrack = out.track(isBoard ? 'Cores' : 'pCPUs', null);
  const vcpusTrack = isBoard ? 0 : out.track('vCPUs', null);
  const vcpuTracks = new Map([...trace.vcpus.keys()].map((id) => [id, out.track(names.vcpu(id), vcpusTrack)] as const));
  for (const [core, { slices, xen }] of trace.cores.entries()) {
    const track = out.track(isBoard ? `core ${core}` : `pCPU${core}`, coresTrack);
    const coreMarks = trace.coreMarks[core];
    slices.each(from, to, now, (start, end, value) => {
      const name = isBoard ? `EL${value}` : names.vcpu(value);
      const own = vcpuTracks.get(value);
      const flow = own === undefined ? null : out.flow();
      if (own !== undefined) out.slice(own, 'running', `pCPU${core}`, start, end, flow);
      out.slice(track, 'running', name, start, end, flow);
    });
    if (!isBoard) {
      const ofXen = out.track(`Xen on pCPU${core}`, coresTrack);
      xen.each(from, to, now, (start, end, value) =>
        out.slice(ofXen, 'xen', traceNames.exceptions[value >>> 24] ?? 'xen', start, end, null),
      );
      marks(ofXen, coreMarks);
    } else marks(track, coreMarks);
    coreMarks?.get('tickle')?.each(from, to, (time, a) => out.instant(track, 'tickle', `look: ${names.vcpu(a)}`, time));
  }
  for (const [id, { waits, credit, priority }] of trace.vcpus) {
    const track = vcpuTracks.get(id) ?? 0;
    // A track of their own: on one track, slices that meet must be in the order of their times.
    const ofWaits = out.track(`${names.vcpu(id)} waits`, vcpusTrack);
    waits.each(from, to, now, (start, end, value) =>
      out.slice(ofWaits, 'waiting', 'waits', start, end, null, [{ name: 'pCPU', value: value & 0xff }]),
    );
    trace.vcpuMarks
      .get(id)
      ?.get('wake')
      ?.each(from, to, (time) => out.instant(track, 'wake', 'wake', time));
    marks(track, trace.vcpuMarks.get(id));
    for (const [name, each] of [
      ['credit', credit],
      ['priority', priority],
    ] as const) {
      if (each.count === 0) continue;
      const counter = out.track(`${name} of ${names.vcpu(id)}`, vcpusTrack, true);
      each.each(from, to, (time, a) => out.counter(counter, time, a | 0));
    }
  }
  if (trace.machineMarks.size > 0) marks(out.track('Machine', null), trace.machineMarks);
  return out.writer.bytes();
}

function markName(name: MarkClass, a: number, b: number, names: ExportNames): string {
  switch (name) {
    case 'hypercall':
      return traceNames.hypercalls[a] || `hypercall ${a}`;
    case 'migrate':
      return `pCPU${a} to pCPU${b}`;
    case 'domain':
      return `${names.domain(b)} ${['created', 'stopped', 'destroyed'][a] ?? ''}`;
    case 'interrupt':
    case 'injected':
    case 'virtual':
      return `IRQ ${a}`;
    default:
      return name;
  }
}

/** A part of the timeline as a table of comma-separated values: times in nanoseconds. */
export function traceCsv(trace: ScheduleTrace, from: number, to: number, now: number, names: ExportNames): string {
  const rows = ['lane,kind,start ns,length ns,what'];
  const add = (lane: string, kind: string, start: number, length: number, what: string): void => {
    rows.push([lane, kind, start.toFixed(0), length.toFixed(0), what].map(quoted).join(','));
  };
  for (const [core, { slices, xen }] of trace.cores.entries()) {
    const lane = trace.shows === 'levels' ? `core ${core}` : `pCPU${core}`;
    slices.each(from, to, now, (start, end, value) =>
      add(lane, 'run', start, end - start, trace.shows === 'levels' ? `EL${value}` : names.vcpu(value)),
    );
    xen.each(from, to, now, (start, end, value) =>
      add(lane, 'xen', start, end - start, traceNames.exceptions[value >>> 24] ?? ''),
    );
    for (const [name, marks] of trace.coreMarks[core] ?? [])
      marks.each(from, to, (time, a, b) =>
        add(lane, name, time, 0, name === 'tickle' ? names.vcpu(a) : markName(name, a, b, names)),
      );
  }
  for (const [id, { waits, credit, priority }] of trace.vcpus) {
    const lane = names.vcpu(id);
    waits.each(from, to, now, (start, end, value) => add(lane, 'wait', start, end - start, `pCPU${value & 0xff}`));
    for (const [name, marks] of trace.vcpuMarks.get(id) ?? [])
      marks.each(from, to, (time, a, b) => add(lane, name, time, 0, markName(name, a, b, names)));
    credit.each(from, to, (time, a) => add(lane, 'credit', time, 0, String(a | 0)));
    priority.each(from, to, (time, a) => add(lane, 'priority', time, 0, String(a | 0)));
  }
  return `${rows.join('\n')}\n`;
}

/** A domain's name may be anything. */
const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
