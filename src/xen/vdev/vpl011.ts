/**
 * The virtual UART of a guest: the part of a PL011 that the SBSA asks for (Arm DEN 0029, "Generic UART"). Its FIFOs are
 * the rings of a console page of the guest; the toolstack's console is at the other end.
 */
import type { Hasher } from '../../base/hasher.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Costs } from '../costs.ts';
import type { Domain, VCpu } from '../domain/domain.ts';
import { pl011, pl011Spi } from '../domain/guest-layout.ts';
import { LogLevel, type XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import type { TrappedAccess } from '../traps/access.ts';
import type { Vgic } from '../vgic/vgic.ts';
import type { EmulatedDevice } from './mmio.ts';

/** Register offsets (ARM DDI 0183). */
const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;

/** FR. */
const BUSY = 1 << 3;
const RXFE = 1 << 4;
const TXFF = 1 << 5;
const RXFF = 1 << 6;
const TXFE = 1 << 7;
/** RIS, MIS, IMSC and ICR. */
const RXI = 1 << 4;
const TXI = 1 << 5;
const RTI = 1 << 6;

/** Half of the FIFO of a real PL011: the level at which it interrupts. */
const fifoLevel = 16;

/** struct xencons_interface (public/io/console.h): the rings, and the offsets of their indices. */
const input = { at: 0, size: 1024, consumer: 3072, producer: 3076 } as const;
const output = { at: 1024, size: 2048, consumer: 3080, producer: 3084 } as const;

export interface VPl011Host {
  /** The console page. */
  readonly page: DataView;
  /** Signals the other side that there is something to read, or room to write. */
  notify(): void;
  /** Makes the UART's interrupt pending. */
  inject(irq: number): void;
  say(vcpu: VCpu, level: LogLevel, text: string): void;
}

export class VPl011 implements EmulatedDevice<VCpu> {
  private readonly host: VPl011Host;
  private flags = TXFE | RXFE;
  private raw = 0;
  private mask = 0;
  /** RIS & IMSC when the last interrupt was injected. */
  private seen = 0;

  constructor(host: VPl011Host) {
    this.host = host;
  }

  read(vcpu: VCpu, offset: number, access: TrappedAccess): number | null {
    const word = this._read(vcpu, offset, access);
    return word === null ? null : (word >>> (8 * (offset & 3))) & bytesMask(access);
  }

  private _read(vcpu: VCpu, offset: number, { size, register }: TrappedAccess): number | null {
    const known = offset === DR || offset === RSR || offset === FR || offset === ICR || offset >= IMSC;
    if (!known || offset > ICR || (offset & 3) !== 0) {
      this.host.say(vcpu, LogLevel.error, `vpl011: unhandled read r${register} offset ${hex(offset)}`);
      return null;
    }
    if (size === 3) {
      this.host.say(vcpu, LogLevel.error, `vpl011: bad read width 3 r${register} offset ${hex(offset)}`);
      return null;
    }
    switch (offset) {
      case DR:
        return this.take(vcpu);
      case FR:
        return this.flags;
      case IMSC:
        return this.mask;
      case RIS:
        return this.raw;
      case MIS:
        return this.raw & this.mask;
      case ICR:
        return null;
      default:
        return 0; // no errors on the line
    }
  }

  write(vcpu: VCpu, offset: number, access: TrappedAccess, value: number): boolean {
    if (offset === FR || offset === RIS || offset === MIS) return true;
    if (offset !== DR && offset !== RSR && offset !== IMSC && offset !== ICR) {
      const text = `vpl011: unhandled write r${access.register} offset ${hex(offset)}`;
      this.host.say(vcpu, LogLevel.error, text);
      return false;
    }
    if (access.size === 3) {
      this.host.say(vcpu, LogLevel.error, `vpl011: bad write width 3 r${access.register} offset ${hex(offset)}`);
      return false;
    }
    const bytes = bytesMask(access);
    if (offset === DR) this.put(vcpu, value & 0xff);
    else if (offset === IMSC) {
      this.mask = (this.mask & ~bytes) | (value & bytes);
      this.update();
    } else if (offset === ICR) {
      this.raw &= ~(value & bytes);
      this.update();
    }
    return true;
  }

  /** The other side has read or written, and has signalled it by its event channel. */
  notified(): void {
    const waiting = this.queued(input);
    const unsent = this.queued(output);
    if (waiting > 0) {
      this.flags &= ~RXFE;
      this.raw |= RTI;
    }
    if (waiting === input.size) this.flags |= RXFF;
    if (waiting >= input.size - fifoLevel) this.raw |= RXI;
    if (unsent !== output.size) {
      this.flags &= ~(TXFF | BUSY);
      this.updateTransmit(unsent);
    }
    this.update();
    if (unsent === 0) this.flags |= TXFE;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.flags, this.raw, this.mask, this.seen);
  }

  /** The guest reads the data register. */
  private take(vcpu: VCpu): number {
    const { page } = this.host;
    let data = 0;
    if (this.queued(input) > 0) {
      const consumer = page.getUint32(input.consumer, true);
      data = page.getUint8(input.at + (consumer % input.size));
      page.setUint32(input.consumer, consumer + 1, true);
      const left = this.queued(input);
      if (left === 0) {
        this.flags |= RXFE;
        this.raw &= ~RTI;
      }
      if (left < input.size - fifoLevel) this.raw &= ~RXI;
      this.update();
    } else this.host.say(vcpu, LogLevel.error, 'vpl011: Unexpected IN ring buffer empty');
    this.flags &= ~RXFF;
    this.host.notify();
    return data;
  }

  /** The guest writes it. */
  private put(vcpu: VCpu, byte: number): void {
    const { page } = this.host;
    if (this.queued(output) !== output.size) {
      const producer = page.getUint32(output.producer, true);
      page.setUint8(output.at + (producer % output.size), byte);
      page.setUint32(output.producer, producer + 1, true);
      const unsent = this.queued(output);
      if (unsent === output.size) this.flags |= TXFF | BUSY;
      this.updateTransmit(unsent);
      this.update();
    } else this.host.say(vcpu, LogLevel.error, 'vpl011: Unexpected OUT ring buffer full');
    this.flags &= ~TXFE;
    this.host.notify();
  }

  private updateTransmit(unsent: number): void {
    if (unsent <= output.size - fifoLevel) this.raw |= TXI;
    else this.raw &= ~TXI;
  }

  /**
   * Bytes in a ring, counted as in the flexible rings of public/io/ring.h. Wrong indices give some number up to its
   * size.
   */
  private queued({ size, consumer, producer }: typeof input | typeof output): number {
    const { page } = this.host;
    const from = page.getUint32(consumer, true);
    const to = page.getUint32(producer, true);
    if (from === to) return 0;
    return (to % size) - (from % size) + (to % size > from % size ? 0 : size);
  }

  /** Injects the interrupt if a cause is new. */
  private update(): void {
    const masked = this.raw & this.mask;
    if ((masked & ~this.seen) !== 0) this.host.inject(pl011Spi);
    this.seen = masked;
  }
}

