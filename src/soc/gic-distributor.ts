/**
 * The distributor of the GIC-400 (ARM DDI 0471 r0p1, 3.3; IHI 0048B, 4.3): which interrupts wait, and for which cores.
 *
 * It is seen from Non-secure state as the ZynqMP's firmware leaves it: every interrupt is in Group 1, so that IGROUPR is RAZ/WI, GICD_CTLR
 * has one enable bit, and of the 32 priority levels there are the lower 16, in bits 7-4 of the Non-secure view (IHI 0048B, 3.8).
 */
import type { MachineLog } from './device.ts';
import { readLanes, UnknownRegisters, writeLanes } from './device.ts';
import { idlePriority } from './gic-priority.ts';

/** CPU interfaces of the ZynqMP's GIC. */
export const interfaces = 4;
/** Interrupt IDs: 16 SGIs, 16 PPIs, 160 SPIs. */
export const interrupts = 192;
/** What is read for "no interrupt". */
export const spurious = 1023;

/** The first 8 words of each bitmap are banked by core or one for all: IDs 0-31 of each core, then the SPIs. */
const words = interrupts / 32;
const places = interfaces + words - 1;
/** SGIs and the PPIs of a GIC-400, 25-31 (DDI 0471, 2.3.4). */
const privateInterrupts = 0xfe00_ffff;
const sgis = 0xffff;
/** Priority bits of the Non-secure view. */
const priorityBits = 0xf0;

/** Register offsets. */
const GICD_CTLR = 0x000;
const GICD_TYPER = 0x004;
const GICD_IIDR = 0x008;
const GICD_IGROUPR = 0x080;
const GICD_ISENABLER = 0x100;
const GICD_ICENABLER = 0x180;
const GICD_ISPENDR = 0x200;
const GICD_ICPENDR = 0x280;
const GICD_ISACTIVER = 0x300;
const GICD_ICACTIVER = 0x380;
const GICD_IPRIORITYR = 0x400;
const GICD_ITARGETSR = 0x800;
const GICD_ICFGR = 0xc00;
/** GICD_PPISR, then the GICD_SPISRs: the inputs as they are. */
const GICD_PPISR = 0xd00;
const GICD_SGIR = 0xf00;
const GICD_CPENDSGIR = 0xf10;
const GICD_SPENDSGIR = 0xf20;
/** GICD_PIDR4-7, GICD_PIDR0-3, GICD_CIDR0-3. */
const GICD_PIDR4 = 0xfd0;
const identification = [0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1];

/** 31 lockable SPIs, Security Extensions, the interfaces, 192 interrupts. */
const typer = (31 << 11) | (1 << 10) | ((interfaces - 1) << 5) | (words - 1);
/** GIC-400 r0p1. */
const iidr = 0x0200_143b;
/** GICD_ICFGR0 and 1 are read-only: SGIs have edges, PPIs levels. */
const privateConfiguration = [0xaaaa_aaaa, 0x5554_0000];

export interface DistributorState {
  readonly enabled: boolean;
  /** By place: the first word of each core, then the SPIs' words. */
  readonly enables: readonly number[];
  readonly latches: readonly number[];
  readonly inputs: readonly number[];
  readonly active: readonly number[];
  readonly edges: readonly number[];
  readonly priorities: readonly number[];
  /** Of the SPIs, from ID 32 on. */
  readonly targets: readonly number[];
  /** For each core and SGI, the cores that sent it. */
  readonly senders: readonly number[];
}

const powerOn: DistributorState = {
  enabled: false,
  enables: Array.from({ length: places }, (_, place) => (place < interfaces ? sgis : 0)),
  latches: new Array(places).fill(0),
  inputs: new Array(places).fill(0),
  active: new Array(places).fill(0),
  edges: Array.from({ length: places }, (_, place) => (place < interfaces ? sgis : 0)),
  priorities: new Array(places * 32).fill(0),
  targets: new Array(interrupts - 32).fill(0),
  senders: new Array(interfaces * 16).fill(0),
};

export class Distributor {
  /** For each core, the interrupt of highest priority that waits for it, or `spurious`. */
  readonly best = new Uint16Array(interfaces).fill(spurious);
  /** Its priority, or `idlePriority`. */
  readonly bestPriority = new Uint16Array(interfaces).fill(idlePriority);
  readonly #bestChanged: (core: number) => void;
  readonly #unknown: UnknownRegisters;

