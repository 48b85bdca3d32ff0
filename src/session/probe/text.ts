/** Events as lines of text: virtual time in seconds, core, vCPU, kind, and the fields that the kind's row has. */
import { exceptionName } from '../../arch/state/statistics.ts';
import { type EventKind, eventKinds, eventNames, type Field, type Format, fieldOf } from '../../base/probe/kinds.ts';
import { noCore, noDomain } from '../../base/probe/probe.ts';
import { consoleKinds } from '../../dom0/console/daemon.ts';
import { MessageType } from '../../dom0/xenstore/wire.ts';
import { resetCauses } from '../../soc/bus/reset-cause.ts';
import { outcomes } from '../../soc/dma/stream-port.ts';
import { ShutdownReason } from '../../xen/domain/domain.ts';
import { ChannelStatus } from '../../xen/events/event-channels.ts';
import { Hypercall } from '../../xen/public/hypercalls.ts';
import { idleDomainId, Runstate } from '../../xen/sched/unit.ts';
import type { EventColumns } from '../api/events.ts';

/** What a physical address is called, such as `uart0+0x30`. */
export type PlaceNames = (address: number) => string;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** A name from a list, or the number where there is none. */
const named =
  (names: readonly (string | undefined)[]) =>
  (value: bigint): string =>
    names[Number(value)] ?? String(value);

/** The same for constants by name. */
const namedBy = (constants: Readonly<Record<string, number>>): ((value: bigint) => string) => {
  const names: string[] = [];
  for (const [name, number] of Object.entries(constants)) names[number] = name;
  return named(names);
};

const vcpuName = (domain: number, vcpu: number): string =>
  domain === noDomain ? '-' : domain === idleDomainId ? 'idle' : `d${domain}v${vcpu}`;

const formats: Record<Exclude<Format, 'device' | 'flag'>, (value: bigint, width: number) => string> = {
  decimal: String,
  signed: (value, width) => String(BigInt.asIntN(width, value)),
  hex,
  address: (value) => hex(BigInt.asUintN(64, BigInt.asIntN(56, value))),
  level: (value) => `EL${value}`,
  exception: (value) => exceptionName(Number(value)),
  vcpu: (value) => vcpuName(Number(value >> 16n), Number(value & 0xffffn)),
  hypercall: namedBy(Hypercall),
  runstate: namedBy(Runstate),
  shutdown: namedBy(ShutdownReason),
  resetCause: named(resetCauses),
  dmaOutcome: named(outcomes),
  channel: namedBy(ChannelStatus),
  xenstore: namedBy(MessageType),
  console: named(consoleKinds),
};

export class EventText {
  readonly #placeNames: PlaceNames;

  constructor(placeNames: PlaceNames) {
    this.#placeNames = placeNames;
  }

  /** The line of an event, without its end. */
  line(events: EventColumns, i: number): string {
    const name = eventNames[events.kind[i] as number] as keyof typeof eventKinds;
    const core = events.core[i] as number;
    const { fields }: EventKind = eventKinds[name];
    const parts = [
      ((events.time[i] as number) / 1e9).toFixed(9),
      core === noCore ? '-' : `cpu${core}`,
      vcpuName(events.domain[i] as number, events.vcpu[i] as number),
      name,
    ];
    for (const field of fields) {
      const value = fieldOf(field, events.a[i] as number, events.low[i] as number, events.high[i] as number);
      const text = this.#fieldText(field, value);
      if (text !== null) parts.push(text);
    }
    return parts.join(' ');
  }

  /** `name=value`; of a flag its name, if it is set. */
  #fieldText({ name, format, width }: Field, value: bigint): string | null {
    if (format === 'flag') return value === 0n ? null : name;
    return `${name}=${format === 'device' ? this.#placeNames(Number(value)) : formats[format](value, width)}`;
  }
}
