import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { CoreState } from '../state/core.ts';
import { type CoreMmu, faultOf } from './core-mmu.ts';
import type { WalkStep } from './descriptors.ts';
import type { Fault } from './faults.ts';
import { Need, type Regime, type View, viewOf, Walker } from './walk.ts';

/** One descriptor that a translation read. */
export interface TranslationStep {
  readonly stage: 1 | 2;
  readonly level: number;
  /** Stage 2 on the way to a stage 1 descriptor, not for the output of stage 1. */
  readonly forTable: boolean;
  /** Where the descriptor lies: an IPA for stage 1 under stage 2, else a physical address. */
  readonly address: number;
  /** Whether `address` is an IPA. */
  readonly isIpa: boolean;
  readonly descriptor: bigint;
  readonly kind: WalkStep['kind'];
  /** Log2 of the bytes that a descriptor of this level maps. */
  readonly sizeLog2: number;
  /** Address of the next table, or of the block or page: an IPA in stage 1 under stage 2. */
  readonly output: number;
  /** Fields that are set, by their names in the Arm ARM, as in `AF`, `AP=1`, `APTable=2`. */
  readonly fields: readonly string[];
}

export interface Translation {
  readonly steps: readonly TranslationStep[];
  readonly result:
    | {
        readonly ok: true;
        readonly pa: PhysAddr;
        readonly readable: boolean;
        readonly writable: boolean;
        readonly executable: boolean;
        readonly device: boolean;
        /** Memory attributes in MAIR_ELx format, and SH: both stages combined. */
        readonly attributes: number;
        readonly shareability: number;
      }
    | { readonly ok: false; readonly fault: Fault };
}

/** Reads memory as a core would, without a trace: no TLB, register or device changes. */
export class MmuInspector {
  readonly #state: CoreState;
  readonly #walker: Walker;

  constructor(mmu: CoreMmu) {
    this.#state = mmu.state;
    // Its own walker has its own stage 2 cache, so that inspecting never changes what the core does next.
    const { memory, base } = mmu.state;
    this.#walker = new Walker(memory, memory.u32, base >>> 2);
  }

  /** The view of the core's current exception level. */
  get present(): View {
    return viewOf(this.#state.el);
  }

  /** How a virtual address is translated for an access, descriptor by descriptor. */
  explain(va: bigint, view: View = this.present, need: Need = Need.read): Translation {
    const walker = this.#walker;
    const steps: TranslationStep[] = [];
    walker.descriptors.trace = (step) => steps.push(explainStep(step, view.regime));
    const done = this.#translate(va, view, need);
    walker.descriptors.trace = undefined;
    if (!done) {
      const [low, high] = halves(va);
      const access = { low, high, write: need === Need.write, maintenance: false };
      return { steps, result: { ok: false, fault: faultOf(walker, access) } };
    }
    const { readable, writable, executable, device, attributes, shareability } = walker;
    const pa = physAddr(walker.page * 4096 + Number(va & 0xfffn));
    return {
      steps,
      result: { ok: true, pa, readable, writable, executable, device, attributes, shareability },
    };
  }

  /** Bytes of RAM at a virtual address, whatever its permissions: as many of `length` as are mapped without a gap. */
  readVirtual(va: bigint, length: number, view: View = this.present): Uint8Array {
    return this.#read(length, Number(va & 0xfffn), (offset) => {
      return this.#translate(va + BigInt(offset), view, Need.nothing) ? this.#walker.page : -1;
    });
  }

  /** The same at an intermediate physical address of EL1&0, through stage 2 if it is on. */
  readIpa(ipa: number, length: number): Uint8Array {
    return this.#read(length, ipa % 4096, (offset) => {
      this.#walker.stage2.forget();
      return this.#walker.translateIpa(Math.floor((ipa + offset) / 4096)) ? this.#walker.page : -1;
    });
  }

  /** The same at a physical address. */
  readPhysical(pa: number, length: number): Uint8Array {
    return this.#read(length, pa % 4096, (offset) => Math.floor((pa + offset) / 4096));
  }

  #translate(va: bigint, view: View, need: Need): boolean {
    this.#walker.stage2.forget();
    return this.#walker.translate(...halves(va), view, need);
  }

  /** Reads page by page; `pageAt` gives the physical page for an offset from the start, or -1. */
  #read(length: number, start: number, pageAt: (offset: number) => number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const within = (start + done) % 4096;
      const count = Math.min(length - done, 4096 - within);
      const page = pageAt(done);
      const host = page === -1 ? 0 : this.#walker.hostPage(page) * 4096;
      if (host === 0) break;
      bytes.set(this.#state.memory.u8.subarray(host + within, host + within + count), done);
      done += count;
    }
    return bytes.subarray(0, done);
  }
}

const halves = (va: bigint): [number, number] => [
  Number(BigInt.asUintN(32, va)),
  Number(BigInt.asUintN(32, BigInt.asUintN(64, va) >> 32n)),
];

const explainStep = (step: WalkStep, regime: Regime): TranslationStep => {
  const { stage, level, forTable, isIpa, low, high, kind, sizeLog2 } = step;
  const descriptor = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const leaf = kind === 'block' || kind === 'page';
  const outputBits = leaf ? sizeLog2 : 12;
  const output = kind === 'invalid' || kind === 'external abort' ? 0n : (descriptor & outputMask) >> BigInt(outputBits);
  return {
    stage,
    level,
    forTable,
    address: step.page * 4096 + step.offset,
    isIpa,
    descriptor,
    kind,
    sizeLog2,
    output: Number(output << BigInt(outputBits)),
    fields: kind === 'invalid' ? [] : fieldsOf(stage, regime, leaf, descriptor),
  };
};

const outputMask = 0xffff_ffff_f000n;

type DescriptorField = readonly [name: string, low: number, width: number];

/** Attribute fields of block and page descriptors (Arm ARM D4.3.3), by stage. */
const stage1Leaf: readonly DescriptorField[] = [
  ['AttrIndx', 2, 3],
  ['NS', 5, 1],
  ['AP', 6, 2],
  ['SH', 8, 2],
  ['AF', 10, 1],
  ['nG', 11, 1],
  ['Contiguous', 52, 1],
  ['PXN', 53, 1],
  ['UXN', 54, 1],
];
const stage2Leaf: readonly DescriptorField[] = [
  ['MemAttr', 2, 4],
  ['S2AP', 6, 2],
  ['SH', 8, 2],
  ['AF', 10, 1],
  ['Contiguous', 52, 1],
  ['XN', 54, 1],
];
const stage1Table: readonly DescriptorField[] = [
  ['PXNTable', 59, 1],
  ['UXNTable', 60, 1],
  ['APTable', 61, 2],
  ['NSTable', 63, 1],
];

const fieldsOf = (stage: 1 | 2, regime: Regime, leaf: boolean, descriptor: bigint): string[] => {
  const fields = stage === 1 ? (leaf ? stage1Leaf : stage1Table) : leaf ? stage2Leaf : [];
  return fields.flatMap(([name, low, width]) => {
    const value = (descriptor >> BigInt(low)) & ((1n << BigInt(width)) - 1n);
    // EL2 has one execute-never bit, in the place of EL1&0's UXN.
    const shown = regime === 2 ? name.replace('UXN', 'XN') : name;
    if (width === 1) return value ? [shown] : [];
    return name === 'APTable' && !value ? [] : [`${shown}=${value}`];
  });
};
