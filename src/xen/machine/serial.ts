/** Xen's serial line: UART0 of the chip, a Cadence UART (UG1087). */
import { defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { placeOf } from '../../soc/board/map.ts';
import { enableShared, targetShared } from './gic.ts';
import type { Machine } from './machine.ts';

const uart0 = placeOf('uart0');
export const serialBase: number = uart0.base;
export const serialInterrupt = 32 + defined(uart0.spis[0], 'the interrupt of UART0');

const Intrpt_en = uart0.base + 0x08;
const Chnl_int_sts = uart0.base + 0x14;
const Rcvr_FIFO_trigger = uart0.base + 0x20;
const Channel_sts = uart0.base + 0x2c;
const FIFO = uart0.base + 0x30;
/** Of Intrpt_en: the receiver FIFO has reached its trigger. */
const RTRIG = 1 << 0;
/** Of Channel_sts: the receiver FIFO is empty. */
const REMPTY = 1 << 1;

/** Number of bytes of input that wait for Dom0. Further ones are lost. */
const inputSize = 128;

export class SerialLine {
  private readonly machine: Machine;
  /** Cycles of EL2 for a byte of output. */
  private readonly byteCost: number;
  private readonly input: number[] = [];

  constructor(machine: Machine, byteCost: number) {
    this.machine = machine;
    this.byteCost = byteCost;
  }

  /** Turns on the interrupt for input. */
  start(): void {
    const machine = this.machine;
    machine.writeDevice(Rcvr_FIFO_trigger, 1);
    machine.writeDevice(Intrpt_en, RTRIG);
    targetShared(machine, serialInterrupt, 0);
    enableShared(machine, serialInterrupt);
  }

  transmit(text: string): void {
    const machine = this.machine;
    machine.spend(this.byteCost * text.length);
    for (let i = 0; i < text.length; i++) machine.writeDevice(FIFO, text.charCodeAt(i));
  }

  /** The UART's interrupt: takes the bytes that have come in. */
  interrupt(): void {
    const machine = this.machine;
    machine.writeDevice(Chnl_int_sts, machine.readDevice(Chnl_int_sts));
    while ((machine.readDevice(Channel_sts) & REMPTY) === 0) {
      const byte = machine.readDevice(FIFO);
      if (this.input.length < inputSize) this.input.push(byte);
    }
  }

  /** Takes at most `count` bytes of input. */
  take(count: number): Uint8Array {
    return Uint8Array.from(this.input.splice(0, count));
  }

  /** Adds the input that waits. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.input);
  }
}
