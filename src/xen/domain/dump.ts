/** Debug key `q`: domains, their memory, vCPUs and virtual interrupts, in the words of Xen 4.17. */
import { formatUuid } from '../../base/uuid.ts';
import { type EventHost, Virq } from '../events/event-channels.ts';
import type { XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { P2mType } from '../mm/p2m.ts';
import { type BoardDevices, type FrameRun, frameRuns } from '../passthrough/board-devices.ts';
import { formatCpuList } from '../sched/cpu-mask.ts';
import type { Vgic } from '../vgic/vgic.ts';
import type { Domain, VCpu } from './domain.ts';
import type { Domains } from './domains.ts';
import { gicCpuInterface } from './guest-layout.ts';

interface DumpHost {
  readonly machine: Machine;
  readonly log: XenLog;
  readonly domains: Domains;
  readonly board: BoardDevices;
  readonly vgic: Vgic;
  readonly eventHost: EventHost<VCpu>;
}

export const dumpDomains = (host: DumpHost): void => {
  const { machine, log, domains } = host;
  log.printk(`'q' pressed -> dumping domain info (now = ${machine.now()})`);
  const all = [...domains.values()].sort((a, b) => a.domainId - b.domainId);
  for (const domain of all) dumpDomain(host, domain);
  // Whoever has bound the virtual interrupt may tell something of its own.
  for (const { domainId, events, vcpus } of all)
    for (const { id } of vcpus) {
      log.printk(`Notifying guest ${domainId}:${id} (virq ${Virq.debug}, port ${events.virqPort(Virq.debug, id)})`);
      events.raiseVirq(Virq.debug, id);
    }
};

const dying = { alive: 0, dying: 1, zombie: 2, dead: 2 } as const;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function dumpDomain(host: DumpHost, domain: Domain): void {
  const { domainId, life, pauseCount, pages, maxPages, grants } = domain;
  const print = (line: string): void => host.log.printk(line);
  print(`General information for domain ${domainId}:`);
  print(`    refcnt=3 dying=${dying[life]} pause_count=${pauseCount}`);
  const heapPages = 1 + grants.frames;
  print(`    nr_pages=${pages} xenheap_pages=${heapPages} dirty_cpus={} max_pages=${maxPages}`);
  print(`    handle=${formatUuid(domain.uuid)} vm_assist=${hex(domain.assists, 8)}`);
  dumpMappings(print, domain);
  print(`Rangesets belonging to domain ${domainId}:`);
  const { interrupts, frames } = permitted(host.board, domain);
  print(`    Interrupts { ${rangesText(interrupts, 10)}}`);
  print(`    I/O Memory { ${rangesText(frames, 16)}}`);
  print(`NODE affinity for domain ${domainId}: [0]`);
  print(`VCPU information and callbacks for domain ${domainId}:`);
  for (const vcpu of domain.vcpus) dumpVcpu(host, vcpu);
}

function dumpMappings(print: (line: string) => void, { domainId, vmid, p2m }: Domain): void {
  const orders: number[] = [];
  p2m.forEach((_, { order }) => {
    orders.push(order);
  });
  const count = (wanted: number): number => orders.filter((order) => order === wanted).length;
  print(`p2m mappings for domain ${domainId} (vmid ${vmid}):`);
  print(`  1G mappings: ${count(18)} (shattered ${p2m.shattered[1]})`);
  print(`  2M mappings: ${count(9)} (shattered ${p2m.shattered[2]})`);
  print(`  4K mappings: ${count(0)}`);
}

/** The interrupts and frames of the board that a domain may have: what Dom0 may hand on, and what a guest was given. */
function permitted(board: BoardDevices, domain: Domain): Record<'interrupts' | 'frames', readonly FrameRun[]> {
  const run = (first: number, last: number): FrameRun => [BigInt(first), BigInt(last)];
  if (domain.isPrivileged)
    return { interrupts: frameRuns([...board.interrupts.keys()].map((irq) => run(irq, irq))), frames: board.frames };
  const frames: FrameRun[] = [];
  // The GIC's CPU interface is mapped, but not the guest's to hand on.
  domain.p2m.forEach((gfn, { mfn, type, order }) => {
    const isInterface = gfn * 4096 >= gicCpuInterface.base && gfn * 4096 < gicCpuInterface.base + gicCpuInterface.size;
    if (type === P2mType.mmioDirectDevice && !isInterface) frames.push(run(mfn, mfn + 2 ** order - 1));
  });
  const interrupts = domain.gic.irqs.flatMap(({ line }) => (line ? [run(line.id, line.id)] : []));
  return { interrupts: frameRuns(interrupts), frames: frameRuns(frames) };
}

/** As Xen prints a set of ranges, with a space behind. */
const rangesText = (runs: readonly FrameRun[], radix: number): string => {
  const texts = runs.map(([first, last]) =>
    first === last ? first.toString(radix) : `${first.toString(radix)}-${last.toString(radix)}`,
  );
  return texts.length > 0 ? `${texts.join(', ')} ` : '';
};

function dumpVcpu({ log, vgic, eventHost: { memory } }: DumpHost, vcpu: VCpu): void {
  const { id, unit, gic, info } = vcpu;
  const cpus = (mask: number): string => `{${formatCpuList(mask)}}`;
  log.printk(`  UNIT${id} affinities: hard=${cpus(unit.hardAffinity)} soft=${cpus(unit.softAffinity)}`);
  // struct vcpu_info (public/xen.h) begins with evtchn_upcall_pending and evtchn_upcall_mask.
  const flag = (at: number): string => hex(info === 0 ? at : (memory[info + at] as number), 2);
  const has = unit.isRunning ? 'T' : 'F';
  const poll = unit.polling ? unit.pollPort : 0;
  const upcall = `upcall_pend=${flag(0)} upcall_mask=${flag(1)} `;
  log.printk(`    VCPU${id}: CPU${unit.processor} [has=${has}] poll=${poll} ${upcall}`);
  log.printk(`    pause_count=${unit.pauseCount} pause_flags=${unit.pauseFlags.toString(16)}`);
  const { isHere, used, lists } = vgic.listRegisters(vcpu);
  log.printk(`GICH_LRs (vcpu ${id}) mask=${used.toString(16)}`);
  for (const [i, value] of lists.entries()) log.printk(`   ${isHere ? 'HW' : 'VCPU'}_LR[${i}]=${value.toString(16)}`);
  // 255 stands for no list register. An interrupt that was never enabled has 0 still.
  for (const { irq, lr, enabled } of gic.inflight)
    log.printk(`Inflight irq=${irq} lr=${lr >= 0 ? lr : enabled ? 255 : 0}`);
  for (const { irq } of gic.waiting) log.printk(`Pending irq=${irq}`);
  log.printk('No periodic timer');
}
