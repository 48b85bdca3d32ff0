import type { Device, MachineLog } from './device.ts';

/**
 * A device of the chip without a model. It reads as zero and ignores writes, so that a driver finds nothing to use; its
 * first access is logged.
 */
export class AbsentDevice implements Device {
  readonly name: string;
  readonly #log: MachineLog;
  #reported = false;

  constructor(name: string, log: MachineLog) {
    this.name = name;
    this.#log = log;
  }

  read(offset: number): number {
    this.#report('read', offset);
    return 0;
  }

  write(offset: number): void {
    this.#report('write', offset);
  }

  reset(): void {}

  saveState(): null {
    return null;
  }

  loadState(): void {}

  #report(access: string, offset: number): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#log(this.name, `${access} at offset 0x${offset.toString(16)}: this device is not modelled and reads as zero`);
  }
}
