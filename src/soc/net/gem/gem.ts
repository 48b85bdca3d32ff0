/**
 * A Gigabit Ethernet controller of the Zynq UltraScale+: UG1085 chapter 34, registers as in the GEM module of UG1087. It
 * has two queues in each direction. GEM3 is the one with a PHY and a socket on a ZCU102; the others' management
 * interface finds none, so that there is no link: no frame arrives, and none leaves.
 *
 * Not modelled: time stamps (the fields of long descriptors stay as they are), pause frames, half duplex. A departure:
 * frames that follow one another share interrupts (`coalescingSeconds`).
 */
import { bits } from '../../../base/bits.ts';
import { type DeviceWiring, readLanes, StatefulDevice, writeLanes } from '../../bus/device.ts';
import { joined } from '../../bus/interrupt-output.ts';
import { allMasked, InterruptStatus } from '../../bus/interrupt-status.ts';
import { valuesOf } from '../../bus/register-bank.ts';
import { savedState } from '../../bus/state.ts';
import type { DmaPort, StreamPort } from '../../dma/stream-port.ts';
import type { Bridge, Port } from '../bridge.ts';
import { finished, headerLength } from '../frame.ts';
import { Phy, phyAddress, phyAtPowerOn } from './phy.ts';
import { Receiver, receiverAtReset } from './receiver.ts';
import {
  Control,
  coalescingSeconds,
  GemRegisters,
  Interrupt,
  queueInterrupts,
  queues,
  Gem as Register,
  registers,
} from './registers.ts';
import { PagedMemory } from './rings.ts';
import { isStatistic, Statistics, statisticsAtReset } from './statistics.ts';
import { Transmitter, transmitterAtReset } from './transmitter.ts';

const managementWrite = 1;
const managementRead = 2;
/** network_status: the management interface is idle, and its data line, which nobody drives, is high. */
const idle = 0x6;
/** What a frame has beyond the packet of IP: header and check sequence. */
const frameOverhead = headerLength + 4;

const atReset = () => ({
  registers: valuesOf(registers),
  phyManagement: 0,
  phy: phyAtPowerOn(),
  interrupts: queueInterrupts.map(allMasked),
  transmitter: transmitterAtReset(),
  receiver: receiverAtReset(),
  statistics: statisticsAtReset(),
});

/**
 * The interrupts of a queue. What is masked when it happens does not show in the status either: drivers that poll the
 * status until it is zero rely on that.
 */
class QueueInterrupts extends InterruptStatus {
  override raise(interrupts: number): void {
    super.raise(interrupts & this.awaited);
  }
}

export interface GemWiring extends DeviceWiring {
  readonly port: DmaPort & Pick<StreamPort, 'resumed'>;
  /** Where the wire of its PHY leads; null if there is no PHY. */
  readonly lan: Bridge | null;
}

