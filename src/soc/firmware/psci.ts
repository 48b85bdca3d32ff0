/**
 * The EL3 firmware's power interface: PSCI 1.1 (Arm DEN0022D) and the general service calls of SMCCC 1.1 (Arm
 * DEN0028B), reached by SMC.
 */
import type { MachineLog } from '../bus/device.ts';
import { AffinityState, convention64, PsciFunction, PsciResult } from './psci-abi.ts';

/** The registers of the core that made the call. */
export interface CallRegisters {
  x(n: number): bigint;
  setX(n: number, value: bigint): void;
}

/** What the firmware does to the machine. */
export interface PowerControl {
  readonly cores: number;
  isOn(core: number): boolean;
  /** Starts a core that is off at `pc`, in the exception level in which the kernel was entered, with `x0`. */
  turnOn(core: number, pc: bigint, x0: bigint): void;
  turnOff(core: number): void;
  /**
   * Powers a core down until an interrupt is signalled to it; then it starts as by `turnOn`. False if one is signalled
   * now: the core stays on.
   */
  suspend(core: number, pc: bigint, x0: bigint): boolean;
  systemOff(): void;
  systemReset(): void;
}

const SMCCC_VERSION = 0x8000_0000;
const SMCCC_ARCH_FEATURES = 0x8000_0001;
const {
  PSCI_VERSION,
  CPU_SUSPEND,
  CPU_OFF,
  CPU_ON,
  AFFINITY_INFO,
  SYSTEM_OFF,
  SYSTEM_RESET,
  PSCI_FEATURES,
  SYSTEM_SUSPEND,
} = PsciFunction;
const { SUCCESS, NOT_SUPPORTED, INVALID_PARAMETERS, DENIED, ALREADY_ON, INVALID_ADDRESS } = PsciResult;
const { ON, OFF } = AffinityState;

/** Functions that also have a 64-bit form. */
const wide: ReadonlySet<number> = new Set([CPU_SUSPEND, CPU_ON, AFFINITY_INFO, SYSTEM_SUSPEND]);
/**
 * Trusted Firmware-A for the ZynqMP has no MIGRATE_INFO_TYPE without a Trusted OS, and no SYSTEM_RESET2: Linux prints
 * `MIGRATE_INFO_TYPE not supported` on the board.
 */
const psciFunctions: ReadonlySet<number> = new Set([
  PSCI_VERSION,
  CPU_SUSPEND,
  CPU_OFF,
  CPU_ON,
  AFFINITY_INFO,
  SYSTEM_OFF,
  SYSTEM_RESET,
  PSCI_FEATURES,
  SYSTEM_SUSPEND,
]);

/** power_state in its extended format (DEN0022D 5.4.2); the only states of Trusted Firmware-A for the ZynqMP. */
const standby = 0;
const powerDown = 0x4000_0000;
/** PSCI_FEATURES of CPU_SUSPEND: power_state is in the extended format. */
const extendedFormat = 1 << 1;

export class Psci {
  readonly #power: PowerControl;
  readonly #log: MachineLog;
  readonly #unknown = new Set<number>();

  constructor(power: PowerControl, log: MachineLog) {
    this.#power = power;
    this.#log = log;
  }

  /**
   * Serves the SMC of `core`; W0 has the function, and then the result. A function that the firmware does not have is
   * NOT_SUPPORTED.
   */
  call(core: number, registers: CallRegisters): void {
    const id = Number(BigInt.asUintN(32, registers.x(0)));
    const is64 = (id & convention64) !== 0;
    const result = this.#serve(core, id, (n) => BigInt.asUintN(is64 ? 64 : 32, registers.x(n)));
    if (result !== null) registers.setX(0, BigInt.asUintN(64, BigInt(result)));
  }

