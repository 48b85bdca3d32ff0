/**
 * The registers of the GIC-400's distributor (ARM DDI 0471 r0p1, 3.3; IHI 0048B, 4.3), seen from Non-secure state as
 * the ZynqMP's firmware leaves it: every interrupt is in Group 1, so that GICD_IGROUPR is RAZ/WI, GICD_CTLR has one
 * enable bit, and software sees the lower 16 of the 32 priority levels, in bits 7-4 (IHI 0048B, 3.8).
 */
import { type MachineLog, readLanes, UnknownRegisters, writeLanes } from '../bus/device.ts';
import { type Interrupts, placeOf, sgis, words } from './interrupts.ts';

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
/** GICD_PPISR and the GICD_SPISRs: the levels of the inputs. */
const GICD_PPISR = 0xd00;
const endOfSpisr = 0xd80;
const GICD_SGIR = 0xf00;
const GICD_CPENDSGIR = 0xf10;
const GICD_SPENDSGIR = 0xf20;
const endOfSpendsgir = 0xf30;
/** GICD_PIDR4-7, GICD_PIDR0-3, GICD_CIDR0-3. */
const GICD_PIDR4 = 0xfd0;

/** GICD_TYPER: 31 lockable SPIs, Security Extensions, number of CPU interfaces, words of interrupts. */
const typerFor = (cores: number): number => (31 << 11) | (1 << 10) | ((cores - 1) << 5) | (words - 1);
/** GIC-400 r0p1. */
const iidr = 0x0200_143b;
const identification = [0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1];
/** GICD_ICFGR0 and 1 are read-only: SGIs are edge-triggered, PPIs level-sensitive. */
const privateConfiguration = [0xaaaa_aaaa, 0x5554_0000];

const priorityBits = 0xf0;

export class Distributor {
  readonly #interrupts: Interrupts;
  readonly #cores: number;
  /** A bit for each core. */
  readonly #allCores: number;
  readonly #unknown: UnknownRegisters;

  constructor(interrupts: Interrupts, cores: number, log: MachineLog) {
    this.#interrupts = interrupts;
    this.#cores = cores;
    this.#allCores = (1 << cores) - 1;
    this.#unknown = new UnknownRegisters('gicd', log);
  }

  read(core: number, offset: number, size: 1 | 2 | 4): number {
    if (!hasBytes(offset)) return readLanes(this.#readWord(core, offset & ~3), offset, size);
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#readByte(core, offset + i) << (8 * i);
    return value >>> 0;
  }

  write(core: number, offset: number, size: 1 | 2 | 4, value: number): void {
    if (!hasBytes(offset)) this.#writeWord(core, offset & ~3, writeLanes(value, offset, size));
    else for (let i = 0; i < size; i++) this.#writeByte(core, offset + i, (value >>> (8 * i)) & 0xff);
  }

  #readWord(core: number, offset: number): number {
    if (offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR) return this.#readBits(core, offset);
    if (offset >= GICD_ICFGR && offset < GICD_PPISR) return this.#readConfiguration((offset - GICD_ICFGR) >>> 2);
    if (offset >= GICD_PPISR && offset < endOfSpisr) return this.#readInputs(core, (offset - GICD_PPISR) >>> 2);
    if (offset >= GICD_PIDR4) return identification[(offset - GICD_PIDR4) >>> 2] as number;
    switch (offset) {
      case GICD_CTLR:
        return this.#interrupts.forwarding ? 1 : 0;
      case GICD_TYPER:
        return typerFor(this.#cores);
      case GICD_IIDR:
        return iidr;
      case GICD_SGIR:
        return 0; // write-only
      default:
        return this.#unknown.read(offset);
    }
  }

  #writeWord(core: number, offset: number, value: number): void {
    if (offset >= GICD_IGROUPR && offset < GICD_IPRIORITYR) this.#writeBits(core, offset, value);
    else if (offset >= GICD_ICFGR && offset < GICD_PPISR) this.#writeConfiguration((offset - GICD_ICFGR) >>> 2, value);
    else if (offset === GICD_CTLR) this.#interrupts.forwarding = (value & 1) !== 0;
    else if (offset === GICD_SGIR) this.#send(core, value);
    else if (!isReadOnly(offset)) this.#unknown.write(offset, value);
  }

