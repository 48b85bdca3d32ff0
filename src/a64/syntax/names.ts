/**
 * Names in system instructions (Arm ARM DDI 0487, C5 and D13; the GICv3 CPU interface, IHI 0069): those of ARMv8.0-A,
 * the registers that later architectures identify themselves by, and the hints that older cores take as NOP.
 */
import { PstateField, type SystemFields, systemEncoding } from '../system-encoding.ts';

/** System registers by op0, op1, CRn and CRm, in the order of op2; `-` where there is none. */
const registers: Readonly<Record<string, string>> = {
  '2 0 0 0': '- - osdtrrx_el1',
  '2 0 0 2': 'mdccint_el1 - mdscr_el1',
  '2 0 0 3': '- - osdtrtx_el1',
  '2 0 0 6': '- - oseccr_el1',
  '2 0 1 0': 'mdrar_el1 - - - oslar_el1',
  '2 0 1 1': '- - - - oslsr_el1',
  '2 0 1 3': '- - - - osdlr_el1',
  '2 0 1 4': '- - - - dbgprcr_el1',
  '2 0 7 8': '- - - - - - dbgclaimset_el1',
  '2 0 7 9': '- - - - - - dbgclaimclr_el1',
  '2 0 7 14': '- - - - - - dbgauthstatus_el1',
  '2 3 0 1': 'mdccsr_el0',
  '2 3 0 4': 'dbgdtr_el0',
  '2 3 0 5': 'dbgdtrrx_el0',
  '2 4 0 7': 'dbgvcr32_el2',
  '3 0 0 0': 'midr_el1 - - - - mpidr_el1 revidr_el1',
  '3 0 0 1': 'id_pfr0_el1 id_pfr1_el1 id_dfr0_el1 id_afr0_el1 id_mmfr0_el1 id_mmfr1_el1 id_mmfr2_el1 id_mmfr3_el1',
  '3 0 0 2': 'id_isar0_el1 id_isar1_el1 id_isar2_el1 id_isar3_el1 id_isar4_el1 id_isar5_el1 id_mmfr4_el1 id_isar6_el1',
  '3 0 0 3': 'mvfr0_el1 mvfr1_el1 mvfr2_el1 - id_pfr2_el1 id_dfr1_el1 id_mmfr5_el1',
  '3 0 0 4': 'id_aa64pfr0_el1 id_aa64pfr1_el1 - - id_aa64zfr0_el1 id_aa64smfr0_el1',
  '3 0 0 5': 'id_aa64dfr0_el1 id_aa64dfr1_el1 - - id_aa64afr0_el1 id_aa64afr1_el1',
  '3 0 0 6': 'id_aa64isar0_el1 id_aa64isar1_el1 id_aa64isar2_el1',
  '3 0 0 7': 'id_aa64mmfr0_el1 id_aa64mmfr1_el1 id_aa64mmfr2_el1',
  '3 0 1 0': 'sctlr_el1 actlr_el1 cpacr_el1',
  '3 0 2 0': 'ttbr0_el1 ttbr1_el1 tcr_el1',
  '3 0 4 0': 'spsr_el1 elr_el1',
  '3 0 4 1': 'sp_el0',
  '3 0 4 2': 'spsel - currentel',
  '3 0 4 6': 'icc_pmr_el1',
  '3 0 5 1': 'afsr0_el1 afsr1_el1',
  '3 0 5 2': 'esr_el1',
  '3 0 6 0': 'far_el1',
  '3 0 7 4': 'par_el1',
  '3 0 9 14': '- pmintenset_el1 pmintenclr_el1',
  '3 0 10 2': 'mair_el1',
  '3 0 10 3': 'amair_el1',
  '3 0 12 0': 'vbar_el1 rvbar_el1 rmr_el1',
  '3 0 12 1': 'isr_el1',
  '3 0 12 8':
    'icc_iar0_el1 icc_eoir0_el1 icc_hppir0_el1 icc_bpr0_el1 icc_ap0r0_el1 icc_ap0r1_el1 icc_ap0r2_el1 icc_ap0r3_el1',
  '3 0 12 9': 'icc_ap1r0_el1 icc_ap1r1_el1 icc_ap1r2_el1 icc_ap1r3_el1',
  '3 0 12 11': '- icc_dir_el1 - icc_rpr_el1 - icc_sgi1r_el1 icc_asgi1r_el1 icc_sgi0r_el1',
  '3 0 12 12':
    'icc_iar1_el1 icc_eoir1_el1 icc_hppir1_el1 icc_bpr1_el1 icc_ctlr_el1 icc_sre_el1 icc_igrpen0_el1 icc_igrpen1_el1',
  '3 0 13 0': '- contextidr_el1 - - tpidr_el1',
  '3 0 14 1': 'cntkctl_el1',
  '3 1 0 0': 'ccsidr_el1 clidr_el1 - - - - - aidr_el1',
  '3 2 0 0': 'csselr_el1',
  '3 3 0 0': '- ctr_el0 - - - - - dczid_el0',
  '3 3 4 2': 'nzcv daif',
  '3 3 4 4': 'fpcr fpsr',
  '3 3 4 5': 'dspsr_el0 dlr_el0',
  '3 3 9 12': 'pmcr_el0 pmcntenset_el0 pmcntenclr_el0 pmovsclr_el0 pmswinc_el0 pmselr_el0 pmceid0_el0 pmceid1_el0',
  '3 3 9 13': 'pmccntr_el0 pmxevtyper_el0 pmxevcntr_el0',
  '3 3 9 14': 'pmuserenr_el0 - - pmovsset_el0',
  '3 3 13 0': '- - tpidr_el0 tpidrro_el0',
  '3 3 14 0': 'cntfrq_el0 cntpct_el0 cntvct_el0',
  '3 3 14 2': 'cntp_tval_el0 cntp_ctl_el0 cntp_cval_el0',
  '3 3 14 3': 'cntv_tval_el0 cntv_ctl_el0 cntv_cval_el0',
  '3 3 14 15': '- - - - - - - pmccfiltr_el0',
  '3 4 0 0': 'vpidr_el2 - - - - vmpidr_el2',
  '3 4 1 0': 'sctlr_el2 actlr_el2',
  '3 4 1 1': 'hcr_el2 mdcr_el2 cptr_el2 hstr_el2 - - - hacr_el2',
  '3 4 2 0': 'ttbr0_el2 - tcr_el2',
  '3 4 2 1': 'vttbr_el2 - vtcr_el2',
  '3 4 3 0': 'dacr32_el2',
  '3 4 4 0': 'spsr_el2 elr_el2',
  '3 4 4 1': 'sp_el1',
  '3 4 4 3': 'spsr_irq spsr_abt spsr_und spsr_fiq',
  '3 4 5 0': '- ifsr32_el2',
  '3 4 5 1': 'afsr0_el2 afsr1_el2',
  '3 4 5 2': 'esr_el2',
  '3 4 5 3': 'fpexc32_el2',
  '3 4 6 0': 'far_el2 - - - hpfar_el2',
  '3 4 10 2': 'mair_el2',
  '3 4 10 3': 'amair_el2',
  '3 4 12 0': 'vbar_el2 rvbar_el2 rmr_el2',
  '3 4 12 8': 'ich_ap0r0_el2 ich_ap0r1_el2 ich_ap0r2_el2 ich_ap0r3_el2',
  '3 4 12 9': 'ich_ap1r0_el2 ich_ap1r1_el2 ich_ap1r2_el2 ich_ap1r3_el2 - icc_sre_el2',
  '3 4 12 11': 'ich_hcr_el2 ich_vtr_el2 ich_misr_el2 ich_eisr_el2 - ich_elrsr_el2 - ich_vmcr_el2',
  '3 4 12 12': 'ich_lr0_el2 ich_lr1_el2 ich_lr2_el2 ich_lr3_el2 ich_lr4_el2 ich_lr5_el2 ich_lr6_el2 ich_lr7_el2',
  '3 4 12 13': 'ich_lr8_el2 ich_lr9_el2 ich_lr10_el2 ich_lr11_el2 ich_lr12_el2 ich_lr13_el2 ich_lr14_el2 ich_lr15_el2',
  '3 4 13 0': '- - tpidr_el2',
  '3 4 14 0': '- - - cntvoff_el2',
  '3 4 14 1': 'cnthctl_el2',
  '3 4 14 2': 'cnthp_tval_el2 cnthp_ctl_el2 cnthp_cval_el2',
  '3 6 1 0': 'sctlr_el3 actlr_el3',
  '3 6 1 1': 'scr_el3 sder32_el3 cptr_el3',
  '3 6 1 3': '- mdcr_el3',
  '3 6 2 0': 'ttbr0_el3 - tcr_el3',
  '3 6 4 0': 'spsr_el3 elr_el3',
  '3 6 4 1': 'sp_el2',
  '3 6 5 1': 'afsr0_el3 afsr1_el3',
  '3 6 5 2': 'esr_el3',
  '3 6 6 0': 'far_el3',
  '3 6 10 2': 'mair_el3',
  '3 6 10 3': 'amair_el3',
  '3 6 12 0': 'vbar_el3 rvbar_el3 rmr_el3',
  '3 6 12 12': '- - - - icc_ctlr_el3 icc_sre_el3 - icc_igrpen1_el3',
  '3 6 13 0': '- - tpidr_el3',
  '3 7 14 2': 'cntps_tval_el1 cntps_ctl_el1 cntps_cval_el1',
};

