import type { Domain, VCpu } from '../domain/domain.ts';
import { Exit } from '../domain/exits.ts';
import { gicDistributor } from '../domain/guest-layout.ts';
import { LogLevel, type XenLog } from '../log.ts';
import { Gicd } from '../machine/gic.ts';
import type { TrappedAccess } from '../traps/access.ts';
import type { EmulatedDevice } from '../vdev/mmio.ts';
import type { Rank } from './state.ts';
import type { Vgic } from './vgic.ts';

/** The kind of a register, by the address of its word. */
type Kind =
  | 'CTLR'
  | 'TYPER'
  | 'IIDR'
  | 'IGROUPR'
  | 'ISENABLER'
  | 'ICENABLER'
  | 'ISPENDR'
  | 'ICPENDR'
  | 'ISACTIVER'
  | 'ICACTIVER'
  | 'IPRIORITYR'
  | 'ITARGETSR'
  | 'ICFGR'
  | 'NSACR'
  | 'SGIR'
  | 'CPENDSGIR'
  | 'SPENDSGIR'
  | 'ICPIDR2'
  | 'reserved'
  | 'implementation defined'
  | 'none';

const ranges: readonly (readonly [first: number, last: number, kind: Kind])[] = [
  [Gicd.CTLR, Gicd.CTLR, 'CTLR'],
  [Gicd.TYPER, Gicd.TYPER, 'TYPER'],
  [Gicd.IIDR, Gicd.IIDR, 'IIDR'],
  [0x00c, 0x01c, 'reserved'],
  [0x020, 0x03c, 'implementation defined'],
  [0x040, 0x07c, 'reserved'],
  [Gicd.IGROUPR, 0x0fc, 'IGROUPR'],
  [Gicd.ISENABLER, 0x17c, 'ISENABLER'],
  [Gicd.ICENABLER, 0x1fc, 'ICENABLER'],
  [Gicd.ISPENDR, 0x27c, 'ISPENDR'],
  [Gicd.ICPENDR, 0x2fc, 'ICPENDR'],
  [Gicd.ISACTIVER, 0x37c, 'ISACTIVER'],
  [Gicd.ICACTIVER, 0x3fc, 'ICACTIVER'],
  [Gicd.IPRIORITYR, 0x7f8, 'IPRIORITYR'],
  [0x7fc, 0x7fc, 'reserved'],
  [Gicd.ITARGETSR, 0xbf8, 'ITARGETSR'],
  [0xbfc, 0xbfc, 'reserved'],
  [Gicd.ICFGR, 0xcfc, 'ICFGR'],
  [0xd00, 0xdfc, 'implementation defined'],
  [Gicd.NSACR, 0xefc, 'NSACR'],
  [Gicd.SGIR, Gicd.SGIR, 'SGIR'],
  [0xf04, 0xf0c, 'reserved'],
  [Gicd.CPENDSGIR, 0xf1c, 'CPENDSGIR'],
  [Gicd.SPENDSGIR, 0xf2c, 'SPENDSGIR'],
  [0xf30, 0xfcc, 'reserved'],
  [0xfd0, 0xfe4, 'implementation defined'],
  [Gicd.ICPIDR2, Gicd.ICPIDR2, 'ICPIDR2'],
  [0xfec, 0xffc, 'implementation defined'],
];

const kinds: readonly Kind[] = Array.from(
  { length: 0x400 },
  (_, i) => ranges.find(([first, last]) => 4 * i >= first && 4 * i <= last)?.[2] ?? 'none',
);

/** Registers that can be accessed as bytes. */
const byteWide: ReadonlySet<Kind> = new Set<Kind>(['IPRIORITYR', 'ITARGETSR', 'CPENDSGIR', 'SPENDSGIR']);
/** Registers whose accesses may have any width in Xen. */
const anyWidth: ReadonlySet<Kind> = new Set<Kind>(['reserved', 'implementation defined', 'none']);