  /** The registers with one bit for each interrupt; bits of interrupts that the GIC does not have are RAZ/WI. */
  #readBits(core: number, offset: number): number {
    const word = (offset & 0x7f) >>> 2;
    if (word >= words) return 0;
    switch (offset & ~0x7f) {
      case GICD_ISENABLER:
      case GICD_ICENABLER:
        return this.#interrupts.word('enabled', core, word);
      case GICD_ISPENDR:
      case GICD_ICPENDR:
        return this.#interrupts.pending(core, word);
      case GICD_ISACTIVER:
      case GICD_ICACTIVER:
        return this.#interrupts.word('active', core, word);
      default:
        return 0; // GICD_IGROUPR
    }
  }

  #writeBits(core: number, offset: number, value: number): void {
    const word = (offset & 0x7f) >>> 2;
    if (word >= words) return;
    // SGIs are always enabled, and only their senders make them pending (IHI 0048B, 4.3.7).
    const place = placeOf(core, word);
    const changeable = word === 0 ? value & ~sgis : value;
    switch (offset & ~0x7f) {
      case GICD_ISENABLER:
      case GICD_ICENABLER:
        this.#interrupts.change('enabled', place, changeable, offset < GICD_ICENABLER);
        break;
      case GICD_ISPENDR:
      case GICD_ICPENDR:
        this.#interrupts.change('latched', place, changeable, offset < GICD_ICPENDR);
        break;
      case GICD_ISACTIVER:
      case GICD_ICACTIVER:
        this.#interrupts.change('active', place, value, offset < GICD_ICACTIVER);
        break;
    }
  }

  /** Two bits for each interrupt: bit 1 says that it is edge-triggered, bit 0 that the 1-N model handles it. */
  #readConfiguration(index: number): number {
    if (index < 2) return privateConfiguration[index] as number;
    if (index >= 2 * words) return 0;
    const edges = this.#interrupts.word('edge', 0, index >>> 1) >>> (16 * (index & 1));
    let value = 0x5555_5555;
    for (let i = 0; i < 16; i++) value |= ((edges >>> i) & 1) << (2 * i + 1);
    return value >>> 0;
  }

  #writeConfiguration(index: number, value: number): void {
    if (index < 2 || index >= 2 * words) return;
    let edges = 0;
    for (let i = 0; i < 16; i++) edges |= ((value >>> (2 * i + 1)) & 1) << i;
    const shift = 16 * (index & 1);
    this.#interrupts.change('edge', placeOf(0, index >>> 1), edges << shift, true);
    this.#interrupts.change('edge', placeOf(0, index >>> 1), (~edges & 0xffff) << shift, false);
  }

  #readInputs(core: number, word: number): number {
    if (word >= words) return 0;
    const inputs = this.#interrupts.word('input', core, word);
    return word === 0 ? inputs >>> 16 : inputs;
  }

  /** GICD_SGIR: from the writing core to those in the list, to all others, or to itself. */
  #send(core: number, value: number): void {
    const self = 1 << core;
    const filter = (value >>> 24) & 3;
    const list = filter === 0 ? value >>> 16 : filter === 1 ? ~self : filter === 2 ? self : 0;
    const sgi = value & 15;
    for (let target = 0; target < this.#cores; target++)
      if ((list >>> target) & 1) this.#interrupts.send(core, target, sgi);
  }

  #readByte(core: number, offset: number): number {
    if (offset >= GICD_CPENDSGIR) return this.#interrupts.senders(core, offset & 15);
    const id = offset & 0x3ff;
    if (!this.#interrupts.exists(id)) return 0;
    if (offset < GICD_ITARGETSR) return this.#interrupts.priority(core, id);
    // With one core, all interrupts are its own, and GICD_ITARGETSR is RAZ/WI (IHI 0048B, 4.3.12).
    return this.#cores === 1 ? 0 : this.#interrupts.targets(core, id);
  }

  #writeByte(core: number, offset: number, value: number): void {
    if (offset >= GICD_CPENDSGIR) {
      const sgi = offset & 15;
      const before = this.#interrupts.senders(core, sgi);
      const after = offset < GICD_SPENDSGIR ? before & ~value : before | (value & this.#allCores);
      this.#interrupts.setSenders(core, sgi, after);
      return;
    }
    const id = offset & 0x3ff;
    if (!this.#interrupts.exists(id)) return;
    if (offset < GICD_ITARGETSR) this.#interrupts.setPriority(core, id, value & priorityBits);
    else if (id >= 32 && this.#cores > 1) this.#interrupts.setTargets(id, value & this.#allCores);
  }
}

/** Registers with one byte for each interrupt, which software may access by bytes (IHI 0048B, 4.1.4). */
const hasBytes = (offset: number): boolean =>
  (offset >= GICD_IPRIORITYR && offset < GICD_ICFGR) || (offset >= GICD_CPENDSGIR && offset < endOfSpendsgir);

const isReadOnly = (offset: number): boolean =>
  offset === GICD_TYPER ||
  offset === GICD_IIDR ||
  (offset >= GICD_PPISR && offset < endOfSpisr) ||
  offset >= GICD_PIDR4;