/** Numbered registers: breakpoints and watchpoints, event counters. */
const families = [
  { count: 16, op0: 2, op1: 0, place: (n: number) => [0, n, 4], name: (n: number) => `dbgbvr${n}_el1` },
  { count: 16, op0: 2, op1: 0, place: (n: number) => [0, n, 5], name: (n: number) => `dbgbcr${n}_el1` },
  { count: 16, op0: 2, op1: 0, place: (n: number) => [0, n, 6], name: (n: number) => `dbgwvr${n}_el1` },
  { count: 16, op0: 2, op1: 0, place: (n: number) => [0, n, 7], name: (n: number) => `dbgwcr${n}_el1` },
  {
    count: 31,
    op0: 3,
    op1: 3,
    place: (n: number) => [14, 8 + (n >> 3), n & 7],
    name: (n: number) => `pmevcntr${n}_el0`,
  },
  {
    count: 31,
    op0: 3,
    op1: 3,
    place: (n: number) => [14, 12 + (n >> 3), n & 7],
    name: (n: number) => `pmevtyper${n}_el0`,
  },
];

/** The fifteen bits that encode a register: op0 without its top bit, op1, CRn, CRm, op2. */
export const registerCode = (fields: SystemFields): number => systemEncoding(fields) & 0x7fff;

