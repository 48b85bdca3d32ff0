/**
 * The states of the GIC-400's interrupts (IHI 0048B, 3.2), and the choice of the one that each core should take. The
 * distributor's registers (distributor.ts) present them as bits and bytes.
 */
import { assert } from '../../base/assert.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { idlePriority } from './priority.ts';

/** The most CPU interfaces that the GIC can have. */
export const interfaces = 4;
/** Interrupt IDs: 16 SGIs, 16 PPIs, 160 SPIs. */
export const interrupts = 192;
export const words = interrupts / 32;
/** The ID that is read when there is no interrupt. */
export const spurious = 1023;

/**
 * A bitmap over the interrupts: pending ones are `latched` by an edge, by GICD_ISPENDR or by the sending of an SGI, and
 * level-sensitive ones also while their input is asserted.
 */
export type Bitmap = keyof InterruptsState['bitmaps'];

/** Place of a word in a bitmap. IDs 0-31 are banked by core: the first words are theirs, core by core; then come the SPIs. */
const places = interfaces + words - 1;
export const placeOf = (core: number, word: number): number => (word === 0 ? core : interfaces - 1 + word);
const wordAt = (place: number): number => Math.max(0, place - interfaces + 1);

/** SGIs. They are edge-triggered and always enabled (DDI 0471, table 3-2). */
export const sgis = 0xffff;
/** SGIs and the PPIs of a GIC-400, 25-31 (DDI 0471, 2.3.4). */
const privateInterrupts = 0xfe00_ffff;

/** A bitmap with this word for each core's SGIs and PPIs at first. */
const bitmap = (privateWord: number): Uint32Array =>
  Uint32Array.from({ length: places }, (_, place) => (place < interfaces ? privateWord : 0));

/** With a single core, that core is the target of every SPI. */
export const interruptsAtReset = (cores: number) => ({
  /** GICD_CTLR. */
  forwarding: false,
  bitmaps: {
    enabled: bitmap(sgis),
    latched: bitmap(0),
    input: bitmap(0),
    active: bitmap(0),
    edge: bitmap(sgis),
  },
  /** Of each place's 32 interrupts. */
  priorities: new Uint8Array(places * 32),
  /** Of the SPIs. */
  targets: new Uint8Array(interrupts - 32).fill(cores === 1 ? 1 : 0),
  /** For each core and SGI, a bit for each core that has sent it. */
  senders: new Uint8Array(interfaces * 16),
});
export type InterruptsState = ReturnType<typeof interruptsAtReset>;

export class Interrupts {
  /** For each core, the interrupt of highest priority that waits for it, or `spurious`. */
  readonly best = new Uint16Array(interfaces).fill(spurious);
  /** Its priority, or `idlePriority`. */
  readonly bestPriority = new Uint16Array(interfaces).fill(idlePriority);
  readonly #bestChanged: (core: number) => void;
  readonly #probe: Probe;
  readonly #state: InterruptsState;
  // Parts of the state that are used often.
  readonly #bitmaps: InterruptsState['bitmaps'];
  readonly #priorities: Uint8Array;
  readonly #senders: Uint8Array;
  /** For each core, the interrupts that target it: the inverse of the state's `targets`. */
  readonly #targeted = new Uint32Array(interfaces * words);
  /** For each core, its enabled interrupts that are pending and not active. */
  readonly #waiting = new Uint32Array(interfaces * words);

  /** `state` is part of the GIC's. `bestChanged` is called when `best` or `bestPriority` of a core changes. */
  constructor(state: InterruptsState, bestChanged: (core: number) => void, probe: Probe) {
    this.#state = state;
    this.#bitmaps = state.bitmaps;
    this.#priorities = state.priorities;
    this.#senders = state.senders;
    this.#bestChanged = bestChanged;
    this.#probe = probe;
    this.loaded();
  }

