/**
 * The AArch64 system registers of a Cortex-A53 r0p4, by the tables of its TRM (DDI 0500, 4.2, 10.3, 11.5, 12.4) and of
 * the Arm ARM (DDI 0487, D11 for the timers). What the machine makes of them is found by `probe.ts`.
 */

/** A register that an access from EL0, EL1 or EL2 reaches. */
export interface TrmRegister {
  readonly name: string;
  /** Its value after reset where the TRM gives one, else undefined: architecturally UNKNOWN, or of the board. */
  readonly reset: bigint | undefined;
  /** Where this machine or its board departs from the TRM, or what the register does not do here. */
  readonly note?: string;
}

const known = (name: string, reset: bigint, note?: string): TrmRegister => ({ name, reset, ...(note && { note }) });
const open = (name: string, note?: string): TrmRegister => ({ name, reset: undefined, ...(note && { note }) });
const each = (count: number, ...names: readonly string[]): TrmRegister[] =>
  names.flatMap((name) => Array.from({ length: count }, (_, n) => open(name.replace('#', `${n}`))));

/** The registers by the TRM's subjects. */
export const trm: readonly { readonly subject: string; readonly registers: readonly TrmRegister[] }[] = [
  {
    subject: 'Identification',
    registers: [
      known('MIDR_EL1', 0x410f_d034n, 'EL1 reads VPIDR_EL2'),
      known('MPIDR_EL1', 0x8000_0000n, 'Core 0; EL1 reads VMPIDR_EL2'),
      known('REVIDR_EL1', 0n),
      known('AIDR_EL1', 0n),
      known('ID_AA64PFR0_EL1', 0x1111n, 'The TRM has 0x2222: here EL0 and EL1 execute no AArch32'),
      known('ID_AA64PFR1_EL1', 0n),
      known('ID_AA64DFR0_EL1', 0x1030_5106n),
      known('ID_AA64DFR1_EL1', 0n),
      known('ID_AA64AFR0_EL1', 0n),
      known('ID_AA64AFR1_EL1', 0n),
      known('ID_AA64ISAR0_EL1', 0x0001_1120n),
      known('ID_AA64ISAR1_EL1', 0n),
      known('ID_AA64MMFR0_EL1', 0x1122n),
      known('ID_AA64MMFR1_EL1', 0n),
      ...[
        ...['ID_PFR0_EL1', 'ID_PFR1_EL1', 'ID_DFR0_EL1', 'ID_AFR0_EL1'],
        ...['ID_MMFR0_EL1', 'ID_MMFR1_EL1', 'ID_MMFR2_EL1', 'ID_MMFR3_EL1', 'ID_ISAR0_EL1', 'ID_ISAR1_EL1'],
        ...['ID_ISAR2_EL1', 'ID_ISAR3_EL1', 'ID_ISAR4_EL1', 'ID_ISAR5_EL1'],
        ...['MVFR0_EL1', 'MVFR1_EL1', 'MVFR2_EL1'],
      ].map((name) => known(name, 0n, 'Describes AArch32, of which there is none here')),
      known('CCSIDR_EL1', 0x700f_e01an),
      known('CLIDR_EL1', 0x0a20_0023n),
      known('CTR_EL0', 0x8444_8004n),
      known('DCZID_EL0', 4n),
      open('CSSELR_EL1'),
      known('VPIDR_EL2', 0x410f_d034n),
      known('VMPIDR_EL2', 0x8000_0000n),
    ],
  },
  {
    subject: 'Control',
    registers: [
      known('SCTLR_EL1', 0x30d5_0838n, 'ITD, SED and CP15BEN hold their values'),
      known('SCTLR_EL2', 0x30c5_0838n),
      known('ACTLR_EL1', 0n),
      known('ACTLR_EL2', 0n),
      known('CPACR_EL1', 0n),
      known('HCR_EL2', 0x8000_0000n, 'RW is RAO/WI: EL1 executes no AArch32'),
      known('CPTR_EL2', 0x33ffn),
      known('HSTR_EL2', 0n, 'Traps AArch32 alone'),
      known('HACR_EL2', 0n),
    ],
  },
  {
    subject: 'Translation',
    registers: [
      ...['TTBR0_EL1', 'TTBR1_EL1', 'TCR_EL1', 'TTBR0_EL2'].map((name) => open(name)),
      known('TCR_EL2', 0x8080_0000n),
      ...['VTTBR_EL2', 'VTCR_EL2', 'MAIR_EL1', 'MAIR_EL2'].map((name) => open(name)),
      known('AMAIR_EL1', 0n),
      known('AMAIR_EL2', 0n),
      open('CONTEXTIDR_EL1'),
      open('PAR_EL1'),
    ],
  },
  {
    subject: 'Exceptions',
    registers: [
      known('AFSR0_EL1', 0n),
      known('AFSR1_EL1', 0n),
      known('AFSR0_EL2', 0n),
      known('AFSR1_EL2', 0n),
      ...['ESR_EL1', 'ESR_EL2', 'FAR_EL1', 'FAR_EL2', 'HPFAR_EL2', 'VBAR_EL1', 'VBAR_EL2'].map((name) => open(name)),
      known('ISR_EL1', 0n),
      ...['SPSR_EL1', 'SPSR_EL2', 'ELR_EL1', 'ELR_EL2'].map((name) => open(name)),
      ...['SP_EL0', 'SP_EL1'].map((name) => open(name)),
    ],
  },
  {
    subject: 'Process state',
    registers: [
      known('CurrentEL', 8n),
      known('SPSel', 1n),
      known('DAIF', 0x3c0n),
      open('NZCV'),
      open('FPCR'),
      open('FPSR', 'NZCV are the flags of AArch32’s FPSCR'),
      ...['TPIDR_EL0', 'TPIDRRO_EL0', 'TPIDR_EL1', 'TPIDR_EL2'].map((name) => open(name)),
    ],
  },
  {
    subject: 'AArch32 below EL2',
    registers: [
      ...['SPSR_irq', 'SPSR_abt', 'SPSR_und', 'SPSR_fiq', 'DACR32_EL2', 'IFSR32_EL2'].map((name) =>
        open(name, 'Holds what is written'),
      ),
      known('FPEXC32_EL2', 0x700n, 'EN holds what is written'),
      open('DBGVCR32_EL2', 'Holds what is written'),
    ],
  },
  {
    subject: 'Generic timer',
    registers: [
      open('CNTFRQ_EL0', 'The firmware sets 100 MHz'),
      ...['CNTPCT_EL0', 'CNTVCT_EL0'].map((name) => open(name)),
      ...['CNTP_TVAL_EL0', 'CNTP_CTL_EL0', 'CNTP_CVAL_EL0'].map((name) => open(name)),
      ...['CNTV_TVAL_EL0', 'CNTV_CTL_EL0', 'CNTV_CVAL_EL0'].map((name) => open(name)),
      ...['CNTHP_TVAL_EL2', 'CNTHP_CTL_EL2', 'CNTHP_CVAL_EL2'].map((name) => open(name)),
      open('CNTKCTL_EL1'),
      known('CNTHCTL_EL2', 3n),
      open('CNTVOFF_EL2'),
    ],
  },
  {
    subject: 'Performance monitors',
    registers: [
      known('PMCR_EL0', 0x4103_3000n),
      known('PMCEID0_EL0', 0x44020f01n, 'The TRM has 0x67ffbfff: here are the events that need no caches or pipeline'),
      known('PMCEID1_EL0', 0n),
      ...['PMCNTENSET_EL0', 'PMCNTENCLR_EL0', 'PMOVSSET_EL0', 'PMOVSCLR_EL0'].map((name) => open(name)),
      ...['PMSWINC_EL0', 'PMSELR_EL0', 'PMCCNTR_EL0', 'PMXEVTYPER_EL0', 'PMXEVCNTR_EL0'].map((name) => open(name)),
      known('PMCCFILTR_EL0', 0n),
      known('PMUSERENR_EL0', 0n),
      ...['PMINTENSET_EL1', 'PMINTENCLR_EL1'].map((name) => open(name)),
      ...each(6, 'PMEVCNTR#_EL0', 'PMEVTYPER#_EL0'),
    ],
  },
  {
    subject: 'Debug',
    registers: [
      known('MDCR_EL2', 6n),
      known('MDSCR_EL1', 0n),
      known('MDCCINT_EL1', 0n),
      known('MDCCSR_EL0', 0n, 'The communications channel has no one at its other end'),
      ...['DBGDTR_EL0', 'DBGDTRRX_EL0', 'OSDTRRX_EL1', 'OSDTRTX_EL1'].map((name) => open(name)),
      open('OSECCR_EL1'),
      known('MDRAR_EL1', 0n, 'No debug ROM table in the memory map'),
      open('OSLAR_EL1'),
      known('OSLSR_EL1', 0xan),
      known('OSDLR_EL1', 0n),
      known('DBGPRCR_EL1', 0n),
      known('DBGCLAIMSET_EL1', 0xffn),
      known('DBGCLAIMCLR_EL1', 0n),
      known('DBGAUTHSTATUS_EL1', 0xaan, 'Non-invasive debug alone'),
      ...each(6, 'DBGBVR#_EL1', 'DBGBCR#_EL1'),
      ...each(4, 'DBGWVR#_EL1', 'DBGWCR#_EL1'),
    ],
  },
  {
    subject: 'IMPLEMENTATION DEFINED',
    registers: [
      known('L2CTLR_EL1', 0x0300_0000n, 'Four cores; latencies hold what is written'),
      known('L2ECTLR_EL1', 0n, 'There are no errors to clear'),
      known('L2ACTLR_EL1', 0x8000_0000n, 'Holds what is written'),
      known('CPUACTLR_EL1', 0x090c_a000n, 'Holds what is written'),
      known('CPUECTLR_EL1', 0x40n, 'The TRM has 0: the firmware sets SMPEN'),
      known('CPUMERRSR_EL1', 0n, 'There are no memory errors'),
      known('L2MERRSR_EL1', 0n, 'There are no memory errors'),
      known('CBAR_EL1', 0xf900_0000n, 'PERIPHBASE of the ZynqMP’s APU'),
    ],
  },
];

