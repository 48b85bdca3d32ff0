/** What Xen prints of a guest that crashes (show_execution_state, xen/arch/arm/traps.c). */
import { Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { SystemSlot } from '../../arch/state/slots.ts';
import { vtcr } from '../mm/p2m.ts';
import { versionText } from '../version.ts';
import type { Xen } from '../xen.ts';

const hex = (value: bigint, digits = 16): string => BigInt.asUintN(64, value).toString(16).padStart(digits, '0');

/** By M[3:0] of PSTATE. */
const modes = new Map([
  [0, '64-bit EL0t (Guest User)'],
  [4, '64-bit EL1t (Guest Kernel, thread)'],
  [5, '64-bit EL1h (Guest Kernel, handler)'],
]);

/** Registers and stack of the running vCPU. */
export const showExecutionState = (xen: Xen): void => {
  const { core } = xen.machine;
  for (const line of registerLines(core)) xen.log.printk(line);
  showStack(xen, core);
};

const registerLines = (core: CoreState): string[] => {
  const system = (slot: SystemSlot): string => hex(core.system(slot));
  const x = (n: number): string => hex(core.x(n));
  const pstate = core.system('SPSR_EL2');
  const name = (n: number): string => `X${n}`.padStart(3);
  const rows: string[] = [];
  for (let n = 0; n < 27; n += 3) {
    rows.push(`    ${name(n)}: ${x(n)} ${name(n + 1)}: ${x(n + 1)} ${name(n + 2)}: ${x(n + 2)}`);
  }
  rows.push(`    X27: ${x(27)} X28: ${x(28)}  FP: ${x(29)}`);
  return [
    `----[ Xen-${versionText}  arm64  debug=n  Not tainted ]----`,
    `CPU:    ${core.index}`,
    `PC:     ${system('ELR_EL2')}`,
    `LR:     ${x(30)}`,
    `SP_EL0: ${system('SP_EL0')}`,
    `SP_EL1: ${system('SP_EL1')}`,
    `CPSR:   ${hex(pstate)} MODE:${modes.get(Number(pstate) & Pstate.mode) ?? 'Unknown'}`,
    ...rows,
    '',
    `   ELR_EL1: ${system('ELR_EL1')}`,
    `   ESR_EL1: ${hex(core.system('ESR_EL1'), 8)}`,
    `   FAR_EL1: ${system('FAR_EL1')}`,
    '',
    ` SCTLR_EL1: ${system('SCTLR_EL1')}`,
    `   TCR_EL1: ${system('TCR_EL1')}`,
    ` TTBR0_EL1: ${system('TTBR0_EL1')}`,
    ` TTBR1_EL1: ${system('TTBR1_EL1')}`,
    '',
    `  VTCR_EL2: ${hex(BigInt(vtcr))}`,
    ` VTTBR_EL2: ${system('VTTBR_EL2')}`,
    '',
    ` SCTLR_EL2: ${system('SCTLR_EL2')}`,
    `   HCR_EL2: ${system('HCR_EL2')}`,
    ` TTBR0_EL2: ${system('TTBR0_EL2')}`,
    '',
    `   ESR_EL2: ${system('ESR_EL2')}`,
    ` HPFAR_EL2: ${system('HPFAR_EL2')}`,
    `   FAR_EL2: ${system('FAR_EL2')}`,
    '',
  ];
};

/** debug_stack_lines, and words in each. */
const stackLines = 40;
const wordsPerLine = 4;

/** show_guest_stack. */
const showStack = (xen: Xen, core: CoreState): void => {
  const mode = Number(core.system('SPSR_EL2')) & Pstate.mode;
  if (mode === 0) {
    xen.log.printk('No stack trace for guest user-mode');
    return;
  }
  const sp = core.system((mode & Pstate.sp) === 0 ? 'SP_EL0' : 'SP_EL1');
  const title = `Guest stack trace from sp=${sp.toString(16)}:`;
  if ((sp & 7n) !== 0n) {
    xen.log.printk(`${title}\n  Stack is misaligned`);
    return;
  }
  const low = Number(sp & 0xffff_ffffn);
  const host = xen.machine.translate(low, Number(sp >> 32n), 0);
  if (host === 0) {
    xen.log.printk(`${title}\n  Failed to convert stack to physical address`);
    return;
  }
  const words = Math.min(stackLines * wordsPerLine, (4096 - (low & 0xfff)) / 8);
  const lines = [title];
  for (let i = 0; i < words; i += wordsPerLine) {
    let line = '  ';
    for (let j = i; j < Math.min(words, i + wordsPerLine); j++) {
      line += ` ${hex(xen.machine.u64[(host >>> 3) + j] as bigint)}`;
    }
    lines.push(line);
  }
  xen.log.printk(lines.join('\n'));
};
