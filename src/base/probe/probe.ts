import { eventNames, ProbeKind } from './kinds.ts';

/** The core of events that no core causes: of devices, and between the turns of the cores. */
export const noCore = 0xff;
/** The domain of events while none runs: no hypervisor is there, or none that says. */
export const noDomain = 0xffff;

/** Where events come from: the present, and the core whose turn it is, `noCore` between turns. */
export interface ProbeClock {
  /** Cycles since power-on. */
  now(): number;
  core(): number;
}

/** What has happened, when and where. `low` and `high` are the halves of its word `b`. */
export interface ProbeEvent {
  readonly time: number;
  readonly core: number;
  readonly domain: number;
  readonly vcpu: number;
  readonly kind: number;
  readonly a: number;
  readonly low: number;
  readonly high: number;
}

/** Gets each event in the order of the simulation: cores have turns, and only each core's own time rises. */
export interface ProbeSink {
  /** The next event reuses the object: copy what you keep. */
  record(event: ProbeEvent): void;
}

const silentSink: ProbeSink = { record: () => {} };

/** Kinds that only TypeScript emits when it takes an exception or returns from one. */
const exceptionKinds = [
  ProbeKind.exceptionToEl1,
  ProbeKind.exceptionToEl2,
  ProbeKind.returnFromEl1,
  ProbeKind.returnFromEl2,
  ProbeKind.stage2Fault,
];

const el2Kinds: ReadonlySet<number> = new Set([ProbeKind.exceptionToEl2, ProbeKind.returnFromEl2]);

/**
 * The one stream of what happens in a machine. Emitters give a kind and its words (kinds.ts); the probe adds time, core
 * and vCPU. It is always there, but records nothing until it is told which kinds to record. It changes nothing in the
 * machine.
 */
export class Probe {
  /** Whether it records anything: emitters on hot paths ask this before they put the words of an event together. */
  isRecording = false;
  readonly #clock: ProbeClock;
  #sink = silentSink;
  /** The present event. There is one object for all, so that recording allocates nothing. */
  readonly #event = { time: 0, core: 0, domain: 0, vcpu: 0, kind: 0, a: 0, low: 0, high: 0 };
  /** By kind: whether it is recorded. */
  readonly #on = new Uint8Array(eventNames.length);
  /** By core: what runs there. */
  readonly #domains = new Uint16Array(noCore + 1).fill(noDomain);
  readonly #vcpus = new Uint8Array(noCore + 1);

  constructor(clock: ProbeClock) {
    this.#clock = clock;
  }

  /** Records these kinds from now on, and no others. */
  record(kinds: Iterable<number>, sink: ProbeSink): void {
    this.#sink = sink;
    this.#on.fill(0);
    for (const kind of kinds) this.#on[kind] = 1;
    this.isRecording = this.#on.includes(1);
  }

  /** Whether a kind is recorded: for emitters whose words take work. */
  records(kind: number): boolean {
    return this.#on[kind] !== 0;
  }

  /**
   * Whether exceptions are to leave generated code, so that they are seen.
   * @param isEl2Elsewhere those to EL2 do so anyway, because no machine code is there
   */
  recordsExceptions(isEl2Elsewhere: boolean): boolean {
    return exceptionKinds.some((kind) => this.records(kind) && !(isEl2Elsewhere && el2Kinds.has(kind)));
  }

  /** A hypervisor runs another vCPU on a core. */
  setContext(core: number, domain: number, vcpu: number): void {
    this.#domains[core] = domain;
    this.#vcpus[core] = vcpu;
  }

  /** An event of the vCPU that runs on the core. `low` and `high` are the halves of its word `b`. */
  emit(kind: number, a = 0, low = 0, high = 0): void {
    if (this.#on[kind] === 0) return;
    const core = this.#clock.core();
    const event = this.#event;
    event.time = this.#clock.now();
    event.core = core;
    event.domain = this.#domains[core] as number;
    event.vcpu = this.#vcpus[core] as number;
    event.kind = kind;
    event.a = a;
    event.low = low;
    event.high = high;
    this.#sink.record(event);
  }

  /** The same with `b` in one. */
  emitLong(kind: number, a: number, b: bigint): void {
    if (this.#on[kind] !== 0) this.emit(kind, a, Number(b & 0xffff_ffffn), Number((b >> 32n) & 0xffff_ffffn));
  }

  /** An event about a vCPU, given by `packVcpu`, that need not be the one that runs. */
  emitFor(vcpu: number, kind: number, a = 0, low = 0, high = 0): void {
    if (this.#on[kind] === 0) return;
    const event = this.#event;
    event.time = this.#clock.now();
    event.core = this.#clock.core();
    event.domain = vcpu >>> 16;
    event.vcpu = vcpu & 0xffff;
    event.kind = kind;
    event.a = a;
    event.low = low;
    event.high = high;
    this.#sink.record(event);
  }
}

/** For parts of a machine that are tested alone. */
export const silentProbe = new Probe({ now: () => 0, core: () => noCore });

/** A vCPU in a word, as the format `vcpu` reads it. */
export const packVcpu = (domain: number, vcpu: number): number => (domain << 16) | vcpu;
