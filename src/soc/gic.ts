/**
 * The GIC-400 of the Zynq UltraScale+ (ARM DDI 0471 r0p1; GICv2, IHI 0048B). Its map has 4 KiB pages; the ZynqMP puts each one's address at bits 18-16, and
 * bits 15-12 count for nothing, so that a page is there 16 times in 64 KiB (UG1085 chapter 13).
 */
import { type Device, type MachineLog, readLanes, UnknownRegisters, writeLanes } from './device.ts';
import { Distributor, type DistributorState, interfaces } from './gic-distributor.ts';
import { CpuInterface, type CpuInterfaceState } from './gic-interface.ts';

export interface GicState {
  readonly distributor: DistributorState;
  readonly cpuInterfaces: readonly CpuInterfaceState[];
}

export interface GicWiring {
  readonly log: MachineLog;
  /** The core whose access this is: most registers are banked by core, which the interconnect carries beside the address. */
  core(): number;
  /** The interrupt request to a core changes. */
  line(core: number, line: 'irq', level: boolean): void;
}

export class Gic400 implements Device<GicState> {
  readonly name = 'gic';
  /** From the distributor's block on. */
  readonly size = 0x7_0000;
  readonly #core: () => number;
  readonly #distributor: Distributor;
  readonly #cpuInterfaces: readonly CpuInterface[];
  readonly #unknown: UnknownRegisters;

  constructor({ log, core, line }: GicWiring) {
    this.#core = core;
    this.#unknown = new UnknownRegisters(this.name, log);
    this.#distributor = new Distributor(log, (core) => this.#cpuInterfaces[core]?.update());
    const unknownOfInterface = new UnknownRegisters('gicc', log);
    this.#cpuInterfaces = Array.from(
      { length: interfaces },
      (_, i) => new CpuInterface(i, this.#distributor, unknownOfInterface, (level) => line(i, 'irq', level)),
    );
  }

  /** Drives a core's private peripheral interrupt, ID 16 to 31. */
  setPpi(core: number, id: number, level: boolean): void {
    this.#distributor.setInput(core, id, level);
  }

  /** Drives a shared peripheral interrupt, by its number from 0: the ID less 32. */
  setSpi(spi: number, level: boolean): void {
    this.#distributor.setInput(0, 32 + spi, level);
  }

  reset(): void {
    this.#distributor.reset();
    for (const each of this.#cpuInterfaces) each.reset();
  }

  saveState(): GicState {
    return {
      distributor: this.#distributor.saveState(),
      cpuInterfaces: this.#cpuInterfaces.map((each) => each.saveState()),
    };
  }

  loadState(state: GicState): void {
    this.#distributor.loadState(state.distributor);
    for (const [i, each] of state.cpuInterfaces.entries()) this.#cpuInterfaces[i]?.loadState(each);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const core = this.#core();
    const page = offset >>> 16;
    const register = offset & 0xfff;
    switch (page) {
      case 0:
        return this.#distributor.read(core, register, size);
      case 1:
      case 2:
        return readLanes(this.#interface(core).read(((page - 1) << 12) | (register & ~3)), register, size);
      default:
        return this.#unknown.read(offset);
    }
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const core = this.#core();
    const page = offset >>> 16;
    const register = offset & 0xfff;
    const word = writeLanes(value, register, size);
    switch (page) {
      case 0:
        this.#distributor.write(core, register, size, value);
        break;
      case 1:
      case 2:
        this.#interface(core).write(((page - 1) << 12) | (register & ~3), word);
        break;
      default:
        this.#unknown.write(offset, value);
    }
  }

  #interface(core: number): CpuInterface {
    return this.#cpuInterfaces[core] as CpuInterface;
  }
}
