/** The registers that translate the addresses of a core, of a vCPU that does not run, and of a domain. */

import { type MmuRegister, registerWords } from '../../arch/mmu/explain.ts';
import { MmuInspector } from '../../arch/mmu/mmu-inspector.ts';
import { type View, viewOf } from '../../arch/mmu/walk.ts';
import { Hcr } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import type { AddressSpaceOf } from '../api/translation.ts';
import type { HypervisorView } from '../hypervisor.ts';

/** What questions about translation are asked of. */
export interface Translated {
  readonly board: ZynqMp;
  readonly hypervisor: HypervisorView | null;
}

/** The addresses of one core, vCPU or domain, for whoever only looks. */
export interface Space {
  readonly words: Uint32Array;
  /** Where the words of the registers begin. */
  readonly first: number;
  readonly inspector: MmuInspector;
  readonly view: View;
  readonly core: number | null;
  readonly registers: readonly { readonly name: MmuRegister; readonly value: bigint }[];
}

const stage1Registers = ['SCTLR_EL1', 'TCR_EL1', 'TTBR0_EL1', 'TTBR1_EL1', 'MAIR_EL1'] as const;
const stage2Registers = ['HCR_EL2', 'VTTBR_EL2', 'VTCR_EL2'] as const;
const el2Registers = ['SCTLR_EL2', 'TCR_EL2', 'TTBR0_EL2', 'MAIR_EL2'] as const;

/** What Xen has in HCR_EL2 while a guest runs, as far as it is about translation. */
const guestHcr = BigInt(Hcr.VM | Hcr.PTW);

/** The error is one sentence for the user. */
export function spaceOf(system: Translated, of: Exclude<AddressSpaceOf, { readonly kind: 'stream' }>): Result<Space> {
  switch (of.kind) {
    case 'core': {
      const core = system.board.cluster.cores[of.core];
      return core ? ok(inCore(core, of.core, of.el)) : err(`There is no core ${of.core}.`);
    }
    case 'vcpu':
      return ofVcpu(system, of.domain, of.vcpu, of.el);
    case 'domain': {
      const stage2 = stage2Of(system, of.domain);
      // With DC, stage 1 is off and adds no attributes of its own.
      return stage2.ok ? ok(saved(system, { ...stage2.value, HCR_EL2: guestHcr | BigInt(Hcr.DC) }, 1)) : stage2;
    }
  }
}

function inCore(core: CoreState, index: number, el: 0 | 1 | 2): Space {
  const { memory, base } = core;
  const view = viewOf(el);
  const first = base >>> 2;
  const names = el === 2 ? el2Registers : [...stage1Registers, ...stage2Registers];
  return {
    words: memory.u32,
    first,
    inspector: new MmuInspector(memory, memory.u32, first, () => view),
    view,
    core: index,
    registers: names.map((name) => ({ name, value: core.system(name) })),
  };
}

function saved({ board }: Translated, values: Partial<Record<MmuRegister, bigint>>, el: 0 | 1): Space {
  const words = registerWords(values);
  const view = viewOf(el);
  const names: readonly MmuRegister[] = [...stage1Registers, ...stage2Registers];
  return {
    words,
    first: 0,
    inspector: new MmuInspector(board.cluster.memory, words, 0, () => view),
    view,
    core: null,
    registers: names.flatMap((name) => (name in values ? [{ name, value: values[name] ?? 0n }] : [])),
  };
}

function ofVcpu(system: Translated, domain: number, vcpu: number, el: 0 | 1): Result<Space> {
  const stage2 = stage2Of(system, domain);
  if (!stage2.ok) return stage2;
  const found = system.hypervisor?.details(domain)?.vcpus.find(({ id }) => id === vcpu);
  if (!found) return err(`Domain ${domain} has no vCPU ${vcpu}.`);
  const { core: index, system: values } = found.registers;
  const core = index === null ? undefined : system.board.cluster.cores[index];
  if (core && index !== null) return ok(inCore(core, index, el));
  const registerOf = (name: string): bigint => values.find((register) => register.name === name)?.value ?? 0n;
  const stage1 = Object.fromEntries(stage1Registers.map((name) => [name, registerOf(name)]));
  return ok(saved(system, { ...stage1, ...stage2.value }, el));
}

/** Stage 2 of a domain, whether it runs or not. Xen has one VTCR_EL2 for all. */
function stage2Of(
  { board, hypervisor }: Translated,
  domain: number,
): Result<Record<'HCR_EL2' | 'VTTBR_EL2' | 'VTCR_EL2', bigint>> {
  if (!hypervisor) return err('There is no Xen on this machine: start one first.');
  const root = hypervisor.roots().find((one) => one.domain === domain);
  if (!root) return err(`There is no domain ${domain}.`);
  const vtcr = board.cluster.cores[0]?.system('VTCR_EL2') ?? 0n;
  return ok({ HCR_EL2: guestHcr, VTTBR_EL2: root.vttbr, VTCR_EL2: vtcr });
}
