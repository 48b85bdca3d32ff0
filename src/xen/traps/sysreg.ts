/** Accesses of guests to system registers that trap. */
import { type SystemFields, systemEncoding } from '../../a64/system-encoding.ts';
import { Hcr, Sctlr } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import type { VCpu } from '../domain/domain.ts';
import type { Machine } from '../machine/machine.ts';
import { advancePc, isUserMode, setX, xLow } from '../machine/registers.ts';
import { handleUnaccelerated, type UnacceleratedHost } from '../unaccelerated/system-registers.ts';
import { injectUndefined, setHcr } from './inject.ts';

/** An access: MRS reads, MSR and SYS write. */
interface SystemAccess {
  readonly machine: Machine;
  readonly vcpu: VCpu;
  readonly core: CoreState;
  readonly register: number;
  readonly reads: boolean;
}

/** Serves an access. Returns false if the guest gets an Undefined exception. */
type Handler = (access: SystemAccess) => boolean;

/** Reads as zero, ignores writes. `el0`: whether EL0 may access it. */
const razWi =
  (el0: boolean): Handler =>
  ({ core, register, reads }) => {
    if (!el0 && isUserMode(core)) return false;
    if (reads) setX(core, register, 0);
    return true;
  };

/** Reads as a value; writes are undefined. */
const readOnly =
  (value: number, el0: boolean): Handler =>
  ({ core, register, reads }) => {
    if (!reads || (!el0 && isUserMode(core))) return false;
    setX(core, register, value);
    return true;
  };

/** Ignores writes; reads are undefined. */
const writeIgnored: Handler = ({ core, reads }) => !reads && !isUserMode(core);

const handlers = new Map<number, Handler>();
const add = (fields: SystemFields, handler: Handler): void => {
  handlers.set(systemEncoding(fields), handler);
};

// HCR_EL2.TACR: ACTLR_EL1 of a Cortex-A53 is zero.
add([3, 0, 1, 0, 1], razWi(false));

// HCR_EL2.TSW: DC ISW, CSW and CISW. There are no caches to clean, but Xen also sets HCR_EL2.TVM.
for (const fields of [
  [1, 0, 7, 6, 2],
  [1, 0, 7, 10, 2],
  [1, 0, 7, 14, 2],
] as const)
  add(fields, ({ vcpu, core }) => {
    setHcr(core, vcpu, vcpu.hcr | Hcr.TVM);
    return true;
  });

// HCR_EL2.TVM: set from then on, until the guest turns its caches on.
const SCTLR_EL1 = systemOffset('SCTLR_EL1');
const cacheEnabled = (core: CoreState): boolean => (core.word(SCTLR_EL1) & (Sctlr.C | Sctlr.M)) === (Sctlr.C | Sctlr.M);

const virtualMemory: readonly SystemFields[] = [
  [3, 0, 1, 0, 0],
  [3, 0, 2, 0, 0],
  [3, 0, 2, 0, 1],
  [3, 0, 2, 0, 2],
  [3, 0, 5, 2, 0],
  [3, 0, 6, 0, 0],
  [3, 0, 5, 1, 0],
  [3, 0, 5, 1, 1],
  [3, 0, 10, 2, 0],
  [3, 0, 10, 3, 0],
  [3, 0, 13, 0, 1],
];
for (const fields of virtualMemory)
  add(fields, ({ machine, vcpu, core, register, reads }) => {
    if (reads) return false;
    machine.writeSystem(systemEncoding(fields), register);
    if (cacheEnabled(core)) setHcr(core, vcpu, vcpu.hcr & ~Hcr.TVM);
    return true;
  });