/** GICD as a guest sees it (IHI 0048B, 4.3). */
export class VirtualDistributor implements EmulatedDevice<VCpu> {
  private readonly vgic: Vgic;
  private readonly log: XenLog;
  private readonly cost: number;

  /** `cost`: cycles of EL2 for an access. */
  constructor(vgic: Vgic, log: XenLog, cost: number) {
    this.vgic = vgic;
    this.log = log;
    this.cost = cost;
  }

  /** Gives a domain its distributor. */
  attach(domain: Domain): void {
    domain.mmio.register({ ...gicDistributor, device: this, cost: this.cost, exit: Exit.distributor });
  }

  /** It remembers nothing: its registers are those of the domain and its vCPUs. */
  fingerprint(): void {}

  private say(level: LogLevel, text: string): void {
    this.log.guestPrintk(text, level);
  }

  /** Returns the word or byte read, or null for an abort. */
  read(vcpu: VCpu, offset: number, access: TrappedAccess): number | null {
    const kind = kinds[offset >>> 2] as Kind;
    const pending = kind === 'ISPENDR' || kind === 'ICPENDR' || kind === 'ISACTIVER' || kind === 'ICACTIVER';
    const raz = pending || kind === 'CPENDSGIR' || kind === 'SPENDSGIR';
    if (!raz && !this.fits(kind, access)) {
      this.say(
        LogLevel.error,
        `${vcpu}: vGICD: bad read width ${access.size} r${access.register} offset ${hex(offset, 8)}`,
      );
      return null;
    }
    if (raz) return 0;
    const word = this.word(vcpu, kind, offset, access);
    return word === null ? null : (word >>> (8 * (offset & 3))) & maskOf(access);
  }

  private word(vcpu: VCpu, kind: Kind, offset: number, access: TrappedAccess): number | null {
    const { domain } = vcpu;
    switch (kind) {
      case 'CTLR':
        return domain.gic.control;
      case 'TYPER':
        return ((domain.maxVcpus - 1) << 5) | domain.gic.ranks.length;
      case 'IIDR':
        return 0x43b;
      case 'ISENABLER':
      case 'ICENABLER':
        return this.vgic.rank(vcpu, (offset & 0x7f) >>> 2)?.enable ?? 0;
      case 'IPRIORITYR': {
        const rank = this.vgic.rank(vcpu, (offset - Gicd.IPRIORITYR) >>> 5);
        return rank ? bytes(rank.priorities, offset, (priority) => priority) : 0;
      }
      case 'ITARGETSR': {
        const rank = this.vgic.rank(vcpu, (offset - Gicd.ITARGETSR) >>> 5);
        return rank ? bytes(rank.targets, offset, (target) => 1 << target) : 0;
      }
      case 'ICFGR': {
        const rank = this.vgic.rank(vcpu, (offset - Gicd.ICFGR) >>> 3);
        return rank?.configuration[((offset - Gicd.ICFGR) >>> 2) & 1] ?? 0;
      }
      case 'SGIR':
        return 0xdeadbeef;
      case 'IGROUPR':
      case 'NSACR':
        return 0;
      case 'ICPIDR2':
        this.say(LogLevel.error, `${vcpu}: vGICD: unhandled read from ICPIDR2`);
        return null;
      case 'reserved':
        this.say(LogLevel.debug, `${vcpu}: vGICD: RAZ on reserved register offset ${hex(offset, 8)}`);
        return 0;
      case 'implementation defined':
        this.say(LogLevel.debug, `${vcpu}: vGICD: RAZ on implemention defined register offset ${hex(offset, 8)}`);
        return 0;
      default:
        this.say(LogLevel.error, `${vcpu}: vGICD: unhandled read r${access.register} offset ${hex(offset, 8)}`);
        return null;
    }
  }