const byCode = new Map<number, string>();
for (const [place, names] of Object.entries(registers)) {
  const [op0 = 0, op1 = 0, crn = 0, crm = 0] = place.split(' ').map(Number);
  names.split(' ').forEach((name, op2) => {
    if (name !== '-') byCode.set(registerCode([op0, op1, crn, crm, op2]), name);
  });
}
for (const { count, op0, op1, place, name } of families) {
  for (let n = 0; n < count; n++) {
    const [crn = 0, crm = 0, op2 = 0] = place(n);
    byCode.set(registerCode([op0, op1, crn, crm, op2]), name(n));
  }
}
const codes = new Map([...byCode].map(([code, name]) => [name, code]));

/** One encoding has two names: a write goes to the transmit register. */
const dbgdtr = registerCode([2, 3, 0, 5, 0]);
codes.set('dbgdtrtx_el0', dbgdtr);

/** The name of a system register, or undefined. */
export const systemRegisterName = (code: number, write: boolean): string | undefined =>
  write && code === dbgdtr ? 'dbgdtrtx_el0' : byCode.get(code);

/** The encoding of the register with a name, in lower case. */
export const systemRegisterCode = (name: string): number | undefined => codes.get(name);

/** Fields of PSTATE that MSR (immediate) sets, by op1 and op2 (six bits). */
export const pstateFields: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(PstateField).map(([name, code]) => [name.toLowerCase(), code]),
);

/** Hints by CRm and op2 (seven bits). */
export const hints: Readonly<Record<string, number>> = {
  nop: 0,
  yield: 1,
  xpaclri: 7,
  pacia1716: 8,
  pacib1716: 10,
  autia1716: 12,
  autib1716: 14,
  esb: 16,
  'psb csync': 17,
  'tsb csync': 18,
  csdb: 20,
  clearbhb: 22,
  paciaz: 24,
  paciasp: 25,
  pacibz: 26,
  pacibsp: 27,
  autiaz: 28,
  autiasp: 29,
  autibz: 30,
  autibsp: 31,
  bti: 32,
  'bti c': 34,
  'bti j': 36,
  'bti jc': 38,
};

/** What DMB and DSB wait for, by CRm. */
export const barriers: Readonly<Record<string, number>> = {
  oshld: 1,
  oshst: 2,
  osh: 3,
  nshld: 5,
  nshst: 6,
  nsh: 7,
  ishld: 9,
  ishst: 10,
  ish: 11,
  ld: 13,
  st: 14,
  sy: 15,
};

/** Prefetches: kind, level and policy. */
export const prefetches: Readonly<Record<string, number>> = Object.fromEntries(
  ['pld', 'pli', 'pst'].flatMap((kind, k) =>
    [1, 2, 3].flatMap((level) =>
      ['keep', 'strm'].map((policy, p) => [`${kind}l${level}${policy}`, k * 8 + (level - 1) * 2 + p]),
    ),
  ),
);

/** Conditions, with all names that each has; GNU prints the first. */
export const conditions: readonly (readonly string[])[] = [
  ['eq', 'none'],
  ['ne', 'any'],
  ['cs', 'hs', 'nlast'],
  ['cc', 'lo', 'ul', 'last'],
  ['mi', 'first'],
  ['pl', 'nfrst'],
  ['vs'],
  ['vc'],
  ['hi', 'pmore'],
  ['ls', 'plast'],
  ['ge', 'tcont'],
  ['lt', 'tstop'],
  ['gt'],
  ['le'],
  ['al'],
  ['nv'],
];