  /** After the state has been loaded. */
  loaded(): void {
    for (let core = 0; core < interfaces; core++) this.#targeted[core * words] = privateInterrupts;
    for (const [i, targets] of this.#state.targets.entries()) this.#route(32 + i, targets);
    for (let place = 0; place < places; place++) this.#update(place);
    this.#chooseAll();
  }

  /** Whether pending interrupts reach the CPU interfaces: GICD_CTLR. */
  get forwarding(): boolean {
    return this.#state.forwarding;
  }

  set forwarding(value: boolean) {
    this.#state.forwarding = value;
    this.#chooseAll();
  }

  /** Whether the GIC has this interrupt. */
  exists(id: number): boolean {
    return id < 32 ? ((privateInterrupts >>> id) & 1) !== 0 : id < interrupts;
  }

  /** 32 bits of a bitmap, as the core sees them; `word` < `words`. */
  word(bitmap: Bitmap, core: number, word: number): number {
    return at(this.#bitmaps[bitmap], placeOf(core, word));
  }

  /** Which of 32 interrupts are pending, active or not. */
  pending(core: number, word: number): number {
    return this.#pendingAt(placeOf(core, word)) >>> 0;
  }

  /** Sets or clears those bits of a bitmap whose interrupts exist. */
  change(bitmap: Bitmap, place: number, bits: number, value: boolean): void {
    const existing = place < interfaces ? bits & privateInterrupts : bits;
    const before = at(this.#bitmaps[bitmap], place);
    this.#bitmaps[bitmap][place] = value ? before | existing : before & ~existing;
    this.#update(place);
  }

  /** Drives the input of a PPI or SPI; `core` matters for a PPI. */
  setInput(core: number, id: number, level: boolean): void {
    assert(id >= 16 && this.exists(id), `interrupt ${id} has an input`);
    const place = placeOf(core, id >>> 5);
    const bit = 1 << (id & 31);
    if (((at(this.#bitmaps.input, place) & bit) !== 0) === level) return;
    this.#probe.emit(ProbeKind.interruptLine, id, (level ? 1 : 0) | (core << 1));
    if (level) this.change('latched', place, at(this.#bitmaps.edge, place) & bit, true);
    this.change('input', place, bit, level);
  }

  priority(core: number, id: number): number {
    return at(this.#priorities, placeOf(core, id >>> 5) * 32 + (id & 31));
  }

  setPriority(core: number, id: number, priority: number): void {
    const place = placeOf(core, id >>> 5);
    this.#priorities[place * 32 + (id & 31)] = priority;
    if (id < 32) this.#choose(core);
    else this.#chooseAll();
  }

  /** A bit for each core that the interrupt goes to. */
  targets(core: number, id: number): number {
    if (id >= 32) return at(this.#state.targets, id - 32);
    return this.exists(id) ? 1 << core : 0;
  }

  setTargets(id: number, targets: number): void {
    this.#route(id, targets);
    this.#update(placeOf(0, id >>> 5));
  }

  /** A core sends the SGI to another, or to itself. */
  send(sender: number, core: number, sgi: number): void {
    this.#probe.emit(ProbeKind.interruptSent, sgi, core);
    this.setSenders(core, sgi, this.senders(core, sgi) | (1 << sender));
  }

  /** A bit for each core that has sent the SGI to this one. */
  senders(core: number, sgi: number): number {
    return at(this.#senders, core * 16 + sgi);
  }

  /** The SGI is pending while it has senders. */
  setSenders(core: number, sgi: number, senders: number): void {
    this.#senders[core * 16 + sgi] = senders;
    this.change('latched', placeOf(core, 0), 1 << sgi, senders !== 0);
  }

  /**
   * The core's best interrupt as GICC_IAR has it: bits 12-10 say which core sent an SGI; of several the one with the
   * lowest number.
   */
  highestPending(core: number): number {
    const id = at(this.best, core);
    return id < 16 ? id | (lowestBit(this.senders(core, id)) << 10) : id;
  }

  /** The core takes its best interrupt, which becomes active; the same value. */
  acknowledge(core: number): number {
    const value = this.highestPending(core);
    const id = value & 0x3ff;
    if (id === spurious) return spurious;
    const place = placeOf(core, id >>> 5);
    const bit = 1 << (id & 31);
    const { active, latched } = this.#bitmaps;
    active[place] = at(active, place) | bit;
    if (id < 16) this.setSenders(core, id, this.senders(core, id) & ~(1 << (value >>> 10)));
    else {
      latched[place] = at(latched, place) & ~bit;
      this.#update(place);
    }
    return value;
  }

  /** The interrupt is no longer active. IDs that the GIC does not have are ignored. */
  deactivate(core: number, id: number): void {
    if (this.exists(id)) this.change('active', placeOf(core, id >>> 5), 1 << (id & 31), false);
  }

  #route(id: number, targets: number): void {
    this.#state.targets[id - 32] = targets;
    const bit = 1 << (id & 31);
    for (let core = 0; core < interfaces; core++) {
      const i = core * words + (id >>> 5);
      const before = at(this.#targeted, i);
      this.#targeted[i] = (targets >>> core) & 1 ? before | bit : before & ~bit;
    }
  }

  #pendingAt(place: number): number {
    const { latched, input, edge } = this.#bitmaps;
    return at(latched, place) | (at(input, place) & ~at(edge, place));
  }

  /** A word of a bitmap has changed: works out what waits now. An active interrupt waits until it is deactivated. */
  #update(place: number): void {
    const { enabled, active } = this.#bitmaps;
    const candidates = this.#pendingAt(place) & at(enabled, place) & ~at(active, place);
    const word = wordAt(place);
    for (let core = 0; core < interfaces; core++) {
      if (word === 0 && core !== place) continue;
      const i = core * words + word;
      const waiting = (candidates & at(this.#targeted, i)) >>> 0;
      if (waiting === this.#waiting[i]) continue;
      this.#waiting[i] = waiting;
      this.#choose(core);
    }
  }

  #chooseAll(): void {
    for (let core = 0; core < interfaces; core++) this.#choose(core);
  }

  /** Finds the core's best: of equal priorities the lowest ID. */
  #choose(core: number): void {
    let best = spurious;
    let bestPriority = idlePriority;
    for (let word = 0; this.#state.forwarding && word < words; word++) {
      const place = placeOf(core, word);
      for (let waiting = at(this.#waiting, core * words + word); waiting !== 0; waiting &= waiting - 1) {
        const bit = lowestBit(waiting);
        const priority = at(this.#priorities, place * 32 + bit);
        if (priority >= bestPriority) continue;
        best = word * 32 + bit;
        bestPriority = priority;
      }
    }
    if (best === this.best[core] && bestPriority === this.bestPriority[core]) return;
    this.best[core] = best;
    this.bestPriority[core] = bestPriority;
    this.#bestChanged(core);
  }
}

const at = (array: Uint32Array | Uint16Array | Uint8Array, index: number): number => array[index] as number;

/** Number of the lowest bit that is set. */
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);