  #enabled = false;
  // Bitmaps by place.
  readonly #enables = new Uint32Array(places);
  /** Pending by an edge, by GICD_ISPENDR, or, of an SGI, because it has senders. */
  readonly #latches = new Uint32Array(places);
  readonly #inputs = new Uint32Array(places);
  readonly #active = new Uint32Array(places);
  /** Edge-triggered; the others are level-sensitive. */
  readonly #edges = new Uint32Array(places);
  readonly #priorities = new Uint8Array(places * 32);
  readonly #targets = new Uint8Array(interrupts - 32);
  readonly #senders = new Uint8Array(interfaces * 16);
  /** For each core, which interrupts it is a target of: `#targets` the other way. */
  readonly #targeted = new Uint32Array(interfaces * words);

  /** `bestChanged` is called when `best` or `bestPriority` of a core is another one. */
  constructor(log: MachineLog, bestChanged: (core: number) => void) {
    this.#bestChanged = bestChanged;
    this.#unknown = new UnknownRegisters('gicd', log);
    this.loadState(powerOn);
  }

  reset(): void {
    this.loadState({ ...powerOn, inputs: [...this.#inputs] });
  }

  saveState(): DistributorState {
    return {
      enabled: this.#enabled,
      enables: [...this.#enables],
      latches: [...this.#latches],
      inputs: [...this.#inputs],
      active: [...this.#active],
      edges: [...this.#edges],
      priorities: [...this.#priorities],
      targets: [...this.#targets],
      senders: [...this.#senders],
    };
  }

  loadState(state: DistributorState): void {
    this.#enabled = state.enabled;
    this.#enables.set(state.enables);
    this.#latches.set(state.latches);
    this.#inputs.set(state.inputs);
    this.#active.set(state.active);
    this.#edges.set(state.edges);
    this.#priorities.set(state.priorities);
    this.#senders.set(state.senders);
    for (let core = 0; core < interfaces; core++) this.#targeted[core * words] = privateInterrupts;
    for (const [i, targets] of state.targets.entries()) this.#setTargets(32 + i, targets);
    this.#updateAll();
  }

  /** Drives the input of a PPI or SPI; `core` matters for a PPI. */
  setInput(core: number, id: number, level: boolean): void {
    const place = placeOf(core, id >>> 5);
    const bit = 1 << (id & 31);
    const before = at(this.#inputs, place);
    const after = level ? before | bit : before & ~bit;
    if (after >>> 0 === before) return;
    this.#inputs[place] = after;
    if (level) this.#latches[place] = at(this.#latches, place) | (at(this.#edges, place) & bit);
    this.#updateAt(place);
  }

  /** The core acknowledges its best interrupt, which becomes active. Returns it as GICC_IAR has it, with an SGI's sender in bits 12-10. */
  acknowledge(core: number): number {
    const id = at(this.best, core);
    if (id === spurious) return spurious;
    const place = placeOf(core, id >>> 5);
    const bit = 1 << (id & 31);
    this.#active[place] = at(this.#active, place) | bit;
    let sender = 0;
    if (id < 16) {
      const senders = at(this.#senders, core * 16 + id);
      sender = lowestBit(senders);
      this.#setSenders(core, id, senders & (senders - 1));
    } else this.#latches[place] = at(this.#latches, place) & ~bit;
    this.#updateAt(place);
    return id | (sender << 10);
  }

  /** The interrupt is no longer active. */
  deactivate(core: number, id: number): void {
    if (id >= interrupts) return;
    const place = placeOf(core, id >>> 5);
    this.#active[place] = at(this.#active, place) & ~(1 << (id & 31));
    this.#updateAt(place);
  }

  /** The core's best interrupt as GICC_HPPIR has it. */
  highestPending(core: number): number {
    const id = at(this.best, core);
    return id < 16 ? id | (lowestBit(at(this.#senders, core * 16 + id)) << 10) : id;
  }

  read(core: number, offset: number, size: 1 | 2 | 4): number {
    if (isByteRegister(offset)) {
      let value = 0;
      for (let i = 0; i < size; i++) value |= this.#readByte(core, offset + i) << (8 * i);
      return value >>> 0;
    }
    return readLanes(this.#readWord(core, offset & ~3), offset, size);
  }

  write(core: number, offset: number, size: 1 | 2 | 4, value: number): void {
    if (isByteRegister(offset))
      for (let i = 0; i < size; i++) this.#writeByte(core, offset + i, (value >>> (8 * i)) & 0xff);
    else this.#writeWord(core, offset & ~3, writeLanes(value, offset, size));
  }

  #readWord(core: number, offset: number): number {
    if (offset >= GICD_ICFGR && offset < GICD_ICFGR + 0x100)
      return this.#readConfiguration((offset - GICD_ICFGR) >>> 2);
    if (offset >= GICD_PPISR && offset < GICD_PPISR + 0x80) return this.#readInputs(core, (offset - GICD_PPISR) >>> 2);
    if (offset >= GICD_PIDR4 && offset < 0x1000) return identification[(offset - GICD_PIDR4) >>> 2] as number;
    if (offset < GICD_IGROUPR) return this.#readControl(offset);
    const word = (offset & 0x7f) >>> 2;
    if (offset < GICD_IPRIORITYR && word >= words) return 0;
    const place = placeOf(core, word);
    switch (offset & ~0x7f) {
      case GICD_IGROUPR:
        return 0;
      case GICD_ISENABLER:
      case GICD_ICENABLER:
        return at(this.#enables, place);
      case GICD_ISPENDR:
      case GICD_ICPENDR:
        return this.#pending(place) >>> 0;
      case GICD_ISACTIVER:
      case GICD_ICACTIVER:
        return at(this.#active, place);
      default:
        return offset === GICD_SGIR ? 0 : this.#unknown.read(offset); // GICD_SGIR is write-only
    }
  }

  #readControl(offset: number): number {
    switch (offset) {
      case GICD_CTLR:
        return this.#enabled ? 1 : 0;
      case GICD_TYPER:
        return typer;
      case GICD_IIDR:
        return iidr;
      default:
        return this.#unknown.read(offset);
    }
  }

  #readConfiguration(index: number): number {
    if (index < 2) return privateConfiguration[index] as number;
    if (index >= 2 * words) return 0;
    const half = at(this.#edges, placeOf(0, index >>> 1)) >>> (16 * (index & 1));
    let value = 0x5555_5555; // bit 0 of each field: the 1-N model
    for (let i = 0; i < 16; i++) value |= ((half >>> i) & 1) << (2 * i + 1);
    return value >>> 0;
  }

  #readInputs(core: number, index: number): number {
    if (index >= words) return 0;
    const inputs = at(this.#inputs, placeOf(core, index));
    return index === 0 ? inputs >>> 16 : inputs;
  }

  #writeWord(core: number, offset: number, value: number): void {
    if (offset >= GICD_ICFGR && offset < GICD_ICFGR + 0x100) {
      this.#writeConfiguration((offset - GICD_ICFGR) >>> 2, value);
      return;
    }
    if (offset === GICD_CTLR) {
      this.#enabled = (value & 1) !== 0;
      this.#updateAll();
      return;
    }
    if (offset === GICD_SGIR) {
      this.#generate(core, value);
      return;
    }
    const bitmaps = offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR;
    const readOnly =
      offset <= GICD_IIDR || (offset >= GICD_PPISR && offset < GICD_PPISR + 0x80) || offset >= GICD_PIDR4;
    if (bitmaps) this.#writeBitmap(core, offset, value);
    else if (!readOnly) this.#unknown.write(offset, value);
  }

  #writeBitmap(core: number, offset: number, value: number): void {
    const word = (offset & 0x7f) >>> 2;
    if (word >= words) return;
    const place = placeOf(core, word);
    const bits = word === 0 ? value & privateInterrupts : value;
    /** SGIs are always enabled, and pending by their senders alone (DDI 0471, table 3-2; IHI 0048B, 4.3.7). */
    const notSgis = word === 0 ? bits & ~sgis : bits;
    switch (offset & ~0x7f) {
      case GICD_ISENABLER:
        this.#enables[place] = at(this.#enables, place) | notSgis;
        break;
      case GICD_ICENABLER:
        this.#enables[place] = at(this.#enables, place) & ~notSgis;
        break;
      case GICD_ISPENDR:
        this.#latches[place] = at(this.#latches, place) | notSgis;
        break;
      case GICD_ICPENDR:
        this.#latches[place] = at(this.#latches, place) & ~notSgis;
        break;
      case GICD_ISACTIVER:
        this.#active[place] = at(this.#active, place) | bits;
        break;
      case GICD_ICACTIVER:
        this.#active[place] = at(this.#active, place) & ~bits;
        break;
    }
    this.#updateAt(place);
  }

  #writeConfiguration(index: number, value: number): void {
    if (index < 2 || index >= 2 * words) return;
    const place = placeOf(0, index >>> 1);
    const shift = 16 * (index & 1);
    let half = 0;
    for (let i = 0; i < 16; i++) half |= ((value >>> (2 * i + 1)) & 1) << i;
    this.#edges[place] = (at(this.#edges, place) & ~(sgis << shift)) | (half << shift);
    this.#updateAt(place);
  }

  /** GICD_SGIR: an interrupt from the writing core to those in the list, to all others, or to itself. */
  #generate(core: number, value: number): void {
    const filter = (value >>> 24) & 3;
    const self = 1 << core;
    const list = filter === 0 ? (value >>> 16) & 0xff : filter === 1 ? ~self : filter === 2 ? self : 0;
    for (let target = 0; target < interfaces; target++) {
      if (((list >>> target) & 1) === 0) continue;
      const id = value & 15;
      this.#setSenders(target, id, at(this.#senders, target * 16 + id) | self);
      this.#update(target);
    }
  }

  #setSenders(core: number, id: number, senders: number): void {
    this.#senders[core * 16 + id] = senders;
    const latches = at(this.#latches, core);
    this.#latches[core] = senders === 0 ? latches & ~(1 << id) : latches | (1 << id);
  }

  #readByte(core: number, offset: number): number {
    if (offset >= GICD_CPENDSGIR) return at(this.#senders, core * 16 + (offset & 15));
    const id = offset & 0x3ff;
    if (id >= interrupts) return 0;
    if (offset < GICD_ITARGETSR) return at(this.#priorities, placeOf(core, id >>> 5) * 32 + (id & 31));
    if (id < 32) return implemented(id) ? 1 << core : 0;
    return at(this.#targets, id - 32);
  }

  #writeByte(core: number, offset: number, value: number): void {
    if (offset >= GICD_CPENDSGIR) {
      const id = offset & 15;
      const senders = at(this.#senders, core * 16 + id);
      const bits = value & ((1 << interfaces) - 1);
      this.#setSenders(core, id, offset >= GICD_SPENDSGIR ? senders | bits : senders & ~bits);
      this.#update(core);
      return;
    }
    const id = offset & 0x3ff;
    if (id >= interrupts || !implemented(id)) return;
    const place = placeOf(core, id >>> 5);
    if (offset < GICD_ITARGETSR) this.#priorities[place * 32 + (id & 31)] = value & priorityBits;
    else if (id >= 32) this.#setTargets(id, value & ((1 << interfaces) - 1));
    this.#updateAt(place);
  }

  #setTargets(id: number, targets: number): void {
    this.#targets[id - 32] = targets;
    const bit = 1 << (id & 31);
    for (let core = 0; core < interfaces; core++) {
      const i = core * words + (id >>> 5);
      this.#targeted[i] = (targets >>> core) & 1 ? at(this.#targeted, i) | bit : at(this.#targeted, i) & ~bit;
    }
  }

  /** Pending, whether active or not. A level-sensitive one is so while its input is asserted, and by GICD_ISPENDR until acknowledged. */
  #pending(place: number): number {
    return at(this.#latches, place) | (at(this.#inputs, place) & ~at(this.#edges, place));
  }

  #updateAt(place: number): void {
    if (place < interfaces) this.#update(place);
    else this.#updateAll();
  }

  #updateAll(): void {
    for (let core = 0; core < interfaces; core++) this.#update(core);
  }

  /** Finds what the core should take: of equal priorities the lowest ID. */
  #update(core: number): void {
    let best = spurious;
    let bestPriority = idlePriority;
    for (let word = 0; this.#enabled && word < words; word++) {
      const place = placeOf(core, word);
      let waiting =
        this.#pending(place) &
        at(this.#enables, place) &
        ~at(this.#active, place) &
        at(this.#targeted, core * words + word);
      for (; waiting !== 0; waiting &= waiting - 1) {
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

/** Where a core's word of a bitmap is. */
const placeOf = (core: number, word: number): number => (word === 0 ? core : interfaces - 1 + word);

const at = (array: Uint32Array | Uint16Array | Uint8Array, index: number): number => array[index] as number;

/** Number of the lowest bit that is set. */
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

const implemented = (id: number): boolean => id >= 32 || ((privateInterrupts >>> id) & 1) !== 0;

/** Registers that software may access by bytes (IHI 0048B, 4.1.4). */
const isByteRegister = (offset: number): boolean =>
  (offset >= GICD_IPRIORITYR && offset < GICD_ICFGR) || (offset >= GICD_CPENDSGIR && offset < GICD_SPENDSGIR + 0x10);
