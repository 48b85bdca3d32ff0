import { Core } from '../../a64/layout.ts';
import type { SystemFields } from '../../a64/system-encoding.ts';
import { Cptr, Hcr, Pstate, Sctlr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { systemOffset } from '../state/slots.ts';
import { fpEnabled } from './process-state.ts';
import { AccessCheck, computed, constant, type Guard, low32, type SystemRegister, stored } from './system-register.ts';

/**
 * Identification, control, exception and translation registers of a Cortex-A53 r0p4 (TRM DDI 0500, chapter 4, and Arm
 * ARM DDI 0487, D13.2). It executes no AArch32: the ID registers say so, and HCR_EL2.RW is RAO/WI. The registers in
 * which a hypervisor keeps AArch32 state exist nevertheless, because it saves and restores them whatever its guests are.
 * docs/registers.md lists all registers with their traps and reset values.
 */

const hcr = systemOffset('HCR_EL2');
const cptr = systemOffset('CPTR_EL2');
const sctlr1 = systemOffset('SCTLR_EL1');

/** Guards that do nothing but trap EL1's accesses to EL2 while a bit of HCR_EL2 is set. */
export const hcrTraps = new Map<Guard, number>();
const trappedBy = (bit: number): Guard => {
  const guard: Guard = (core) =>
    core.word(Core.el) === 1 && (core.word(hcr) & bit) !== 0 ? AccessCheck.trapEl2 : AccessCheck.allowed;
  hcrTraps.set(guard, bit);
  return guard;
};

const tid1 = trappedBy(Hcr.TID1);
const tid2 = trappedBy(Hcr.TID2);
const tid3 = trappedBy(Hcr.TID3);
const tacr = trappedBy(Hcr.TACR);

/** Registers of EL1's virtual memory: TVM traps writes, TRVM reads. */
export const virtualMemory: Guard = (core, write) =>
  core.word(Core.el) === 1 && (core.word(hcr) & (write ? Hcr.TVM : Hcr.TRVM)) !== 0
    ? AccessCheck.trapEl2
    : AccessCheck.allowed;

/** SP_EL0 is a register of its own while SP_ELx is the stack pointer; else it is UNDEFINED. */
export const spElxInUse: Guard = (core) =>
  (core.word(Core.pstate) & Pstate.sp) === 0 ? AccessCheck.undefined : AccessCheck.allowed;

const cpacrGuard: Guard = (core) =>
  core.word(Core.el) === 1 && (core.word(cptr) & Cptr.TCPAC) !== 0 ? AccessCheck.trapEl2 : AccessCheck.allowed;

export const ctrGuard: Guard = (core, write) => {
  if (core.word(Core.el) === 0 && (core.word(sctlr1) & Sctlr.UCT) === 0) return AccessCheck.trapEl1;
  return core.word(Core.el) < 2 && (core.word(hcr) & Hcr.TID2) !== 0 ? AccessCheck.trapEl2 : tid2(core, write);
};

/** MIDR_EL1 of a Cortex-A53 r0p4, and MPIDR_EL1 of core n of the one cluster. */
export const midr = 0x410f_d034n;
export const mpidr = (core: number): bigint => 0x8000_0000n | BigInt(core);

/** Data and unified caches by CSSELR_EL1: L1 data 32 KiB, L1 instruction 32 KiB, L2 1 MiB (TRM 4.3.22; UG1087, APU). */
const ccsidr = [0x700f_e01an, 0x201f_e00an, 0x707f_e07an] as const;

/** DCZID_EL0: blocks of 64 bytes; DZP while DC ZVA is off at this level. */
const dczid = (core: CoreState): bigint => {
  const el = core.word(Core.el);
  const prohibited =
    (el === 0 && (core.word(sctlr1) & Sctlr.DZE) === 0) || (el < 2 && (core.word(hcr) & Hcr.TDZ) !== 0);
  return prohibited ? 0x14n : 0x4n;
};

/** ID registers of EL1 by CRm and op2 that say something. The others of CRn = 0, CRm = 1-7 read as zero. */
const identification = new Map<string, bigint>([
  // ID_AA64PFR0_EL1: AArch64 alone at EL0-EL3, FP, AdvSIMD.
  ['4,0', 0x1111n],
  // ID_AA64DFR0_EL1.
  ['5,0', 0x1030_5106n],
  // ID_AA64ISAR0_EL1: AES with PMULL, SHA1, SHA2-256, CRC32.
  ['6,0', 0x0001_1120n],
  // ID_AA64MMFR0_EL1: 40-bit PA, 16-bit ASID, mixed-endian data, SNSMem, granules of 4K and 64K.
  ['7,0', 0x1122n],
]);

/** Names of the ID registers by CRm, from op2 = 0. Those from CRm = 1 to 3 describe AArch32. */
const identificationNames: readonly (readonly string[])[] = [
  [],
  ['ID_PFR0', 'ID_PFR1', 'ID_DFR0', 'ID_AFR0', 'ID_MMFR0', 'ID_MMFR1', 'ID_MMFR2', 'ID_MMFR3'],
  ['ID_ISAR0', 'ID_ISAR1', 'ID_ISAR2', 'ID_ISAR3', 'ID_ISAR4', 'ID_ISAR5'],
  ['MVFR0', 'MVFR1', 'MVFR2'],
  ['ID_AA64PFR0', 'ID_AA64PFR1'],
  ['ID_AA64DFR0', 'ID_AA64DFR1', '', '', 'ID_AA64AFR0', 'ID_AA64AFR1'],
  ['ID_AA64ISAR0', 'ID_AA64ISAR1'],
  ['ID_AA64MMFR0', 'ID_AA64MMFR1'],
];

const identificationRegisters = (): SystemRegister[] =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((crm) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((op2) => {
      const name = identificationNames[crm]?.[op2];
      const value = identification.get(`${crm},${op2}`) ?? 0n;
      return constant(name ? `${name}_EL1` : `ID_C0_C${crm}_${op2}`, [3, 0, 0, crm, op2], {
        read: 1,
        value,
        guard: tid3,
      });
    }),
  );

/** What must be brought up to date after a write to a control register. */
export interface ControlEffects {
  /** Translation: TTBRs, TCRs, MAIRs, VTCR. */
  readonly translation: (core: CoreState) => void;
  /** The root of stage 2: VTTBR_EL2. */
  readonly stage2: (core: CoreState) => void;
  /** All that follows from SCTLR_ELx and HCR_EL2: translation, checks, interrupts. */
  readonly control: (core: CoreState) => void;
  /** The traps of FP: CPACR_EL1, CPTR_EL2. */
  readonly checks: (core: CoreState) => void;
  /** CONTEXTIDR_EL1. */
  readonly contextId: (core: CoreState) => void;
}

const zero = (name: string, fields: SystemFields, level: number, guard?: Guard): SystemRegister =>
  computed(name, fields, { read: level, write: level, ...(guard && { guard }) });

export const controlRegisters = (effects: ControlEffects, cores: number): SystemRegister[] => {
  const { translation, stage2, control, checks, contextId } = effects;
  const el1 = { read: 1 };
  const el2 = { read: 2 };
  const vm = { read: 1, guard: virtualMemory };
  return [
    ...identificationRegisters(),
    computed('MIDR_EL1', [3, 0, 0, 0, 0], {
      read: 1,
      value: (core) => (core.el === 1 ? core.system('VPIDR_EL2') : midr),
    }),
    computed('MPIDR_EL1', [3, 0, 0, 0, 5], {
      read: 1,
      value: (core) => (core.el === 1 ? core.system('VMPIDR_EL2') : mpidr(core.index)),
    }),
    constant('REVIDR_EL1', [3, 0, 0, 0, 6], { read: 1, value: 0n, guard: tid1 }),
    constant('AIDR_EL1', [3, 1, 0, 0, 7], { read: 1, value: 0n, guard: tid1 }),
    computed('CCSIDR_EL1', [3, 1, 0, 0, 0], {
      read: 1,
      guard: tid2,
      value: (core) => {
        const select = core.systemLow('CSSELR_EL1');
        // InD selects the instruction cache at level 1. Caches that do not exist read as zero.
        return (select === 0 ? ccsidr[0] : select === 1 ? ccsidr[1] : select === 2 ? ccsidr[2] : undefined) ?? 0n;
      },
    }),
    constant('CLIDR_EL1', [3, 1, 0, 0, 1], { read: 1, value: 0x0a20_0023n, guard: tid2 }),
    stored('CSSELR_EL1', [3, 2, 0, 0, 0], { ...el1, writable: 0xfn, guard: tid2 }),
    constant('CTR_EL0', [3, 3, 0, 0, 1], { read: 0, value: 0x8444_8004n, guard: ctrGuard }),
    computed('DCZID_EL0', [3, 3, 0, 0, 7], { read: 0, value: dczid }),
    stored('VPIDR_EL2', [3, 4, 0, 0, 0], { ...el2, writable: low32, reset: midr }),
    stored('VMPIDR_EL2', [3, 4, 0, 0, 5], { ...el2, writable: 0xff_41ff_ffffn, fixed: 0x8000_0000n }),

    stored('SCTLR_EL1', [3, 0, 1, 0, 0], {
      ...vm,
      writable: 0x070d_d3bfn,
      fixed: 0x30d0_0800n,
      reset: 0x30d5_0838n,
      changed: control,
    }),
    zero('ACTLR_EL1', [3, 0, 1, 0, 1], 1, tacr),
    stored('CPACR_EL1', [3, 0, 1, 0, 2], { ...el1, writable: 0x30_0000n, guard: cpacrGuard, changed: checks }),
    stored('SCTLR_EL2', [3, 4, 1, 0, 0], {
      ...el2,
      writable: 0x0208_100fn,
      fixed: 0x30c5_0830n,
      reset: 0x30c5_0838n,
      changed: control,
    }),
    stored('ACTLR_EL2', [3, 4, 1, 0, 1], { ...el2, writable: 0x73n }),
    // HCD is RES0 where EL3 exists; RW is RAO/WI without AArch32.
    stored('HCR_EL2', [3, 4, 1, 1, 0], { ...el2, writable: 0x3_5fff_ffffn, fixed: 0x8000_0000n, changed: control }),
    stored('CPTR_EL2', [3, 4, 1, 1, 2], { ...el2, writable: 0x8000_0400n, fixed: 0x33ffn, changed: checks }),
    stored('HSTR_EL2', [3, 4, 1, 1, 3], { ...el2, writable: 0xbfefn }),
    zero('HACR_EL2', [3, 4, 1, 1, 7], 2),

    stored('TTBR0_EL1', [3, 0, 2, 0, 0], { ...vm, changed: translation }),
    stored('TTBR1_EL1', [3, 0, 2, 0, 1], { ...vm, changed: translation }),
    stored('TCR_EL1', [3, 0, 2, 0, 2], { ...vm, writable: 0x77_ffff_ffbfn, changed: translation }),
    stored('TTBR0_EL2', [3, 4, 2, 0, 0], { ...el2, writable: 0xffff_ffff_ffffn, changed: translation }),
    stored('TCR_EL2', [3, 4, 2, 0, 2], { ...el2, writable: 0x17_ff3fn, fixed: 0x8080_0000n, changed: translation }),
    stored('VTTBR_EL2', [3, 4, 2, 1, 0], { ...el2, writable: 0xff_ffff_ffff_ffffn, changed: stage2 }),
    stored('VTCR_EL2', [3, 4, 2, 1, 2], { ...el2, writable: 0x7_ffffn, fixed: 0x8000_0000n, changed: translation }),
    stored('MAIR_EL1', [3, 0, 10, 2, 0], { ...vm, changed: translation }),
    stored('MAIR_EL2', [3, 4, 10, 2, 0], { ...el2, changed: translation }),
    zero('AMAIR_EL1', [3, 0, 10, 3, 0], 1, virtualMemory),
    zero('AMAIR_EL2', [3, 4, 10, 3, 0], 2),
    stored('CONTEXTIDR_EL1', [3, 0, 13, 0, 1], { ...vm, writable: low32, changed: contextId }),
    stored('PAR_EL1', [3, 0, 7, 4, 0], el1),

    stored('SP_EL0', [3, 0, 4, 1, 0], { ...el1, guard: spElxInUse }),
    stored('SP_EL1', [3, 4, 4, 1, 0], el2),
    stored('SPSR_EL1', [3, 0, 4, 0, 0], { ...el1, writable: low32 }),
    stored('ELR_EL1', [3, 0, 4, 0, 1], el1),
    stored('SPSR_EL2', [3, 4, 4, 0, 0], { ...el2, writable: low32 }),
    stored('ELR_EL2', [3, 4, 4, 0, 1], el2),
    ...aarch32State(),
    zero('AFSR0_EL1', [3, 0, 5, 1, 0], 1, virtualMemory),
    zero('AFSR1_EL1', [3, 0, 5, 1, 1], 1, virtualMemory),
    stored('ESR_EL1', [3, 0, 5, 2, 0], { ...vm, writable: low32 }),
    zero('AFSR0_EL2', [3, 4, 5, 1, 0], 2),
    zero('AFSR1_EL2', [3, 4, 5, 1, 1], 2),
    stored('ESR_EL2', [3, 4, 5, 2, 0], { ...el2, writable: low32 }),
    stored('FAR_EL1', [3, 0, 6, 0, 0], vm),
    stored('FAR_EL2', [3, 4, 6, 0, 0], el2),
    stored('HPFAR_EL2', [3, 4, 6, 0, 4], { ...el2, writable: 0xff_ffff_fff0n }),
    stored('VBAR_EL1', [3, 0, 12, 0, 0], { ...el1, writable: 0xffff_ffff_ffff_f800n }),
    stored('VBAR_EL2', [3, 4, 12, 0, 0], { ...el2, writable: 0xffff_ffff_ffff_f800n }),
    computed('ISR_EL1', [3, 0, 12, 1, 0], { read: 1, value: interruptStatus }),
    stored('TPIDR_EL0', [3, 3, 13, 0, 2], { read: 0 }),
    stored('TPIDRRO_EL0', [3, 3, 13, 0, 3], { read: 0, write: 1 }),
    stored('TPIDR_EL1', [3, 0, 13, 0, 4], el1),
    stored('TPIDR_EL2', [3, 4, 13, 0, 2], el2),
    ...implementationDefined(cores),
  ];
};

/** What EL2 keeps for AArch32 at the levels below. It has no effect on AArch64. */
const aarch32State = (): SystemRegister[] => [
  stored('SPSR_irq', [3, 4, 4, 3, 0], { read: 2, writable: low32 }),
  stored('SPSR_abt', [3, 4, 4, 3, 1], { read: 2, writable: low32 }),
  stored('SPSR_und', [3, 4, 4, 3, 2], { read: 2, writable: low32 }),
  stored('SPSR_fiq', [3, 4, 4, 3, 3], { read: 2, writable: low32 }),
  stored('DACR32_EL2', [3, 4, 3, 0, 0], { read: 2, writable: low32 }),
  // ExT, LPAE, and the status in both formats.
  stored('IFSR32_EL2', [3, 4, 5, 0, 1], { read: 2, writable: 0x163fn }),
  // EN alone: the Cortex-A53 has no asynchronous floating-point exceptions (TRM 4.3.66).
  stored('FPEXC32_EL2', [3, 4, 5, 3, 0], { read: 2, writable: 0x4000_0000n, fixed: 0x700n, guard: fpEnabled }),
];

/** ISR_EL1: at EL1, the virtual interrupts in place of those physical ones that HCR_EL2 routes to EL2. */
const interruptStatus = (core: CoreState): bigint => {
  const mask = Pstate.A | Pstate.I | Pstate.F;
  const lines = core.systemLow('interruptLines');
  if (core.el === 2) return BigInt(lines & mask);
  const control = core.word(hcr);
  const routed = (control << 3) & mask;
  return BigInt((lines & mask & ~routed) | (((lines >>> 16) | control) & routed));
};

/**
 * IMPLEMENTATION DEFINED registers of the Cortex-A53 (TRM 4.3.60 and later). EL1 may write what ACTLR_EL2 and ACTLR_EL3
 * allow; reads are free. The reset values are those of a ZynqMP's APU: its number of cores, 1 MiB of L2.
 */
const implementationDefined = (cores: number): SystemRegister[] => {
  const guarded =
    (bit: number): Guard =>
    (core, write) =>
      write && core.word(Core.el) === 1 && (core.word(systemOffset('ACTLR_EL2')) & bit) === 0
        ? AccessCheck.trapEl2
        : AccessCheck.allowed;
  return [
    stored('L2CTLR_EL1', [3, 1, 11, 0, 2], {
      read: 1,
      writable: 0x21n,
      reset: BigInt(cores - 1) << 24n,
      guard: guarded(1 << 4),
    }),
    // Its bits 29 and 30 report errors, and a write can only clear them. There are none.
    stored('L2ECTLR_EL1', [3, 1, 11, 0, 3], { read: 1, writable: 7n, guard: guarded(1 << 5) }),
    stored('L2ACTLR_EL1', [3, 1, 15, 0, 0], {
      read: 1,
      writable: low32,
      reset: 0x8000_0000n,
      guard: guarded(1 << 6),
    }),
    stored('CPUACTLR_EL1', [3, 1, 15, 2, 0], { read: 1, reset: 0x090c_a000n, guard: guarded(1 << 0) }),
    stored('CPUECTLR_EL1', [3, 1, 15, 2, 1], { read: 1, writable: 0x7fn, reset: 0x40n, guard: guarded(1 << 1) }),
    // The last memory error, which any write clears. There are none.
    zero('CPUMERRSR_EL1', [3, 1, 15, 2, 2], 1),
    zero('L2MERRSR_EL1', [3, 1, 15, 2, 3], 1),
    // Where the interrupt controller lies: the ZynqMP's GIC-400 at F900_0000.
    constant('CBAR_EL1', [3, 1, 15, 3, 0], { read: 1, value: 0xf900_0000n }),
  ];
};
