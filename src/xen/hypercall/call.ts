import type { CommandLine } from '../command-line.ts';
import type { Costs } from '../costs.ts';
import type { BurialHost } from '../domain/burial.ts';
import type { Domain, VCpu } from '../domain/domain.ts';
import type { ShutdownHost } from '../domain/life.ts';
import type { RunstateHost } from '../domain/runstate.ts';
import type { MayReach } from '../domain/xsm.ts';
import type { Machine } from '../machine/machine.ts';
import { rewindPc, setX, xHigh, xLow } from '../machine/registers.ts';
import type { SerialLine } from '../machine/serial.ts';
import type { GuestMemory } from '../mm/guest-memory.ts';
import { Errno } from '../public/errno.ts';
import type { Hypercall } from '../public/hypercalls.ts';
import { type Fields, type FieldType, type GuestAddress, plus, type Struct, type Structure } from '../public/layout.ts';
import type { WaitHost } from '../traps/wfx.ts';

/** The parts of Xen that hypercalls use. */
export interface HypercallHost extends RunstateHost, ShutdownHost, WaitHost, BurialHost {
  readonly costs: Costs;
  readonly commandLine: CommandLine;
  readonly serial: SerialLine;
  readonly mayReach: MayReach;
  readonly hvc: HvcRegisters;
  /** Serves the call by which the stub of Dom0 asks for the model of Dom0's software. */
  readonly control: ((vcpu: VCpu) => void) | undefined;
  /** Numbers of hypercalls that guests have made and Xen does not have. */
  readonly unknownHypercalls: Set<number>;
}

/** What a handler returns: the result for X0, or that the call goes on later. */
export type HypercallResult = number | bigint | typeof preempted;

/** The call has not been completed: its registers say what is left, and the guest makes it again. */
export const preempted = Symbol('preempted');

/** After so many steps of a call it is interrupted, however little time they took. */
const stepsAtOnce = 64;

/** A hypercall that is being served. */
export interface HypercallArguments {
  /** The halves of argument n, 0 to 4, unsigned. */
  low(n: number): number;
  high(n: number): number;
}

/** A hypercall: its arguments, and the guest memory that they point to. */
export class Call implements HypercallArguments {
  constructor(
    readonly xen: HypercallHost,
    readonly vcpu: VCpu,
    private readonly args: HypercallArguments,
    /** Puts another call, by its number and arguments, in the place of this one. */
    private readonly replace: (number: number, args: readonly (number | bigint)[]) => void,
  ) {}

  get memory(): GuestMemory {
    return this.xen.memory;
  }

  get domain(): Domain {
    return this.vcpu.domain;
  }

  low(n: number): number {
    return this.args.low(n);
  }

  high(n: number): number {
    return this.args.high(n);
  }

  /** Argument n as 64 bits. */
  long(n: number): bigint {
    return (BigInt(this.high(n)) << 32n) | BigInt(this.low(n));
  }

  /** Whether argument n is a null pointer. */
  isNull(n: number): boolean {
    return this.low(n) === 0 && this.high(n) === 0;
  }

  /** The structure that argument n points to, or the one `index` further on; null stands for -EFAULT. */
  read<F extends Fields>(n: number, struct: Struct<F>, index = 0): Structure<F> | null {
    const bytes = this.readBytes(n, struct.size, index * struct.size);
    return bytes && struct.get(new DataView(bytes.buffer));
  }

  /** Writes a structure to where argument n points, or `index` further on. Returns 0 or -EFAULT. */
  write(n: number, { bytes }: { readonly bytes: Uint8Array }, index = 0): number {
    return this.writeBytes(n, bytes, index * bytes.length);
  }

  /** Bytes at `offset` from where argument n points; null stands for -EFAULT. */
  readBytes(n: number, length: number, offset = 0): Uint8Array<ArrayBuffer> | null {
    return this.memory.read(this.pointer(n, offset), length);
  }

  /** Returns 0 or -EFAULT. */
  writeBytes(n: number, bytes: Uint8Array, offset = 0): number {
    return this.memory.write(this.pointer(n, offset), bytes) ? 0 : -Errno.EFAULT;
  }

  /** Entry `index` of a list in the guest; null stands for -EFAULT. */
  entry<Value>(list: GuestAddress, type: FieldType<Value>, index: number): Value | null {
    const bytes = this.memory.read(plus(list, index * type.size), type.size);
    return bytes && type.get(new DataView(bytes.buffer), 0);
  }

  private pointer(n: number, offset: number): GuestAddress {
    return plus({ low: this.low(n), high: this.high(n) }, offset);
  }

  /** Asked before each step of a call that may be long: whether the steps done are enough for now. */
  takesLong(done: number): boolean {
    return done > 0 && (done >= stepsAtOnce || this.xen.machine.isTurnOver);
  }

  /** The guest will make this call in place of the present one. */
  goOn(number: Hypercall, ...args: readonly (number | bigint)[]): typeof preempted {
    this.replace(number, args);
    return preempted;
  }
}

/** The arguments of the HVC that the running guest has executed: its registers. */
export class HvcRegisters implements HypercallArguments {
  constructor(private readonly machine: Machine) {}

  low(n: number): number {
    return xLow(this.machine.core, n);
  }

  high(n: number): number {
    return xHigh(this.machine.core, n);
  }

  /** Makes the guest execute its HVC again, with these registers. */
  readonly repeat = (number: number, args: readonly (number | bigint)[]): void => {
    const { core } = this.machine;
    core.setX(16, BigInt(number));
    for (const [n, value] of args.entries()) core.setX(n, BigInt.asUintN(64, BigInt(value)));
    rewindPc(core);
  };
}

/** Puts the result of a call into X0. */
export const setResult = ({ core }: Machine, result: number | bigint): void => {
  if (typeof result === 'bigint') core.setX(0, BigInt.asUintN(64, result));
  else setX(core, 0, result, Math.floor(result / 2 ** 32));
};
