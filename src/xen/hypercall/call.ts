import type { CommandLine } from '../command-line.ts';
import type { Costs } from '../costs.ts';
import type { Domain, VCpu } from '../domain/domain.ts';
import type { Domains } from '../domain/domains.ts';
import type { ShutdownHost } from '../domain/life.ts';
import type { RunstateHost } from '../domain/runstate.ts';
import type { Machine } from '../machine/machine.ts';
import { rewindPc, setX, xHigh, xLow } from '../machine/registers.ts';
import type { Heap } from '../mm/heap.ts';
import type { SerialLine } from '../serial.ts';
import type { WaitHost } from '../traps/wfx.ts';
import { Errno } from './errno.ts';
import type { GuestMemory } from './guest-memory.ts';

/** The parts of Xen that hypercalls use. */
export interface HypercallHost extends RunstateHost, ShutdownHost, WaitHost {
  readonly costs: Costs;
  readonly heap: Heap;
  readonly domains: Domains;
  readonly commandLine: CommandLine;
  readonly serial: SerialLine;
  readonly hvc: HvcRegisters;
  /** Serves the call by which the stub of Dom0 asks for the model of Dom0's software. */
  readonly control: ((vcpu: VCpu) => void) | undefined;
  /** Numbers of hypercalls that guests have made and that are not there. */
  readonly unknownHypercalls: Set<number>;
}

/** What a handler gives back: the result in X0, or that the call goes on later. */
export type HypercallResult = number | bigint | typeof preempted;

/** The call has not been completed: its registers say what is left, and the guest makes it again. */
export const preempted = Symbol('preempted');

/** Steps of a call after which others have their turn, however little time they took. */
const stepsAtOnce = 64;

/** A hypercall that is being served. */
export interface HypercallArguments {
  /** Halves of argument n, 0 to 4, unsigned. */
  low(n: number): number;
  high(n: number): number;
}

/** A hypercall: its arguments, and the guest memory that they point to. */
export class Call implements HypercallArguments {
  constructor(
    readonly xen: HypercallHost,
    readonly vcpu: VCpu,
    private readonly args: HypercallArguments,
    /** Puts a call in the place of this one: __HYPERVISOR_* and its arguments. */
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

  /** A structure of `length` bytes that argument n points to, `offset` bytes behind that; null stands for -EFAULT. */
  copyFrom(n: number, length: number, offset = 0): DataView | null {
    const low = this.low(n) + offset;
    const bytes = this.memory.read(low >>> 0, this.high(n) + (low >= 2 ** 32 ? 1 : 0), length);
    return bytes && new DataView(bytes.buffer);
  }

  /** The way back: 0 or -EFAULT. */
  copyTo(n: number, structure: DataView | Uint8Array, offset = 0): number {
    const { buffer, byteOffset, byteLength } = structure;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const low = this.low(n) + offset;
    const done = this.memory.write(low >>> 0, this.high(n) + (low >= 2 ** 32 ? 1 : 0), bytes);
    return done ? 0 : -Errno.EFAULT;
  }

  /** hypercall_preempt_check, before a step of many: whether those done are enough for now. */
  takesLong(done: number): boolean {
    return done > 0 && (done >= stepsAtOnce || this.xen.machine.isTurnOver);
  }

  /** hypercall_create_continuation: the guest will make this call in place of the present one. */
  goOn(number: number, ...args: readonly (number | bigint)[]): typeof preempted {
    this.replace(number, args);
    return preempted;
  }
}

/** The HVC that the running guest has executed. */
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
