/**
 * The platform management firmware's clock control (UG1200, chapter 5): answers from the clock table, and reads and
 * writes the clocks' registers.
 */
import { bits } from '../../base/bits.ts';
import type { RegisterBank } from '../bus/register-bank.ts';
import { type Clock, type ClockNode, clocks, externalNames, firstExternal, NodeType } from './clock-table.ts';
import { type Answer, nameAnswer, Status, success, wrongArguments } from './status.ts';

export type ClockBlocks = Readonly<Record<Clock['register']['block'], RegisterBank>>;

const numberOfClocks = firstExternal + externalNames.length;
const endOfParents = 0xffff_ffff;
/**
 * Fields of a PLL's control register, and of the one 8 bytes after it for its fractional part (UG1087, APLL_CTRL and
 * APLL_FRAC_CFG).
 */
const pllReset = 1 << 0;
const pllBypass = 1 << 3;
const feedback = { offset: 8, width: 7 };
const fractionEnable = 0x8000_0000;
const fractionData = 0xffff;
const fractionRegister = 8;

interface Field {
  readonly offset: number;
  readonly width: number;
}

export class ClockControl {
  readonly #blocks: ClockBlocks;

  constructor(blocks: ClockBlocks) {
    this.#blocks = blocks;
  }

  count(): Answer {
    return success(numberOfClocks);
  }

  /** Empty for a clock that is hidden from operating systems. */
  name(number: number): Answer {
    if (number === numberOfClocks) return nameAnswer('END_OF_CLK');
    const clock = clocks[number];
    return nameAnswer(clock?.visible ? clock.name : (externalNames[number - firstExternal] ?? ''));
  }

  /** Whether the clock may be used (bit 0) and comes from outside the chip (bit 2). */
  attributes(number: number): Answer {
    if (number >= numberOfClocks) return wrongArguments;
    if (number >= firstExternal) return success(0b101);
    return success(clocks[number]?.visible ? 1 : 0);
  }

  /** Three nodes from `index` on: type in bits 3:0, its flags in 31:24 and 7:4, the clock's flags in 23:8. */
  topology(number: number, index: number): Answer {
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const nodes = clock.nodes.slice(index, index + 3).map(({ type, flags, typeFlags }) => {
      const low = typeFlags & 0xff;
      const high = (typeFlags >>> 8) & 0xf;
      return (type | (high << 4) | (flags << 8) | (low << 24)) >>> 0;
    });
    return success(...nodes);
  }

  /** Three parents from `index` on; all ones after the last. */
  parents(number: number, index: number): Answer {
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const parents = clock.parents.slice(index, index + 3).map((parent) => parent >>> 0);
    return success(...parents, endOfParents).slice(0, 4);
  }

  /** Every fixed factor of the chip halves. */
  fixedFactor(number: number): Answer {
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    return nodeOf(clock, NodeType.fixedFactor) ? success(1, 2) : wrongArguments;
  }

  maximumDivisor(number: number, type: number): Answer {
    const clock = clocks[number];
    const node = clock?.nodes.find((candidate) => candidate.type === type);
    return node ? success((1 << node.width) - 1) : wrongArguments;
  }

  /** Opens or closes a clock's gate, or starts or stops a PLL. A clock without either always runs. */
  enable(number: number, on: boolean): Answer {
    const clock = this.#known(number);
    if (!clock) return wrongArguments;
    if (nodeOf(clock, NodeType.pll)) this.#change(clock, pllReset | pllBypass, on ? 0 : pllReset | pllBypass);
    const gate = nodeOf(clock, NodeType.gate);
    if (gate) this.#setField(clock, gate, on ? 1 : 0);
    return success();
  }