export class Gem extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #registers: GemRegisters;
  readonly #interrupts: readonly InterruptStatus[];
  readonly #phy: Phy | null;
  readonly #transmitter: Transmitter;
  readonly #receiver: Receiver;
  readonly #statistics: Statistics;
  readonly #wire: Port | null;

  constructor(name: string, { log, interrupt, clock, port, lan }: GemWiring) {
    super(name, atReset());
    const { state } = this;
    const table = new GemRegisters(name, registers, log, state.registers);
    this.#registers = table;
    const output = joined(interrupt);
    this.#interrupts = state.interrupts.map(
      (each, queue) => new QueueInterrupts(each, queueInterrupts[queue] as number, output()),
    );
    this.#statistics = new Statistics(state.statistics);
    const common = {
      registers: table,
      memory: new PagedMemory(port),
      interrupts: this.#interrupts,
      statistics: this.#statistics,
    };
    this.#receiver = new Receiver(state.receiver, common);
    this.#transmitter = new Transmitter(state.transmitter, { ...common, clock, send: (bytes) => this.#send(bytes) });
    port.resumed = (terminate) => {
      this.#transmitter.resume(terminate);
      this.#receiver.resume(terminate);
    };
    this.#phy = lan && new Phy(state.phy, clock);
    this.#wire =
      lan?.attach(name, {
        receive: ({ bytes }) => {
          if (this.#phy?.hasLink) this.#receiver.receive(bytes);
        },
        bitsPerSecond: 1e9,
        coalescingSeconds,
        get mtu() {
          return table.longest - frameOverhead;
        },
      }) ?? null;
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const special = this.#read(offset & ~3);
    return special === null ? this.#registers.read(offset, size) : readLanes(special, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const word = writeLanes(value, offset, size);
    const register = offset & ~3;
    if (!this.#writeQueue(register, word)) this.#write(register, offset, size, value, word);
    // Software may have made room for frames that wait.
    this.#receiver.retry();
  }

  override resetByLine(): void {
    this.loadState(savedState({ ...atReset(), phy: this.state.phy }));
  }

  protected override stateLoaded(): void {
    for (const interrupts of this.#interrupts) interrupts.update();
    this.#transmitter.stateLoaded();
  }

  /** Writes a register that each queue has; false for others. */
  #writeQueue(register: number, word: number): boolean {
    for (const [i, { status, enable, disable, mask, receive, transmit }] of queues.entries()) {
      const interrupts = this.#interrupts[i] as InterruptStatus;
      if (register === status) interrupts.clear(word);
      else if (register === enable) interrupts.enable(word);
      else if (register === disable) interrupts.disable(word);
      else if (register === receive) this.#receiver.setPointer(i, (word & ~3) >>> 0);
      else if (register === transmit) this.#transmitter.setPointer(i, (word & ~3) >>> 0);
      else if (register !== mask) continue;
      return true;
    }
    return false;
  }

  #write(register: number, offset: number, size: 1 | 2 | 4, value: number, word: number): void {
    switch (register) {
      case Register.network_control:
        this.#registers.write(offset, size, value);
        this.#control(word);
        return;
      case Register.network_status:
        return;
      case Register.transmit_status:
        this.#transmitter.clearStatus(word);
        return;
      case Register.receive_status:
        this.#receiver.clearStatus(word);
        return;
      case Register.phy_management:
        this.#manage(word);
        return;
      default:
        if (isStatistic(register)) return;
        this.#registers.write(offset, size, value);
        if (register >= Register.spec_add1_bottom && register < Register.spec_type1)
          this.#receiver.setActive((register - Register.spec_add1_bottom) >> 3, (register & 4) !== 0);
    }
  }

  /** Registers that are not only remembered; null for the rest. */
  #read(register: number): number | null {
    for (const [i, { status, enable, disable, mask, receive, transmit }] of queues.entries()) {
      const interrupts = this.#interrupts[i] as InterruptStatus;
      if (register === status) return interrupts.status;
      if (register === mask) return interrupts.mask;
      if (register === enable || register === disable) return 0; // write-only
      if (register === receive) return this.#receiver.pointer(i);
      if (register === transmit) return this.#transmitter.pointer(i);
    }
    switch (register) {
      case Register.network_status:
        return idle;
      case Register.phy_management:
        return this.state.phyManagement;
      case Register.transmit_status:
        return this.#transmitter.status;
      case Register.receive_status:
        return this.#receiver.status;
      default:
        return isStatistic(register) ? this.#statistics.read(register) : null;
    }
  }

  /** What a write of network_control does at once. */
  #control(word: number): void {
    if ((word & Control.transmit) === 0) this.#transmitter.disable();
    if ((word & Control.receive) === 0) this.#receiver.disable();
    if (word & Control.clearStatistics) this.#statistics.clear();
    if (word & Control.haltTransmission) this.#transmitter.halt();
    if (word & Control.startTransmission) this.#transmitter.start();
  }

  #send(bytes: Uint8Array): void {
    if (this.#registers.control & Control.loopback || this.#phy?.loopsBack) this.#receiver.receive(bytes);
    else if (this.#phy?.hasLink) this.#wire?.send(finished(bytes));
  }

  /** A frame of the management interface. Where nobody drives the line, a read finds ones. */
  #manage(frame: number): void {
    const operation = bits(frame, 29, 28);
    const phy = bits(frame, 27, 23) === phyAddress ? this.#phy : null;
    const register = bits(frame, 22, 18);
    if (operation === managementWrite) phy?.write(register, frame & 0xffff);
    const data = operation === managementRead ? (phy ? phy.read(register) : 0xffff) : frame & 0xffff;
    this.state.phyManagement = ((frame & 0xffff_0000) | data) >>> 0;
    this.#interrupts[0]?.raise(Interrupt.managementDone);
  }
}
