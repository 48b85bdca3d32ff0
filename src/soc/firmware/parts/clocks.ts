/**
 * The platform management firmware's clock control (UG1200, chapter 5): answers from the clock table, and reads and
 * writes the clocks' registers.
 */
import { bits } from '../../../base/bits.ts';
import type { RegisterBank } from '../../bus/register-bank.ts';
import { type Answer, invalidParameter, nameAnswer, noFeature, Status, success, wrongArguments } from '../status.ts';
import { type Clock, type ClockNode, clocks, externalNames, firstExternal, NodeType } from './clock-table.ts';
import { NodeId } from './node-table.ts';
import { PllMode, PllParameter, type Plls } from './plls.ts';

export type ClockBlocks = Readonly<Record<Clock['register']['block'], RegisterBank>>;

const numberOfClocks = firstExternal + externalNames.length;
const endOfParents = 0xffff_ffff;
/** A source that a multiplexer does not have. */
const dummyParent = -2;

/** PLLs as clocks: the clock of the PLL itself, and its node. */
const pllNodes: ReadonlyMap<number, number> = new Map([
  [76, 54], // IOPLL
  [81, NodeId.rpll],
  [86, 50], // APLL
  [91, 52], // DPLL
  [96, NodeId.vpll],
]);
/** A clock around a PLL whose source is a parameter of the PLL; null for its bypass. */
interface Selector {
  readonly pll: number;
  readonly parameter: number | null;
}
const pllSelectors: ReadonlyMap<number, Selector> = new Map(
  [...pllNodes].flatMap(([clock, pll], i): [number, Selector][] => [
    [clock + 1, { pll, parameter: PllParameter.preSource }],
    [clock + 3, { pll, parameter: PllParameter.div2 }],
    [clock + 4, { pll, parameter: PllParameter.postSource }],
    [[0, 1, 2, 3, 4][i] as number, { pll, parameter: null }],
  ]),
);

interface Field {
  readonly offset: number;
  readonly width: number;
}

export class ClockControl {
  readonly #blocks: ClockBlocks;
  readonly #plls: Plls;
  readonly #fractional: Map<number, number>;

  /** `fractional`: the PLLs that will start with a fraction, by clock; part of the firmware's state. */
  constructor(blocks: ClockBlocks, plls: Plls, fractional: Map<number, number>) {
    this.#blocks = blocks;
    this.#plls = plls;
    this.#fractional = fractional;
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

  /** Opens or closes a clock's gate, or starts or stops a PLL. */
  enable(number: number, on: boolean): Answer {
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const pll = pllNodes.get(number);
    if (pll !== undefined) {
      const running = this.#fractional.has(number) ? PllMode.fractional : PllMode.integer;
      return this.#plls.setMode(pll, on ? running : PllMode.reset);
    }
    const gate = nodeOf(clock, NodeType.gate);
    if (!gate) return noFeature;
    this.#setField(clock, gate, on ? 1 : 0);
    return success();
  }

  /** Whether the clock runs. */
  state(number: number): Answer {
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const pll = pllNodes.get(number);
    if (pll !== undefined) return success(this.#plls.runs(pll) ? 1 : 0);
    const gate = nodeOf(clock, NodeType.gate);
    return gate ? success(this.#field(clock, gate)) : noFeature;
  }

  /** The dividers, 16 bits each with the first lowest, or a PLL's multiplier. */
  divider(number: number): Answer {
    const pll = pllNodes.get(number);
    if (pll !== undefined) return this.#plls.parameter(pll, PllParameter.feedback);
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const [first, second] = dividersOf(clock);
    const low = first ? this.#field(clock, first) : 0;
    const high = second ? this.#field(clock, second) : 0;
    return success(low | (high << 16));
  }

  /** Sets one of the two dividers; the half of the other is all ones. Or sets a PLL's multiplier. */
  setDivider(number: number, value: number): Answer {
    const pll = pllNodes.get(number);
    if (pll !== undefined) return this.#plls.setParameter(pll, PllParameter.feedback, value);
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const [low, high] = [value & 0xffff, value >>> 16];
    if (low !== 0xffff && high !== 0xffff) return wrongArguments;
    const [divider, divisor] = high === 0xffff ? [dividersOf(clock)[0], low] : [dividersOf(clock)[1], high];
    if (divisor === 0) return invalidParameter;
    if (!divider) return noFeature;
    if (divisor >= 1 << divider.width) return invalidParameter;
    this.#setField(clock, divider, divisor);
    return success();
  }

  /** Index of the parent that a clock has selected. */
  parent(number: number): Answer {
    const selector = pllSelectors.get(number);
    if (selector)
      return selector.parameter === null ? success(0) : this.#plls.parameter(selector.pll, selector.parameter);
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const mux = nodeOf(clock, NodeType.mux);
    return mux ? success(this.#field(clock, mux)) : noFeature;
  }

  /** A PLL's bypass cannot be chosen: its mode decides it. */
  setParent(number: number, index: number): Answer {
    const selector = pllSelectors.get(number);
    if (selector)
      return selector.parameter === null
        ? wrongArguments
        : this.#plls.setParameter(selector.pll, selector.parameter, index);
    const clock = this.#known(number);
    if (!clock) return notAnOutput(number);
    const mux = nodeOf(clock, NodeType.mux);
    if (!mux) return noFeature;
    if (index >= clock.parents.length || clock.parents[index] === dummyParent) return invalidParameter;
    this.#setField(clock, mux, index);
    return success();
  }

  /** Whether a PLL will start with a fractional multiplier. Trusted Firmware-A remembers it until the PLL is started. */
  fractionMode(number: number): Answer {
    return pllNodes.has(number) ? success(this.#fractional.has(number) ? 1 : 0) : wrongArguments;
  }

  setFractionMode(number: number, on: number): Answer {
    if (!pllNodes.has(number) || on > 1) return wrongArguments;
    if (on) this.#fractional.set(number, 1);
    else this.#fractional.delete(number);
    return success();
  }

  /** The fractional part of a PLL's multiplier, in 65536ths. */
  fraction(number: number): Answer {
    const pll = pllNodes.get(number);
    return pll === undefined ? wrongArguments : this.#plls.parameter(pll, PllParameter.data);
  }

  setFraction(number: number, data: number): Answer {
    const pll = pllNodes.get(number);
    return pll === undefined ? wrongArguments : this.#plls.setParameter(pll, PllParameter.data, data);
  }

  #known(number: number): Clock | undefined {
    const clock = clocks[number];
    return clock?.visible ? clock : undefined;
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
}

const nodeOf = (clock: Clock, type: ClockNode['type']): ClockNode | undefined =>
  clock.nodes.find((node) => node.type === type);

const dividersOf = (clock: Clock) => [nodeOf(clock, NodeType.div1), nodeOf(clock, NodeType.div2)] as const;

/** An external clock has no nodes and no parents; any other unknown clock is a mistake. */
const notAnOutput = (number: number): Answer => (number >= firstExternal ? [Status.notSupported] : wrongArguments);