  /** Whether the clock runs. */
  state(number: number): Answer {
    const clock = this.#known(number);
    if (!clock) return wrongArguments;
    if (nodeOf(clock, NodeType.pll)) return success(this.#value(clock) & pllReset ? 0 : 1);
    const gate = nodeOf(clock, NodeType.gate);
    return success(gate ? this.#field(clock, gate) : 1);
  }

  /** The dividers, 16 bits each with the first lowest, or a PLL's multiplier. */
  divider(number: number): Answer {
    const clock = this.#known(number);
    if (!clock) return wrongArguments;
    if (nodeOf(clock, NodeType.pll)) return success(this.#field(clock, feedback));
    const [first, second] = dividersOf(clock);
    if (!first && !second) return wrongArguments;
    const low = first ? this.#field(clock, first) : 0;
    const high = second ? this.#field(clock, second) : 0;
    return success(low | (high << 16));
  }

  /** Sets what `divider` gives; a half of all ones leaves that divider as it is. */
  setDivider(number: number, value: number): Answer {
    const clock = this.#known(number);
    if (!clock) return wrongArguments;
    if (nodeOf(clock, NodeType.pll)) {
      this.#setField(clock, feedback, value);
      return success();
    }
    const [first, second] = dividersOf(clock);
    if (!first && !second) return wrongArguments;
    const low = value & 0xffff;
    const high = value >>> 16;
    if (first && low !== 0xffff) this.#setField(clock, first, low);
    if (second && high !== 0xffff) this.#setField(clock, second, high);
    return success();
  }

  /** Index of the parent that a clock has selected. */
  parent(number: number): Answer {
    const clock = this.#known(number);
    const mux = clock && nodeOf(clock, NodeType.mux);
    return mux ? success(this.#field(clock, mux)) : wrongArguments;
  }

  setParent(number: number, index: number): Answer {
    const clock = this.#known(number);
    const mux = clock && nodeOf(clock, NodeType.mux);
    if (!mux || index >= clock.parents.length) return wrongArguments;
    this.#setField(clock, mux, index);
    return success();
  }

  /** Whether a PLL's multiplier has a fractional part. */
  fractionMode(number: number): Answer {
    const pll = this.#pll(number);
    return pll ? success(this.#fraction(pll) & fractionEnable ? 1 : 0) : wrongArguments;
  }

  setFractionMode(number: number, on: number): Answer {
    const pll = this.#pll(number);
    if (!pll || on > 1) return wrongArguments;
    this.#changeFraction(pll, fractionEnable, on ? fractionEnable : 0);
    return success();
  }

  /** The fractional part of a PLL's multiplier, in 65536ths. */
  fraction(number: number): Answer {
    const pll = this.#pll(number);
    return pll ? success(this.#fraction(pll) & fractionData) : wrongArguments;
  }

  setFraction(number: number, data: number): Answer {
    const pll = this.#pll(number);
    if (!pll) return wrongArguments;
    this.#changeFraction(pll, fractionData, data);
    return success();
  }

  #known(number: number): Clock | undefined {
    const clock = clocks[number];
    return clock?.visible ? clock : undefined;
  }

  #pll(number: number): Clock | undefined {
    const clock = this.#known(number);
    return clock && nodeOf(clock, NodeType.pll) ? clock : undefined;
  }

  #value({ register }: Clock): number {
    return this.#blocks[register.block].get(register.offset);
  }

  #change({ register }: Clock, mask: number, value: number): void {
    this.#blocks[register.block].change(register.offset, mask, value);
  }

  #field(clock: Clock, { offset, width }: Field): number {
    return bits(this.#value(clock), offset + width - 1, offset);
  }

  #setField(clock: Clock, { offset, width }: Field, value: number): void {
    this.#change(clock, ((1 << width) - 1) << offset, value << offset);
  }

  #fraction({ register }: Clock): number {
    return this.#blocks[register.block].get(register.offset + fractionRegister);
  }

  #changeFraction({ register }: Clock, mask: number, value: number): void {
    this.#blocks[register.block].change(register.offset + fractionRegister, mask, value);
  }
}

const nodeOf = (clock: Clock, type: ClockNode['type']): ClockNode | undefined =>
  clock.nodes.find((node) => node.type === type);

const dividersOf = (clock: Clock) => [nodeOf(clock, NodeType.div1), nodeOf(clock, NodeType.div2)] as const;

/** An external clock has no nodes and no parents; any other unknown clock is a mistake. */
const notAnOutput = (number: number): Answer => (number >= firstExternal ? [Status.notSupported] : wrongArguments);