/** The parts of Xen that a domain's UART uses. */
export interface Pl011Host {
  readonly machine: Machine;
  readonly costs: Costs;
  readonly log: XenLog;
  readonly vgic: Vgic;
}

/**
 * Gives a domain its UART (XEN_DOMCTL_VUART_OP_INIT), with the console page at `gfn`. `notify` signals the other side;
 * signals of the other side have to call `VPl011.notified`. -EINVAL if the domain has a UART already, or if the page is
 * not its own.
 */
export const createPl011 = (
  { machine, costs, log, vgic }: Pl011Host,
  domain: Domain,
  gfn: number,
  notify: () => void,
): Result<VPl011, Errno> => {
  const mfn = domain.mmio.find(pl011.base) ? null : domain.hold(gfn);
  if (mfn === null) return err(Errno.EINVAL);
  const bytes = machine.page(mfn);
  const device = new VPl011({
    page: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    notify,
    inject: (irq) => vgic.inject(domain.vcpu(0), irq),
    say: (vcpu, level, text) => log.gprintk(vcpu, level, text),
  });
  domain.mmio.register({ ...pl011, device, cost: costs.pl011 });
  return ok(device);
};

const bytesMask = ({ size }: TrappedAccess): number => (size >= 2 ? 0xffff_ffff : (1 << (8 << size)) - 1);

const hex = (offset: number): string => `0x${offset.toString(16).padStart(6, '0')}`;
