/**
 * The platform management firmware's pin control (UG1200, chapter 5): answers from the pin table, and reads and writes
 * the pins' registers.
 */

import type { RegisterBank } from '../../bus/register-bank.ts';
import { pinCount, pinsPerBank } from '../../devices/system/control-registers.ts';
import { type Answer, invalidParameter, nameAnswer, noAccess, Status, success, wrongArguments } from '../status.ts';
import { pinFunctions } from './pin-table.ts';

const selectMask = 0xfe;
const endOfGroups = 0xffff;
const groupsPerAnswer = 6;

/** Properties of a pin (Linux, enum pm_pinctrl_config_param). */
const Config = {
  slewRate: 0,
  biasStatus: 1,
  pullControl: 2,
  schmittCmos: 3,
  driveStrength: 4,
  voltageStatus: 5,
  triState: 6,
} as const;

/**
 * Registers of the pins' banks, and of the pins' three-state control (UG1087, module IOU_SLCR: bank0_ctrl0 and
 * MIO_MST_TRI0).
 */
const bankBase = 0x138;
const bankSize = 0x1c;
const BankRegister = {
  driveHigh: 0,
  driveLow: 4,
  input: 8,
  pullUp: 0xc,
  pull: 0x10,
  slow: 0x14,
  status: 0x18,
} as const;
const triStateBase = 0x204;

/** Numbers of each function's groups, counted across all functions. */
const functionGroups = (() => {
  let next = 0;
  return pinFunctions.map(({ groups }) => groups.map(() => next++));
})();
/** Numbers of the groups of each pin. */
const pinGroups = Array.from({ length: pinCount }, (_, pin) =>
  pinFunctions.flatMap(({ groups }, f) =>
    groups.flatMap((pins, g) => (pins.includes(pin) ? [functionGroups[f]?.[g] as number] : [])),
  ),
);

export class PinControl {
  readonly #slcr: RegisterBank;
  /** Pins that the application processors have requested. */
  readonly #owned: Uint8Array;

  /** `owned` is part of the firmware's state: by pin, 1 if the caller has requested it. */
  constructor(iouSlcr: RegisterBank, owned: Uint8Array) {
    this.#slcr = iouSlcr;
    this.#owned = owned;
  }

  countPins(): Answer {
    return success(pinCount);
  }

  countFunctions(): Answer {
    return success(pinFunctions.length);
  }

  countGroups(number: number): Answer {
    const groups = functionGroups[number];
    return groups ? success(groups.length) : wrongArguments;
  }

  functionName(number: number): Answer {
    return nameAnswer(pinFunctions[number]?.name ?? 'END_OF_FUNCTION');
  }

  /** Six groups of a function from `index` on, in 16 bits each. */
  groupsOfFunction(number: number, index: number): Answer {
    return groupsFrom(functionGroups[number], index);
  }

  /** Six groups of a pin, from `index` on. */
  groupsOfPin(pin: number, index: number): Answer {
    return groupsFrom(pinGroups[pin], index);
  }

  request(pin: number): Answer {
    if (pin >= pinCount) return invalidParameter;
    this.#owned[pin] = 1;
    return success();
  }

  release(pin: number): Answer {
    if (pin >= pinCount) return invalidParameter;
    if (!this.#owned[pin]) return [Status.failure];
    this.#owned[pin] = 0;
    return success();
  }

  setFunction(pin: number, number: number): Answer {
    const refused = this.#refuses(pin);
    if (refused) return refused;
    const chosen = pinFunctions[number];
    if (!chosen?.groups.some((pins) => pins.includes(pin))) return invalidParameter;
    this.#slcr.change(4 * pin, selectMask, chosen.select);
    return success();
  }

  /** The pin's first function whose value its multiplexer has. */
  function(pin: number): Answer {
    if (pin >= pinCount) return invalidParameter;
    const select = this.#slcr.get(4 * pin) & selectMask;
    const number = pinFunctions.findIndex((f) => f.select === select && f.groups.some((pins) => pins.includes(pin)));
    return number < 0 ? [Status.internal] : success(number);
  }

  config(pin: number, parameter: number): Answer {
    if (pin >= pinCount) return invalidParameter;
    switch (parameter) {
      case Config.slewRate:
        return success(this.#bit(pin, BankRegister.slow));
      case Config.biasStatus:
        return success(this.#bit(pin, BankRegister.pull));
      case Config.pullControl:
        return success(this.#bit(pin, BankRegister.pullUp));
      case Config.schmittCmos:
        return success(this.#bit(pin, BankRegister.input));
      case Config.driveStrength:
        return success((this.#bit(pin, BankRegister.driveHigh) << 1) | this.#bit(pin, BankRegister.driveLow));
      case Config.voltageStatus:
        return success(this.#slcr.get(bankOf(pin) + BankRegister.status) & 1);
      case Config.triState:
        return success((this.#slcr.get(triStateOf(pin)) >>> (pin % 32)) & 1);
      default:
        return invalidParameter;
    }
  }

  setConfig(pin: number, parameter: number, value: number): Answer {
    const refused = this.#refuses(pin);
    if (refused) return refused;
    if (value > (parameter === Config.driveStrength ? 3 : 1)) return invalidParameter;
    switch (parameter) {
      case Config.slewRate:
        return this.#setBit(pin, BankRegister.slow, value);
      case Config.biasStatus:
        return this.#setBit(pin, BankRegister.pull, value);
      case Config.pullControl:
        this.#setBit(pin, BankRegister.pull, 1);
        return this.#setBit(pin, BankRegister.pullUp, value);
      case Config.schmittCmos:
        return this.#setBit(pin, BankRegister.input, value);
      case Config.driveStrength:
        this.#setBit(pin, BankRegister.driveHigh, value >> 1);
        return this.#setBit(pin, BankRegister.driveLow, value & 1);
      case Config.triState:
        this.#slcr.change(triStateOf(pin), 1 << (pin % 32), value << (pin % 32));
        return success();
      default:
        return invalidParameter;
    }
  }

  /** A pin can be changed only by who has requested it. */
  #refuses(pin: number): Answer | null {
    if (pin >= pinCount) return invalidParameter;
    return this.#owned[pin] ? null : noAccess;
  }

  #bit(pin: number, register: number): number {
    return (this.#slcr.get(bankOf(pin) + register) >>> (pin % pinsPerBank)) & 1;
  }

  #setBit(pin: number, register: number, value: number): Answer {
    const bit = pin % pinsPerBank;
    this.#slcr.change(bankOf(pin) + register, 1 << bit, value << bit);
    return success();
  }
}

const bankOf = (pin: number): number => bankBase + bankSize * Math.floor(pin / pinsPerBank);
const triStateOf = (pin: number): number => triStateBase + 4 * Math.floor(pin / 32);

function groupsFrom(groups: readonly number[] | undefined, index: number): Answer {
  if (!groups) return wrongArguments;
  const halves = Array.from({ length: groupsPerAnswer }, (_, i) => groups[index + i] ?? endOfGroups);
  const word = (i: number): number => ((halves[i] as number) | ((halves[i + 1] as number) << 16)) >>> 0;
  return success(word(0), word(2), word(4));
}
