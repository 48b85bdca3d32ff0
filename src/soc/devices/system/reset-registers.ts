/**
 * The registers that reset the processing system, and say why it was reset (UG1087, modules CRL_APB and PMU_GLOBAL;
 * UG1085 chapter 38). They are among the registers of their modules that only store.
 */
import { type MachineLog, writeLanes } from '../../bus/device.ts';
import { RegisterBank } from '../../bus/register-bank.ts';
import type { ResetCause } from '../../bus/reset-cause.ts';
import { crlApb, pmuGlobal } from './control-registers.ts';

interface ResetWiring {
  readonly log: MachineLog;
  /** The system is reset. */
  resetSystem(cause: ResetCause): void;
}

const [resetControl] = crlApb.RESET_CTRL;
const [resetReason] = crlApb.RESET_REASON;
const softReset = 1 << 4;

/** RESET_REASON. Its bits add up until software writes 1 to them. */
export const ResetReason = { externalPor: 1 << 0, pmuSystemReset: 1 << 2, psOnly: 1 << 3, soft: 1 << 5 } as const;

export class CrlApb extends RegisterBank {
  readonly #resetSystem: (cause: ResetCause) => void;

  constructor(name: string, { log, resetSystem }: ResetWiring) {
    super(name, crlApb, log, undefined, [crlApb.BOOT_MODE_USER[0], resetReason]);
    this.#resetSystem = resetSystem;
  }

  override write(offset: number, size: 1 | 2 | 4, value: number): void {
    const register = offset & ~3;
    const word = writeLanes(value, offset, size);
    if (register === resetReason) this.change(resetReason, word, 0);
    else super.write(offset, size, value);
    if (register === resetControl && (word & softReset) !== 0) this.#resetSystem('software');
  }
}

const [globalReset] = pmuGlobal.GLOBAL_RESET;
const psOnlyReset = 1 << 10;
const persistent = Object.entries(pmuGlobal)
  .filter(([name]) => name.startsWith('PERS_GLOB_GEN_STORAGE'))
  .map(([, [offset]]) => offset);

export class PmuGlobal extends RegisterBank {
  readonly #resetSystem: (cause: ResetCause) => void;

  constructor(name: string, { log, resetSystem }: ResetWiring) {
    super(name, pmuGlobal, log, undefined, persistent);
    this.#resetSystem = resetSystem;
  }

  override write(offset: number, size: 1 | 2 | 4, value: number): void {
    super.write(offset, size, value);
    if ((offset & ~3) === globalReset && (writeLanes(value, offset, size) & psOnlyReset) !== 0)
      this.#resetSystem('psOnly');
  }
}
