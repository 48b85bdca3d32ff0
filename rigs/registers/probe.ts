import { crmOf, crnOf, mrs, msr, op0Of, op1Of, op2Of } from '../../src/a64/system-encoding.ts';
import { Cptr, Hcr, Mdcr, Mdscr, Sctlr } from '../../src/arch/state/control-bits.ts';
import type { SystemSlot } from '../../src/arch/state/slots.ts';
import { SystemBench } from '../../src/arch/system/system-testing.ts';
import { defined } from '../../src/base/assert.ts';

/** What the machine does with a system register, found by executing MRS and MSR at each level. */
export interface Probed {
  readonly encoding: number;
  /** Lowest levels that can read and write it; undefined if none can. */
  readonly readable: 0 | 1 | 2 | undefined;
  readonly writable: 0 | 1 | 2 | undefined;
  /** Controls that trap EL0 or EL1, such as `HCR_EL2.TVM (w)`. */
  readonly traps: readonly string[];
  /** Its value at EL2 after reset; undefined if it cannot be read. */
  readonly reset: bigint | undefined;
}

type Level = 0 | 1 | 2;

/** A bit that traps accesses when it is set, or when it is clear. */
interface Control {
  readonly register: SystemSlot;
  readonly bit: number;
  readonly name: string;
  /** The value that lets accesses pass. */
  readonly passes: 0 | 1;
}

const bits = (register: SystemSlot, passes: 0 | 1, named: Readonly<Record<string, number>>): Control[] =>
  Object.entries(named).map(([name, bit]) => ({ register, bit: bit >>> 0, name: `${register}.${name}`, passes }));
const { VM: _vm, RW: _rw, TGE: _tge, ...hcr } = Hcr;
const hstr = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`T${n}`, 1 << n]));

/** All controls that the Arm ARM lets trap a system register. */
const controls: readonly Control[] = [
  ...bits('HCR_EL2', 0, hcr),
  ...bits('CPTR_EL2', 0, Cptr),
  ...bits('HSTR_EL2', 0, hstr),
  ...bits('MDCR_EL2', 0, { TPMCR: Mdcr.TPMCR, TPM: Mdcr.TPM, TDE: Mdcr.TDE, TDA: Mdcr.TDA }),
  ...bits('MDCR_EL2', 0, { TDOSA: Mdcr.TDOSA, TDRA: Mdcr.TDRA }),
  ...bits('CNTHCTL_EL2', 1, { EL1PCTEN: 1, EL1PCEN: 2 }),
  ...bits('ACTLR_EL2', 1, { CPUACTLR: 1, CPUECTLR: 2, L2CTLR: 0x10, L2ECTLR: 0x20, L2ACTLR: 0x40 }),
  ...bits('CPACR_EL1', 1, { FPEN: 0x30_0000 }),
  ...bits('SCTLR_EL1', 1, { UMA: Sctlr.UMA, UCT: Sctlr.UCT }),
  ...bits('MDSCR_EL1', 0, { TDCC: Mdscr.TDCC }),
  ...bits('CNTKCTL_EL1', 1, { EL0PCTEN: 1, EL0VCTEN: 2, EL0VTEN: 0x100, EL0PTEN: 0x200 }),
  ...bits('PMUSERENR_EL0', 1, { EN: 1 }),
];

/** The value of each controlling register that lets all accesses pass. */
const passing = (): Map<SystemSlot, bigint> => {
  const values = new Map<SystemSlot, bigint>([['HCR_EL2', 0x8000_0000n]]);
  for (const { register, bit, passes } of controls)
    values.set(register, (values.get(register) ?? 0n) | (passes === 1 ? BigInt(bit) : 0n));
  return values;
};

/** Executes accesses on one core without MMU. */
export class RegisterProbe {
  // The four cores of the ZynqMP, because L2CTLR_EL1 counts them.
  readonly #bench = new SystemBench(4);
  readonly #passing = passing();

  /** The registers by name. */
  readonly encodings: ReadonlyMap<string, number> = new Map(
    this.#bench.unit.registers.map(({ name, encoding }) => [name, encoding]),
  );

  probe(name: string): Probed {
    const encoding = defined(this.encodings.get(name), name);
    const lowest = (write: boolean): Level | undefined =>
      ([0, 1, 2] as const).find((level) => this.#completes(encoding, write, level));
    const readable = lowest(false);
    const writable = lowest(true);
    const traps = controls.flatMap(({ name: control, ...rest }) => {
      const read = this.#traps(encoding, false, readable, rest);
      const write = this.#traps(encoding, true, writable, rest);
      if (!read && !write) return [];
      const both = (read || readable === undefined) && (write || writable === undefined);
      return [both ? control : `${control} (${read ? 'r' : 'w'})`];
    });
    const reset = readable === undefined ? undefined : this.#read(encoding);
    return { encoding, readable, writable, traps, reset };
  }

  #traps(encoding: number, write: boolean, lowest: Level | undefined, control: Omit<Control, 'name'>): boolean {
    if (lowest === undefined) return false;
    const value = this.#passing.get(control.register) ?? 0n;
    const changed = new Map(this.#passing).set(control.register, value ^ BigInt(control.bit));
    return ([0, 1, 2] as const).some((level) => level >= lowest && !this.#completes(encoding, write, level, changed));
  }

  /** Whether an access from a level completes. SP_EL0 is accessed on SP_ELx. */
  #completes(encoding: number, write: boolean, level: Level, values = this.#passing): boolean {
    const bench = this.#bench;
    const core = bench.core();
    bench.unit.reset(core, 2, 0x1000n);
    for (const [register, value] of values) core.setSystem(register, value);
    bench.level(level);
    core.setX(0, 0n);
    bench.run(wordFor(encoding, write));
    return core.pc === 0x1004n;
  }

  #read(encoding: number): bigint {
    const bench = this.#bench;
    const core = bench.core();
    bench.unit.reset(core, 2, 0x1000n);
    bench.run(wordFor(encoding, false));
    return core.x(0);
  }
}

const wordFor = (encoding: number, write: boolean): number => {
  const fields = [op0Of(encoding), op1Of(encoding), crnOf(encoding), crmOf(encoding), op2Of(encoding)] as const;
  return write ? msr(fields) : mrs(fields);
};