/** Registers of the TRM that are UNDEFINED at EL0 to EL2, as on the board, by the reason. */
export const undefinedHere: readonly { readonly names: string; readonly reason: string }[] = [
  {
    names:
      'SCTLR_EL3, ACTLR_EL3, SCR_EL3, SDER32_EL3, CPTR_EL3, MDCR_EL3, TTBR0_EL3, TCR_EL3, MAIR_EL3, AMAIR_EL3, AFSR0_EL3, ' +
      'AFSR1_EL3, ESR_EL3, FAR_EL3, VBAR_EL3, SPSR_EL3, ELR_EL3, SP_EL2, TPIDR_EL3, RVBAR_EL3, RMR_EL3, CDBGDR0_EL3 to ' +
      'CDBGDR3_EL3',
    reason: 'They belong to EL3, which is the firmware’s',
  },
  { names: 'CNTPS_TVAL_EL1, CNTPS_CTL_EL1, CNTPS_CVAL_EL1', reason: 'They belong to EL3 and Secure EL1' },
  { names: 'RVBAR_EL1, RVBAR_EL2, RMR_EL1, RMR_EL2', reason: 'They exist only where that level is the highest' },
  {
    names: 'ICC_*, ICH_*, ICV_*',
    reason: 'The ZynqMP has a GIC-400 and ties GICCDISABLE high, so that ID_AA64PFR0_EL1.GIC is 0',
  },
  { names: 'TEECR32_EL1, TEEHBR32_EL1', reason: 'The Cortex-A53 has no ThumbEE' },
  { names: 'TRC*', reason: 'The trace unit has no system registers; CPTR_EL2.TTA is RES0' },
];
