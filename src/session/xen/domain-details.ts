/** The details of a domain, from Xen's, libxl's and the core's own state. Looking changes nothing. */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { Fields } from '../../dom0/config/devices/fields.ts';
import type { DomainConfig } from '../../dom0/config/domain-config.ts';
import type { Dom0 } from '../../dom0/dom0.ts';
import type { VCpu } from '../../xen/domain/domain.ts';
import { exitKinds } from '../../xen/domain/exits.ts';
import { Hypercall, hypercallTag } from '../../xen/public/hypercalls.ts';
import type { DomainDetails, DomainDevice, VcpuExit, VcpuRegisters } from '../api/domain-details.ts';
import { inCore, levelOf, systemSlots } from '../vcpu-registers.ts';

/** Null if there is no domain of that number. */
export function detailsOf(dom0: Dom0, cores: readonly CoreState[], domainId: number): DomainDetails | null {
  const { xen } = dom0;
  const domain = xen.domains.get(domainId);
  if (!domain) return null;
  const record = dom0.records.get(domainId);
  const running = cores.map((_, cpu) => xen.current(cpu));
  return {
    id: domainId,
    uuid: record?.uuid ?? null,
    config: record?.source ?? null,
    kernel: record?.config.kernel ?? null,
    vmid: domain.vmid,
    maxMemoryKib: domain.maxPages * 4,
    devices: record ? devicesOf(record.config) : [],
    exits: exitKinds.map((kind, i) => ({
      kind,
      count: domain.exits.count[i] ?? 0,
      cycles: domain.exits.cycles[i] ?? 0,
    })),
    vcpus: domain.vcpus.map((vcpu) => {
      const cpu = running.indexOf(vcpu);
      const core = cores[cpu];
      return { id: vcpu.id, exit: exitOf(vcpu), registers: core ? inCore(core, cpu) : saved(vcpu) };
    }),
  };
}

function exitOf({ lastTrap }: VCpu): VcpuExit | null {
  const word = (n: number): bigint => BigInt.asUintN(32, BigInt(lastTrap[n] ?? 0));
  const long = (n: number): bigint => word(n) | (word(n + 1) << 32n);
  const syndrome = Number(word(0));
  if (syndrome === 0) return null;
  const address = long(3);
  // HPFAR_EL2: bits 47:12 of the address are in 39:4 (Arm ARM DDI 0487, D17.2).
  const ipa = ((long(5) & 0xff_ffff_fff0n) << 8n) | (address & 0xfffn);
  const isHypercall = syndrome >>> 26 === ExceptionClass.hvc && (syndrome & 0xffff) === hypercallTag;
  return { syndrome, pc: long(1), address, ipa, hypercall: isHypercall ? hypercallName(Number(word(7))) : null };
}

export const hypercallName = (number: number): string =>
  Object.entries(Hypercall).find(([, known]) => known === number)?.[0] ?? String(number);

/** What EL2 has saved of a vCPU that runs nowhere. */
function saved({ context }: VCpu): VcpuRegisters {
  const pstate = Number(BigInt.asUintN(32, context.system('SPSR_EL2')));
  return {
    core: null,
    pc: context.system('ELR_EL2'),
    pstate,
    el: levelOf(pstate),
    x: Array.from({ length: 31 }, (_, n) => context.x(n)),
    system: (['SP_EL0', 'SP_EL1', ...systemSlots] as const).map((name) => ({ name, value: context.system(name) })),
  };
}

const hex = (value: bigint): string => value.toString(16);

/** The fields of a device, as its config would give them. */
const textOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');

/** What the domain's config has given it. */
function devicesOf({ vuart, deviceTree, passthrough, disks, devices }: DomainConfig): DomainDevice[] {
  return [
    { kind: 'console', text: 'hvc0' },
    ...(vuart ? [{ kind: 'vuart', text: 'ttyAMA0' } as const] : []),
    ...passthrough.iomem.map(({ first, count, guest }): DomainDevice => {
      const range = `${hex(first)}000-${hex(first + count - 1n)}fff`;
      return { kind: 'iomem', text: guest === null || guest === first ? range : `${range} @ ${hex(guest)}000` };
    }),
    ...passthrough.irqs.map((irq): DomainDevice => ({ kind: 'irq', text: String(irq) })),
    ...(deviceTree === null ? [] : [{ kind: 'device-tree', text: deviceTree } as const]),
    ...disks.map((disk): DomainDevice => ({ kind: 'disk', text: `${disk.vdev} ${disk.target ?? ''}` })),
    // Its interfaces are ports of the network, which has more of them.
    ...Object.entries(devices).flatMap(([list, entries]) =>
      list === 'nics'
        ? []
        : entries.map((entry): DomainDevice => ({ kind: 'other', text: `${list}: ${textOf(entry)}` })),
    ),
  ];
}