// MDCR_EL2.TDRA, TDOSA and TDA: debug is not for guests.
add([2, 0, 1, 0, 0], readOnly(0, false)); // MDRAR_EL1
add([2, 0, 1, 0, 4], writeIgnored); // OSLAR_EL1
add([2, 0, 1, 3, 4], razWi(false)); // OSDLR_EL1
add([2, 0, 1, 1, 4], readOnly(1 << 3, false)); // OSLSR_EL1
add([2, 0, 0, 2, 2], razWi(false)); // MDSCR_EL1
add([2, 3, 0, 1, 0], readOnly(0, true)); // MDCCSR_EL0
// DBGBVR, DBGBCR, DBGWVR and DBGWCR.
for (let n = 0; n < 16; n++) for (const op2 of [4, 5, 6, 7]) add([2, 0, 0, n, op2], razWi(false));

// MDCR_EL2.TPM and TPMCR: there are no performance monitors.
for (const op2 of [1, 2]) add([3, 0, 9, 14, op2], razWi(false)); // PMINTENSET_EL1, PMINTENCLR_EL1
const pmuserenr: Handler = (access) => (isUserMode(access.core) ? readOnly(0, true) : razWi(false))(access);
add([3, 3, 9, 14, 0], pmuserenr);
for (const op2 of [0, 1, 2, 3, 4, 5, 6, 7]) add([3, 3, 9, 12, op2], razWi(false)); // PMCR_EL0 to PMCEID1_EL0
for (const op2 of [0, 1, 2]) add([3, 3, 9, 13, op2], razWi(false)); // PMCCNTR_EL0, PMXEVTYPER_EL0, PMXEVCNTR_EL0
add([3, 3, 9, 14, 3], razWi(false)); // PMOVSSET_EL0

// CNTHCTL_EL2.EL1PCEN: the physical timer. EL0 needs CNTKCTL_EL1.EL0PTEN.
const CNTKCTL_EL1 = systemOffset('CNTKCTL_EL1');
const timerAllowed = (core: CoreState): boolean => !isUserMode(core) || (core.word(CNTKCTL_EL1) & (1 << 9)) !== 0;
add([3, 3, 14, 2, 1], ({ core, vcpu: { timer }, register, reads }) => {
  if (!timerAllowed(core)) return false;
  if (reads) setX(core, register, timer.physicalControl);
  else timer.physicalControl = xLow(core, register);
  return true;
});
add([3, 3, 14, 2, 0], ({ core, vcpu: { timer }, register, reads }) => {
  if (!timerAllowed(core)) return false;
  if (reads) setX(core, register, timer.physicalValue);
  else timer.physicalValue = xLow(core, register);
  return true;
});
add([3, 3, 14, 2, 2], ({ core, vcpu: { timer }, register, reads }) => {
  if (!timerAllowed(core)) return false;
  if (reads) core.setX(register, timer.physicalCompare);
  else timer.physicalCompare = core.x(register);
  return true;
});

add([3, 0, 12, 12, 5], razWi(false)); // ICC_SRE_EL1

// HCR_EL2.TID3: the identification registers are those of the core. Reserved ones read as zero there too.
for (let crm = 1; crm < 8; crm++)
  for (let op2 = 0; op2 < 8; op2++) {
    const fields: SystemFields = [3, 0, 0, crm, op2];
    add(fields, ({ machine, core, register, reads }) => {
      if (!reads || isUserMode(core)) return false;
      machine.readSystem(systemEncoding(fields), register);
      return true;
    });
  }

export type SystemRegisterHost = UnacceleratedHost;

/** Serves an access by the ISS of its exception (class 0x18). */
export const handleSystemRegister = (host: SystemRegisterHost, vcpu: VCpu, iss: number): void => {
  const { machine, costs } = host;
  const { core } = machine;
  const encoding =
    (((iss >>> 20) & 3) << 14) |
    (((iss >>> 14) & 7) << 11) |
    (((iss >>> 10) & 15) << 7) |
    (((iss >>> 1) & 15) << 3) |
    ((iss >>> 17) & 7);
  const access = { machine, vcpu, core, register: (iss >>> 5) & 31, reads: (iss & 1) !== 0 };
  const served = handleUnaccelerated(host, vcpu, encoding, access);
  if (served === undefined) machine.spend(costs.systemRegister);
  if (served ?? handlers.get(encoding)?.(access)) advancePc(core);
  else injectUndefined(core);
};