  /** The result, or null when the call does not return. */
  #serve(core: number, id: number, argument: (n: number) => bigint): number | null {
    const is64 = (id & convention64) !== 0;
    const base = (id & ~convention64) >>> 0;
    if (is64 && !wide.has(base)) return this.#notSupported(id);
    switch (base) {
      case SMCCC_VERSION:
        return 0x1_0001;
      case SMCCC_ARCH_FEATURES: {
        const asked = Number(argument(1));
        return asked === SMCCC_VERSION || asked === SMCCC_ARCH_FEATURES ? SUCCESS : NOT_SUPPORTED;
      }
      case PSCI_VERSION:
        return 0x1_0001;
      case CPU_SUSPEND:
        return this.#suspend(core, Number(BigInt.asUintN(32, argument(1))), argument(2), argument(3));
      case SYSTEM_SUSPEND:
        for (let other = 0; other < this.#power.cores; other++)
          if (other !== core && this.#power.isOn(other)) return DENIED;
        return this.#suspend(core, powerDown, argument(1), argument(2));
      case CPU_OFF:
        this.#log('psci', `core ${core} off`);
        this.#power.turnOff(core);
        return null;
      case CPU_ON:
        return this.#turnOn(argument(1), argument(2), argument(3));
      case AFFINITY_INFO: {
        const target = this.#coreOf(argument(1));
        if (target === null || BigInt.asUintN(32, argument(2)) !== 0n) return INVALID_PARAMETERS;
        return this.#power.isOn(target) ? ON : OFF;
      }
      case SYSTEM_OFF:
        this.#log('psci', `core ${core} turns the system off`);
        this.#power.systemOff();
        return null;
      case SYSTEM_RESET:
        this.#log('psci', `core ${core} resets the system`);
        this.#power.systemReset();
        return null;
      case PSCI_FEATURES: {
        const asked = Number(argument(1));
        const known =
          psciFunctions.has((asked & ~convention64) >>> 0) &&
          ((asked & convention64) === 0 || wide.has((asked & ~convention64) >>> 0));
        if ((asked & ~convention64) >>> 0 === CPU_SUSPEND) return extendedFormat;
        return known || asked === SMCCC_VERSION ? SUCCESS : NOT_SUPPORTED;
      }
      default:
        return this.#notSupported(id);
    }
  }

  /**
   * Standby may end at any time, so that the call returns at once; an operating system's idle loop uses WFI for
   * standby, and there the core waits. After a power-down the core starts at the entry point.
   */
  #suspend(core: number, powerState: number, entry: bigint, context: bigint): number | null {
    if (powerState === standby) return SUCCESS;
    if (powerState !== powerDown) return INVALID_PARAMETERS;
    if (isThumb(entry)) return INVALID_ADDRESS;
    return this.#power.suspend(core, entry, context) ? null : SUCCESS;
  }

  #turnOn(target: bigint, entry: bigint, context: bigint): number {
    const core = this.#coreOf(target);
    if (core === null) return INVALID_PARAMETERS;
    if (isThumb(entry)) return INVALID_ADDRESS;
    if (this.#power.isOn(core)) return ALREADY_ON;
    this.#log('psci', `core ${core} on at 0x${entry.toString(16)}`);
    this.#power.turnOn(core, entry, context);
    return SUCCESS;
  }

  /**
   * The core that an MPIDR means to the board's firmware, or null. Like Trusted Firmware-A for the ZynqMP it looks at
   * Aff1, which is 0 in the only cluster, and at Aff0; callers may leave RES1 and the other fields of MPIDR_EL1 in place.
   */
  #coreOf(mpidr: bigint): number | null {
    const core = Number(mpidr & 0xffn);
    return (mpidr & 0xff00n) === 0n && core < this.#power.cores ? core : null;
  }

  #notSupported(id: number): number {
    if (!this.#unknown.has(id)) {
      this.#unknown.add(id);
      this.#log('firmware', `function 0x${id.toString(16)} is not supported`);
    }
    return NOT_SUPPORTED;
  }
}

/** The only entry point that the firmware refuses: one that asks for T32. */
const isThumb = (entry: bigint): boolean => (entry & 1n) !== 0n;