  /** Returns false for an abort. */
  write(vcpu: VCpu, offset: number, access: TrappedAccess, value: number): boolean {
    const kind = kinds[offset >>> 2] as Kind;
    const word = value >>> 0;
    if (kind === 'ICACTIVER') {
      const register = offset - Gicd.ICACTIVER;
      this.say(LogLevel.error, `${vcpu}: vGICD: unhandled word write ${hex(word, 16)} to ICACTIVER${register}`);
    }
    if (!this.fits(kind, access) || (kind === 'ITARGETSR' && offset < Gicd.ITARGETSR + 32 && access.size !== 2)) {
      const registers = `r${access.register}=${hex16(word)}`;
      this.say(LogLevel.error, `${vcpu}: vGICD: bad write width ${access.size} ${registers} offset ${hex(offset, 8)}`);
      return false;
    }
    switch (kind) {
      case 'CTLR':
        vcpu.domain.gic.control = word & 1;
        return true;
      case 'ISENABLER':
        return this.enable(vcpu, this.vgic.rank(vcpu, (offset - Gicd.ISENABLER) >>> 2), word);
      case 'ICENABLER':
        return this.disable(vcpu, this.vgic.rank(vcpu, (offset - Gicd.ICENABLER) >>> 2), word);
      case 'ISPENDR':
        return this.pend(vcpu, this.vgic.rank(vcpu, (offset - Gicd.ISPENDR) >>> 2), word);
      case 'ICPENDR':
        return this.unpend(vcpu, this.vgic.rank(vcpu, (offset - Gicd.ICPENDR) >>> 2), word);
      case 'ISACTIVER': {
        if (word === 0) return true;
        const register = offset - Gicd.ISACTIVER;
        this.say(LogLevel.error, `${vcpu}: vGICD: unhandled word write ${hex(word, 16)} to ISACTIVER${register}`);
        return false;
      }
      case 'IPRIORITYR': {
        const rank = this.vgic.rank(vcpu, (offset - Gicd.IPRIORITYR) >>> 5);
        if (rank) for (let i = 0; i < bytesOf(access); i++) rank.priorities[(offset & 31) + i] = word >>> (8 * i);
        return true;
      }
      case 'ITARGETSR':
        return this.retarget(vcpu, offset, access, word);
      case 'ICFGR': {
        const rank = this.vgic.rank(vcpu, (offset - Gicd.ICFGR) >>> 3);
        // Private interrupts have a fixed configuration.
        if (rank && rank.index > 0) rank.configuration[((offset - Gicd.ICFGR) >>> 2) & 1] = word;
        return true;
      }
      case 'SGIR':
        return this.softwareInterrupt(vcpu, word);
      case 'CPENDSGIR':
      case 'SPENDSGIR': {
        const base = kind === 'CPENDSGIR' ? Gicd.CPENDSGIR : Gicd.SPENDSGIR;
        const name = kind === 'CPENDSGIR' ? 'ICPENDSGIR' : 'ISPENDSGIR';
        const width = access.size === 0 ? 'byte' : 'word';
        this.say(
          LogLevel.error,
          `${vcpu}: vGICD: unhandled ${width} write ${hex(word, 16)} to ${name}${offset - base}`,
        );
        return false;
      }
      case 'reserved':
        return this.ignored(vcpu, offset);
      case 'implementation defined':
        if (offset < 0xfec) return this.ignored(vcpu, offset);
        break;
      case 'none':
        break;
      default:
        return true; // read-only
    }
    const registers = `r${access.register}=${hex16(word)}`;
    this.say(LogLevel.error, `${vcpu}: vGICD: unhandled write ${registers} offset ${hex(offset, 8)}`);
    return false;
  }

  private fits(kind: Kind, { size }: TrappedAccess): boolean {
    return size === 2 || anyWidth.has(kind) || (size === 0 && byteWide.has(kind));
  }

  private ignored(vcpu: VCpu, offset: number): true {
    this.say(LogLevel.debug, `${vcpu}: vGICD: WI on implementation defined register offset ${hex(offset, 8)}`);
    return true;
  }

  private enable(vcpu: VCpu, rank: Rank | undefined, bits: number): true {
    if (!rank) return true;
    const before = rank.enable;
    rank.enable |= bits;
    this.vgic.enable(vcpu, rank.enable & ~before, rank.index);
    return true;
  }

