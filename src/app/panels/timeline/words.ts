import type { TraceNames } from '../../../session/api/trace.ts';
import { waitCauses } from './causes.ts';
import { type DrawnLane, type Item, interrupted } from './lanes.ts';
import { formatDuration, formatMoment } from './span.ts';
import type { Texts } from './texts.ts';

/** What is known of names. */
export interface Known {
  readonly names: TraceNames;
  readonly isBoard: boolean;
  readonly vcpuName: (vcpu: number) => string;
  readonly domainName: (domain: number) => string;
}

export function laneName(x: Texts, { lane }: Pick<DrawnLane, 'lane'>, known: Known): string {
  if (lane.kind === 'core') return known.isBoard ? x('core', { core: lane.id }) : `pCPU${lane.id}`;
  return lane.kind === 'vcpu' ? known.vcpuName(lane.id) : x('machine');
}

/** An item in a sentence. */
export function describe(x: Texts, item: Item, known: Known): string {
  const at = x('at', { time: formatMoment(item.start) });
  const length = formatDuration(item.end - item.start);
  const who = (value: number): string => (known.isBoard ? `EL${value}` : known.vcpuName(value));
  switch (item.kind) {
    case 'nothing':
      return x('nothing', { at });
    case 'xen': {
      const why = known.names.exceptions[item.value >>> 24] ?? '';
      return x('xen', { length, why: `${why}, ${known.vcpuName(interrupted(item.value))}`, at });
    }
    case 'slice':
      if (item.count > 1) return x('merged', { count: item.count, name: who(item.value) });
      return x('ran', { name: who(item.value), length, at });
    case 'wait': {
      const name = known.vcpuName(item.lane.id);
      if (item.count > 1) return x('merged', { count: item.count, name });
      const cause = x(`cause.${waitCauses[(item.value >>> 8) & 0xff] ?? 'woken'}`);
      return x('waits', { name, length, core: item.value & 0xff, cause, at });
    }
    case 'mark':
      return describeMark(x, item, known, at);
  }
}

function describeMark(x: Texts, { mark, value, b, lane, count }: Item, known: Known, at: string): string {
  const more = count > 1 ? ` (${count})` : '';
  const text = ((): string => {
    switch (mark) {
      case 'hypercall':
        return x('mark.hypercall', { what: `${known.names.hypercalls[value] || value}, ${known.vcpuName(b)}`, at });
      case 'tickle':
        return x('mark.tickle', { core: lane.id, name: known.vcpuName(value), at });
      case 'wake':
        return x('mark.wake', { name: known.vcpuName(lane.id), at });
      case 'migrate':
        return x('mark.migrate', { from: value, to: b, at });
      case 'domain': {
        const what = value === 0 ? x('created') : value === 1 ? x('stopped') : x('destroyed');
        return x('mark.domain', { name: known.domainName(b), what, at });
      }
      case 'interrupt':
      case 'injected':
      case 'virtual':
      case 'smmuFault':
        return x(`mark.${mark}`, { number: value, at });
      case 'abort':
      case 'yield':
      case 'reset':
        return x(`mark.${mark}`, { at });
      case null:
        return '';
    }
  })();
  return text + more;
}
