/**
 * The PMU firmware's control of PLLs by node (UG1200, chapter 5; embeddedsw, pm_pll.c): parameters are fields of three
 * registers of a PLL, and take effect with the mode. A PLL locks at once here.
 */
import { bits } from '../../../base/bits.ts';
import type { RegisterBank } from '../../bus/register-bank.ts';
import { crfApb, crlApb } from '../../devices/system/control-registers.ts';
import { type Answer, invalidParameter, noAccess, Status, success, wrongArguments } from '../status.ts';
import { NodeId } from './node-table.ts';

export type PllBlocks = Readonly<Record<'crfApb' | 'crlApb', RegisterBank>>;

/** A PLL's registers after its control register: PLL_CFG and FRAC_CFG. */
const control = 0;
const configuration = 4;
const fraction = 8;

const reset = 1 << 0;
const bypass = 1 << 3;
const fractionEnable = 0x8000_0000;

/** Parameters by number: register, first bit, width. */
export const PllParameter = { div2: 0, feedback: 1, data: 2, preSource: 3, postSource: 4 } as const;
const parameters: readonly (readonly [register: number, shift: number, width: number])[] = [
  [control, 16, 1], // DIV2
  [control, 8, 7], // FBDIV
  [fraction, 0, 16], // DATA
  [control, 20, 3], // PRE_SRC
  [control, 24, 3], // POST_SRC
  [configuration, 25, 7], // LOCK_DLY
  [configuration, 13, 10], // LOCK_CNT
  [configuration, 10, 3], // LFHF
  [configuration, 5, 4], // CP
  [configuration, 0, 4], // RES
];

export const PllMode = { reset: 0, integer: 1, fractional: 2 } as const;

const places: ReadonlyMap<number, { readonly block: keyof PllBlocks; readonly offset: number }> = new Map([
  [50, { block: 'crfApb', offset: crfApb.APLL_CTRL[0] }],
  [NodeId.vpll, { block: 'crfApb', offset: crfApb.VPLL_CTRL[0] }],
  [52, { block: 'crfApb', offset: crfApb.DPLL_CTRL[0] }],
  [NodeId.rpll, { block: 'crlApb', offset: crlApb.RPLL_CTRL[0] }],
  [54, { block: 'crlApb', offset: crlApb.IOPLL_CTRL[0] }],
]);

/** PLLs that the application processors may change: those of the DisplayPort. */
const open: ReadonlySet<number> = new Set([NodeId.vpll, NodeId.rpll]);

export class Plls {
  readonly #blocks: PllBlocks;

  constructor(blocks: PllBlocks) {
    this.#blocks = blocks;
  }

  setParameter(node: number, parameter: number, value: number): Answer {
    const place = places.get(node);
    const field = parameters[parameter];
    if (!place || !field) return wrongArguments;
    if (!open.has(node)) return noAccess;
    const [register, shift, width] = field;
    if (value >= 1 << width) return invalidParameter;
    this.#blocks[place.block].change(place.offset + register, ((1 << width) - 1) << shift, value << shift);
    return success();
  }

  parameter(node: number, parameter: number): Answer {
    const field = parameters[parameter];
    if (!places.has(node) || !field) return wrongArguments;
    const [register, shift, width] = field;
    return success(bits(this.#get(node, register), shift + width - 1, shift));
  }

  /** Stops a PLL, or starts it. In fractional mode it needs a fraction. */
  setMode(node: number, mode: number): Answer {
    const place = places.get(node);
    if (!place || mode > PllMode.fractional) return wrongArguments;
    if (!open.has(node)) return noAccess;
    const block = this.#blocks[place.block];
    if (mode === PllMode.reset) {
      block.change(place.offset, reset | bypass, reset | bypass);
      return success();
    }
    const isFractional = mode === PllMode.fractional;
    if (isFractional && this.#get(node, fraction) === 0) return [Status.noData];
    block.change(place.offset + fraction, fractionEnable, isFractional ? fractionEnable : 0);
    block.change(place.offset, reset | bypass, 0);
    return success();
  }

  mode(node: number): Answer {
    if (!places.has(node)) return wrongArguments;
    if (!this.runs(node)) return success(PllMode.reset);
    return success(this.#get(node, fraction) & fractionEnable ? PllMode.fractional : PllMode.integer);
  }

  runs(node: number): boolean {
    return (this.#get(node, control) & reset) === 0;
  }

  #get(node: number, register: number): number {
    const place = places.get(node);
    return place ? this.#blocks[place.block].get(place.offset + register) : 0;
  }
}