  private disable(vcpu: VCpu, rank: Rank | undefined, bits: number): true {
    if (!rank) return true;
    const before = rank.enable;
    rank.enable &= ~bits;
    this.vgic.disable(vcpu, ~rank.enable & before, rank.index);
    return true;
  }

  private pend(vcpu: VCpu, rank: Rank | undefined, bits: number): true {
    if (!rank) return true;
    for (let rest = bits; rest !== 0; rest &= rest - 1)
      this.vgic.inject(vcpu, 32 * rank.index + 31 - Math.clz32(rest & -rest));
    return true;
  }

  /** Xen cannot clear a pending interrupt; it says so. */
  private unpend(vcpu: VCpu, rank: Rank | undefined, bits: number): true {
    if (!rank) return true;
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const id = 32 * rank.index + 31 - Math.clz32(rest & -rest);
      if (!this.vgic.irq(this.vgic.target(vcpu, id), id).inflight) continue;
      this.say(LogLevel.warning, `${vcpu} trying to clear pending interrupt ${id}.`);
    }
    return true;
  }

  /** Sets targets. An interrupt goes to the first of its targets. */
  private retarget(vcpu: VCpu, offset: number, access: TrappedAccess, word: number): true {
    const rank = this.vgic.rank(vcpu, (offset - Gicd.ITARGETSR) >>> 5);
    if (!rank || rank.index === 0) return true;
    for (let i = 0; i < bytesOf(access); i++) {
      const at = (offset & 31) + i;
      const mask = (word >>> (8 * i)) & 0xff;
      const target = 31 - Math.clz32(mask & -mask);
      const id = 32 * rank.index + at;
      if (mask !== 0 && target < vcpu.domain.maxVcpus) {
        const before = this.vgic.target(vcpu, id);
        if (before.id === target || this.vgic.move(before, id, target)) continue;
        this.say(LogLevel.warning, `${vcpu} irq ${id} migration failed: requested while in progress`);
      } else {
        const text = `No valid vCPU found for vIRQ${id} in the target list (${mask === 0 ? '0' : hex(mask, 0)}). Skip it`;
        this.say(LogLevel.warning, `${vcpu} ${text}`);
      }
    }
    return true;
  }

  private softwareInterrupt(vcpu: VCpu, word: number): boolean {
    const id = word & 15;
    const { vcpus } = vcpu.domain;
    switch ((word >>> 24) & 3) {
      case 0: {
        const list = (word >>> 16) & 0xff;
        for (let rest = list; rest !== 0; rest &= rest - 1) {
          const target = vcpus[31 - Math.clz32(rest & -rest)];
          if (target && !target.isDown) this.vgic.inject(target, id);
          else {
            const text = `VGIC: write r=${hex16(word)}                         target->list=${list.toString(16)}, wrong CPUTargetList `;
            this.say(LogLevel.warning, `${vcpu} ${text}`);
          }
        }
        return true;
      }
      case 1:
        for (const other of vcpus) if (other !== vcpu && !other.isDown) this.vgic.inject(other, id);
        return true;
      case 2:
        this.vgic.inject(vcpu, id);
        return true;
      default:
        this.say(LogLevel.debug, `${vcpu}: vGICD: unhandled GICD_SGIR write ${hex16(word)} with wrong mode`);
        return false;
    }
  }
}

const bytesOf = ({ size }: TrappedAccess): number => 1 << size;
const maskOf = ({ size }: TrappedAccess): number => (size === 0 ? 0xff : 0xffff_ffff);

/** Four bytes of a rank as a word. */
const bytes = (of: Uint8Array, offset: number, value: (byte: number) => number): number => {
  let word = 0;
  for (let i = 0; i < 4; i++) word |= value(of[(offset & 28) + i] as number) << (8 * i);
  return word >>> 0;
};

/** A number with 0x, `width` characters wide. */
const hex = (value: number, width: number): string => `0x${value.toString(16).padStart(width - 2, '0')}`;
const hex16 = (value: number): string => value.toString(16).padStart(16, '0');
