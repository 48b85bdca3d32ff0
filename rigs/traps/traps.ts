import { Core } from '../../src/a64/layout.ts';
import { Pstate } from '../../src/arch/state/control-bits.ts';
import type { SystemSlot } from '../../src/arch/state/slots.ts';
import { SystemBench } from '../../src/arch/system/system-testing.ts';

/**
 * How system instructions end, compared with QEMU's Cortex-A53: `node scripts/bare-metal.mjs traps` records
 * recorded.txt, of which each line is `level setting word outcome`. Outcomes that are left out were UNDEFINED. The
 * words and settings are those of rigs/traps/main.c.
 */

/** `-`: completed; else the level that took the exception, and ESR. */
export type Outcome = string;

/**
 * Registers as main.c sets them: no traps; all traps of HCR_EL2 but TGE and TVM's reads; TVM and TRVM; TGE; FP, and
 * those of HSTR_EL2, which concern AArch32 alone.
 */
const open = {
  SCTLR_EL1: 0x30d0_0800n | 0x0400_c200n,
  CNTKCTL_EL1: 0x303n,
  PMUSERENR_EL0: 1n,
} as const;
const settings: readonly Partial<Record<SystemSlot, bigint>>[] = [
  { HCR_EL2: 0x8000_0000n },
  { ...open, HCR_EL2: 0x87ff_e000n, CNTHCTL_EL2: 0n, MDCR_EL2: 0xe66n, CPTR_EL2: 0x8000_33ffn },
  { ...open, HCR_EL2: 0xc400_0000n },
  { HCR_EL2: 0x8800_0000n },
  { HCR_EL2: 0x8000_0000n, CPTR_EL2: 0x37ffn, HSTR_EL2: 0xbfefn },
];
const common = { SCTLR_EL1: 0x30d0_0800n, CPACR_EL1: 0x30_0000n, OSLSR_EL1: 8n } as const;

/** Level and setting as one number: EL1 does not exist under TGE, EL2 is not subject to the traps but that of FP. */
export const cases = [0, 1, 2].flatMap((level) =>
  settings.flatMap((_, setting) =>
    (level === 1 && setting === 3) || (level === 2 && setting !== 0 && setting !== 4)
      ? []
      : [level * settings.length + setting],
  ),
);
export const caseOf = (level: number, setting: number): number => level * settings.length + setting;

/** The outcome that the recording leaves out: UNDEFINED, taken to EL1, or to EL2 from there or under TGE. */
export const undefinedIn = (place: number): Outcome => {
  const level = Math.floor(place / settings.length);
  const setting = place % settings.length;
  return `${level === 2 || (level === 0 && setting === 3) ? 2 : 1} 2000000`;
};

/** All words that are executed; `readable`: those MRS that QEMU completes at EL2, whose MSR is tried too. */
export const words = (readable: ReadonlySet<number>): number[] => {
  const list: number[] = [];
  for (let encoding = 0x8000; encoding < 0x1_0000; encoding++) {
    const mrs = (0xd520_0000 | (encoding << 5)) >>> 0;
    list.push(mrs);
    if (encoding !== 0xc600 && readable.has(mrs)) list.push((0xd500_0000 | (encoding << 5)) >>> 0);
  }
  for (let encoding = 0; encoding < 0x8000; encoding++) {
    const op0 = encoding >>> 14;
    const crn = (encoding >>> 7) & 15;
    const word = (0xd500_0000 | (encoding << 5)) >>> 0;
    if (op0 === 1 && (crn === 7 || crn === 8)) list.push(word, (word | 0x0020_0000) >>> 0);
    if (op0 === 0 && crn >= 2 && crn <= 4 && word !== 0xd503_2040 && word !== 0xd503_2060) list.push(word | 31);
  }
  for (let choice = 0; choice < 0x100; choice++) {
    const opc = choice >>> 5;
    const ll = choice & 31;
    if (opc !== 0 || (ll !== 2 && ll !== 3)) list.push((0xd400_0000 | (opc << 21) | (5 << 5) | ll) >>> 0);
  }
  list.push(0xd6bf_03e0);
  return list.map((word) => word >>> 0);
};

/** Whether a case is at EL0. */
export const atEl0 = (place: number): boolean => place < settings.length;

/** Whether main.c tries a word at the level of a case: it writes no registers at EL2. */
export const tried = (word: number, place: number): boolean =>
  place < 2 * settings.length || (word & 0xfff0_0000) >>> 0 !== 0xd510_0000;

/** Executes words on a core without MMU, each from the same state. */
export class TrapBench {
  readonly #bench = new SystemBench();

  /** Sets a case up; `outcome` can then be asked for any number of words. */
  outcome(word: number, place: number): Outcome {
    const bench = this.#bench;
    const core = bench.core();
    const level = Math.floor(place / settings.length);
    bench.unit.reset(core, 2, 0x1000n);
    bench.set(common);
    bench.set(settings[place % settings.length] ?? {});
    bench.set({
      SPSR_EL2: BigInt(Pstate.daif | (level === 0 ? 0 : (level << Pstate.elShift) | Pstate.sp)),
      ELR_EL2: 0x1000n,
    });
    bench.run(0xd69f_03e0);
    const sys = (word & 0xfff0_0000) >>> 0 === 0xd500_0000 || (word & 0xfff8_0000) >>> 0 === 0xd508_0000;
    core.setX(0, sys ? 0x4700_0000n : 0n);
    bench.run(word);
    if (core.pc === 0x1004n && core.word(Core.el) === level) return '-';
    return `${core.el} ${core.systemLow(core.el === 1 ? 'ESR_EL1' : 'ESR_EL2').toString(16)}`;
  }
}
