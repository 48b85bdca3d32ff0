/** A look at a vCPU, in its core or saved by Xen. It changes nothing. */
import type { Translation } from '../arch/mmu/explain.ts';
import type { MmuInspector } from '../arch/mmu/mmu-inspector.ts';
import { Need } from '../arch/mmu/walk.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { MemoryWindow, TranslationRequest } from './api/debug.ts';
import type { VcpuRegisters } from './api/domain-details.ts';
import type { VcpuName } from './api/hypervisor.ts';
import { spaceOf, type Translated } from './translation/registers.ts';

export class VcpuInspection {
  readonly registers: VcpuRegisters;
  readonly #mmu: MmuInspector;

  constructor(registers: VcpuRegisters, mmu: MmuInspector) {
    this.registers = registers;
    this.#mmu = mmu;
  }

  /** RAM from a virtual address on, as the vCPU sees it at its level, up to the first byte that is not mapped or not RAM. */
  memory(address: bigint, length: number): MemoryWindow {
    return { address, bytes: this.#mmu.readVirtual(address, length).slice() };
  }

  /** How an address is translated at the vCPU's level, descriptor by descriptor. */
  translation({ address, access }: Pick<TranslationRequest, 'address' | 'access'>): Translation {
    return this.#mmu.explain(address, this.#mmu.present, Need[access]);
  }
}

/** The error is one sentence for the user. */
export function inspectVcpu(system: Translated, { domain, vcpu }: VcpuName): Result<VcpuInspection> {
  const found = system.hypervisor?.details(domain)?.vcpus.find(({ id }) => id === vcpu);
  if (!found) return err(`Domain ${domain} has no vCPU ${vcpu}.`);
  const el = found.registers.el === 0 ? 0 : 1;
  const space = spaceOf(system, { kind: 'vcpu', domain, vcpu, el });
  return space.ok ? ok(new VcpuInspection(found.registers, space.value.inspector)) : space;
}
