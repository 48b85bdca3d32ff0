/** What the real Xen has saved of a vCPU's registers, as far as xen-state.ts knows its structures. */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { hypercallTag } from '../../xen/public/hypercalls.ts';
import type { VcpuExit, VcpuRegisters } from '../api/domain-details.ts';
import { levelOf } from '../vcpu-registers.ts';
import { hypercallName } from '../xen/domain-details.ts';
import type { XenMemory } from './xen-memory.ts';

/** Of struct vcpu: where the registers are that the entry to EL2 has pushed, and what a switch of context saves. */
const frameAt = 752;
const vcpuEnd = 888;
const system = [
  ['FAR_EL1', 760],
  ['VBAR_EL1', 784],
  ['SCTLR_EL1', 848],
  ['TCR_EL1', 792],
  ['TTBR0_EL1', 800],
  ['TTBR1_EL1', 808],
  ['MAIR_EL1', 832],
  ['TPIDR_EL0', 872],
  ['TPIDR_EL1', 880],
] as const;
const esrAt = 768;
/** struct cpu_user_regs: X0 to X30 come first. */
const frame = { pc: 256, cpsr: 264, hsr: 272, spsr: 288, sp0: 312, sp1: 320, elr: 328, end: 336 } as const;

interface SavedContext {
  readonly registers: VcpuRegisters;
  readonly exit: VcpuExit | null;
}

/** @param vcpu address of the vCPU's structure */
export function savedContext(memory: XenMemory, vcpu: number): SavedContext | null {
  const saved = memory.record(vcpu, vcpuEnd);
  const pushed = saved && memory.record(saved.number(frameAt), frame.end);
  if (!pushed) return null;
  const pstate = pushed.u32(frame.cpsr);
  const x = Array.from({ length: 31 }, (_, n) => pushed.u64(8 * n));
  const pc = pushed.u64(frame.pc);
  return {
    registers: {
      core: null,
      pc,
      pstate,
      el: levelOf(pstate),
      x,
      system: [
        { name: 'SP_EL0', value: pushed.u64(frame.sp0) },
        { name: 'SP_EL1', value: pushed.u64(frame.sp1) },
        { name: 'ELR_EL1', value: pushed.u64(frame.elr) },
        { name: 'ESR_EL1', value: BigInt(saved.u32(esrAt)) },
        { name: 'SPSR_EL1', value: BigInt(pushed.u32(frame.spsr)) },
        ...system.map(([name, at]) => ({ name, value: saved.u64(at) })),
      ],
    },
    exit: exitOf(pushed.u32(frame.hsr), pc, Number(x[16] ?? 0n)),
  };
}

/** How it left for Xen last. Where an abort was, Xen does not save. */
function exitOf(syndrome: number, pc: bigint, x16: number): VcpuExit | null {
  const kind = syndrome >>> 26;
  if (syndrome === 0 || kind === ExceptionClass.dataAbort || kind === ExceptionClass.instructionAbort) return null;
  const isHypercall = kind === ExceptionClass.hvc && (syndrome & 0xffff) === hypercallTag;
  return { syndrome, pc, address: 0n, ipa: 0n, hypercall: isHypercall ? hypercallName(x16) : null };
}
