/**
 * The GIC-400 of the Zynq UltraScale+ (ARM DDI 0471 r0p1; GICv2, IHI 0048B). Its map has pages of 4 KiB (DDI 0471,
 * 3.2); the ZynqMP puts a page's number into address bits 18-16 and ignores bits 15-12, so that each page repeats 16
 * times in 64 KiB.
 */
import type { InterruptLine } from '../../arch/exceptions/interrupts.ts';
import { type Probe, silentProbe } from '../../base/probe/probe.ts';
import { type MachineLog, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../bus/device.ts';
import { CpuInterface, cpuInterfaceAtStart } from './cpu-interface.ts';
import { Distributor } from './distributor.ts';
import { Interrupts, interfaces, interruptsAtReset } from './interrupts.ts';
import { VirtualInterface, virtualInterfaceAtReset } from './virtual.ts';

/** Private peripheral interrupt of the virtual interfaces. */
export const maintenancePpi = 25;

/** Pages, counted from the distributor's. CPU interfaces have two, with GICC_DIR at the start of the second. */
export const GicPage = {
  distributor: 0,
  cpuInterface: 1,
  cpuInterface2: 2,
  /** Virtual interface control of the core that makes the access. */
  control: 3,
  /** The same of the core that address bits 11-9 select. */
  controlOfAny: 4,
  virtualCpuInterface: 5,
  virtualCpuInterface2: 6,
} as const;

const powerOn = (cores: number) => ({
  interrupts: interruptsAtReset(cores),
  cpuInterfaces: Array.from({ length: interfaces }, cpuInterfaceAtStart),
  virtualInterfaces: Array.from({ length: interfaces }, virtualInterfaceAtReset),
});

export interface GicWiring {
  readonly log: MachineLog;
  /** Cores of the chip, 1 to 4: those that GICD_TYPER counts and that interrupts can go to. */
  readonly cores: number;
  /**
   * The core that makes the access. Most registers are banked by core; the interconnect passes its number beside the
   * address.
   */
  core(): number;
  readonly probe?: Probe;
  /** A physical interrupt has been acknowledged. */
  acknowledged?(id: number): void;
  /** A hypervisor has written GICH_HCR of a core, and so turned its virtual interface on or off. */
  virtualInterface?(core: number, on: boolean): void;
  /** A request to a core changes. The model has four interfaces; those of cores that are not there stay silent. */
  line(core: number, line: InterruptLine, level: boolean): void;
}

export class Gic400 extends StatefulDevice<ReturnType<typeof powerOn>> {
  readonly #cores: number;
  readonly #core: () => number;
  readonly #interrupts: Interrupts;
  readonly #distributor: Distributor;
  readonly #cpuInterfaces: readonly CpuInterface[];
  readonly #virtualInterfaces: readonly VirtualInterface[];

  constructor(
    name: string,
    { log, cores, core, line, acknowledged, virtualInterface, probe = silentProbe }: GicWiring,
  ) {
    super(name, powerOn(cores));
    const { state } = this;
    this.#cores = cores;
    this.#core = core;
    this.#interrupts = new Interrupts(state.interrupts, (core) => this.#cpuInterfaces[core]?.update(), probe);
    this.#distributor = new Distributor(this.#interrupts, cores, log);
    const gicc = new UnknownRegisters('gicc', log);
    const gich = new UnknownRegisters('gich', log);
    const gicv = new UnknownRegisters('gicv', log);
    this.#cpuInterfaces = state.cpuInterfaces.map(
      (part, i) =>
        new CpuInterface(i, part, this.#interrupts, {
          probe,
          unknown: gicc,
          irq: (level) => line(i, 'irq', level),
          acknowledged: (id) => acknowledged?.(id),
        }),
    );
    this.#virtualInterfaces = state.virtualInterfaces.map(
      (part, i) =>
        new VirtualInterface(i, part, this.#interrupts, {
          gich,
          gicv,
          probe,
          line: (name, level) => line(i, name, level),
          maintenance: (level) => this.#interrupts.setInput(i, maintenancePpi, level),
          enabled: (on) => virtualInterface?.(i, on),
        }),
    );
  }

  isVirtualInterfaceOn(core: number): boolean {
    return this.#virtualInterface(core).isOn;
  }

  /** Drives a core's private peripheral interrupt, ID 25 to 31. */
  setPpi(core: number, id: number, level: boolean): void {
    this.#interrupts.setInput(core, id, level);
  }

  /** Drives a shared peripheral interrupt, by its number from 0: the ID less 32. */
  setSpi(spi: number, level: boolean): void {
    this.#interrupts.setInput(0, 32 + spi, level);
  }

  /** The inputs belong to the devices and keep their levels. */
  override reset(): void {
    const { input } = this.state.interrupts.bitmaps;
    const levels = input.slice();
    super.reset();
    input.set(levels);
    this.#interrupts.loaded();
  }

  protected override stateLoaded(): void {
    this.#interrupts.loaded();
    for (const each of this.#cpuInterfaces) each.update();
    for (const each of this.#virtualInterfaces) each.update();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const core = this.#core();
    const page = offset >>> 16;
    const register = offset & 0xfff;
    if (page === GicPage.distributor) return this.#distributor.read(core, register, size);
    return readLanes(this.#readWord(core, page, register & 0xffc), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const core = this.#core();
    const page = offset >>> 16;
    const register = offset & 0xfff;
    if (page === GicPage.distributor) this.#distributor.write(core, register, size, value);
    else this.#writeWord(core, page, register & 0xffc, writeLanes(value, offset, size));
  }

  #readWord(core: number, page: number, register: number): number {
    switch (page) {
      case GicPage.cpuInterface:
      case GicPage.cpuInterface2:
        return this.#cpuInterface(core).read(((page - GicPage.cpuInterface) << 12) | register);
      case GicPage.control:
        return this.#virtualInterface(core).readControl(register);
      case GicPage.controlOfAny:
        return this.#virtualInterface(register >>> 9).readControl(register & 0x1ff);
      default:
        return this.#virtualInterface(core).read(((page - GicPage.virtualCpuInterface) << 12) | register);
    }
  }

  #writeWord(core: number, page: number, register: number, value: number): void {
    switch (page) {
      case GicPage.cpuInterface:
      case GicPage.cpuInterface2:
        this.#cpuInterface(core).write(((page - GicPage.cpuInterface) << 12) | register, value);
        break;
      case GicPage.control:
        this.#virtualInterface(core).writeControl(register, value);
        break;
      case GicPage.controlOfAny:
        this.#virtualInterface(register >>> 9).writeControl(register & 0x1ff, value);
        break;
      default:
        this.#virtualInterface(core).write(((page - GicPage.virtualCpuInterface) << 12) | register, value);
    }
  }

  #cpuInterface(core: number): CpuInterface {
    return this.#cpuInterfaces[core] as CpuInterface;
  }

  /** Core numbers beyond the last core wrap. */
  #virtualInterface(core: number): VirtualInterface {
    return this.#virtualInterfaces[core % this.#cores] as VirtualInterface;
  }
}
