/**
 * The PMU firmware's part for the programmable logic (embeddedsw, xilfpga for the PCAP). The logic has no model: a
 * bitstream that is one is taken and nothing runs in it. Reading it back fails.
 */
import type { RegisterBank } from '../../bus/register-bank.ts';
import { csu } from '../../devices/system/control-registers.ts';
import { type Answer, Status, success } from '../status.ts';

/** XFPGA_VALIDATE_ERROR and XFPGA_FAILURE, of xilfpga. */
const validateError = 2;
const readError = 1;
const done = 1 << 3;
const version = 0x6_0005;
/** Full, partial, authenticated and encrypted bitstreams, and both ways to read back. */
const features = 0xdf;
const secureFlags = 0x1e;
/** Where the synchronization word may be. */
const headerSize = 1024;
const synchronization = [0xaa, 0x99, 0x55, 0x66] as const;

/** Memory that the firmware reads for its callers. */
export type ReadMemory = (address: number, length: number) => Uint8Array | null;

export class ProgrammableLogic {
  readonly #csu: RegisterBank;
  readonly #memory: ReadMemory;

  constructor(csu: RegisterBank, memory: ReadMemory) {
    this.#csu = csu;
    this.#memory = memory;
  }

  /** Encrypted and authenticated bitstreams need engines that the chip's eFuses disable. */
  load(low: number, high: number, flags: number): Answer {
    const header = this.#memory(high * 2 ** 32 + low, headerSize);
    if (!header || flags & secureFlags || !hasSynchronization(header)) return [validateError];
    this.#csu.change(csu.pcap_status[0], done, done);
    return success();
  }

  status(): Answer {
    return success(this.#csu.get(csu.pcap_status[0]));
  }

  read(): Answer {
    return [readError];
  }

  version(): Answer {
    return success(version);
  }

  features(): Answer {
    return success(features);
  }

  /** EFUSE_ACCESS is built without access: the answer is a success, and the value says so. */
  efuse(): Answer {
    return success(Status.notEnabled);
  }
}

/** The word is in the order of the file, or with its bytes swapped. */
function hasSynchronization(bytes: Uint8Array): boolean {
  const isAt = (place: number, order: readonly number[]): boolean =>
    order.every((byte, i) => bytes[place + i] === byte);
  const swapped = synchronization.toReversed();
  return bytes.some((_, place) => isAt(place, synchronization) || isAt(place, swapped));
}
