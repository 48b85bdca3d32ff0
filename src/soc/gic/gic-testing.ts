import { Gic400 } from './gic.ts';

/** Blocks of the GIC's map. */
export const GICD = 0;
export const GICC = 0x1_0000;
export const GICH = 0x3_0000;
export const GICV = 0x5_0000;

/** A GIC without a board. */
export class GicBench {
  readonly logged: string[] = [];
  /** Requests that are up now, such as `0 irq`. */
  readonly lines = new Set<string>();
  readonly gic: Gic400;
  /** The core that makes the accesses. */
  core = 0;

  constructor(state?: unknown, cores = 4) {
    this.gic = new Gic400('gic', {
      cores,
      log: (source, text) => this.logged.push(`${source}: ${text}`),
      core: () => this.core,
      line: (core, line, level) => {
        if (level) this.lines.add(`${core} ${line}`);
        else this.lines.delete(`${core} ${line}`);
      },
    });
    if (state !== undefined) this.gic.loadState(state);
  }

  read(offset: number, core = this.core): number {
    this.core = core;
    return this.gic.read(offset, 4);
  }

  write(offset: number, value: number, core = this.core): void {
    this.core = core;
    this.gic.write(offset, 4, value);
  }

  /** Turns the distributor and the interfaces of cores 0 and 1 on. */
  start(): this {
    this.write(GICD, 1);
    for (const core of [1, 0]) {
      this.write(GICC, 1, core);
      this.write(GICC + 4, 0xf0, core);
    }
    return this;
  }

  /** Enables an SPI for these cores, with this priority. */
  enable(id: number, priority: number, targets = 1): void {
    this.gic.write(GICD + 0x400 + id, 1, priority);
    this.gic.write(GICD + 0x800 + id, 1, targets);
    this.write(GICD + 0x100 + 4 * (id >>> 5), (1 << (id & 31)) >>> 0);
  }

  pend(id: number): void {
    this.write(GICD + 0x200 + 4 * (id >>> 5), (1 << (id & 31)) >>> 0);
  }

  isActive(id: number): boolean {
    return ((this.read(GICD + 0x300 + 4 * (id >>> 5)) >>> (id & 31)) & 1) !== 0;
  }

  isPending(id: number): boolean {
    return ((this.read(GICD + 0x200 + 4 * (id >>> 5)) >>> (id & 31)) & 1) !== 0;
  }

  acknowledge(core = this.core): number {
    return this.read(GICC + 0xc, core);
  }

  end(value: number, core = this.core): void {
    this.write(GICC + 0x10, value, core);
  }
}
