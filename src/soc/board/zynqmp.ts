/** The Zynq UltraScale+ MPSoC of a ZCU102: what is where (UG1085 chapter 10, UG1087), and how it is wired. */

import { Events } from '../../base/events.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { Probe, type ProbeSink } from '../../base/probe/probe.ts';
import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { KernelPlan } from '../../boot/elf.ts';
import { placeSegments } from '../../boot/loader.ts';
import { Cluster } from '../../cluster/cluster.ts';
import { AbsentDevice, absentDevices } from '../bus/absent.ts';
import { AddressMap } from '../bus/address-map.ts';
import type { Device, DeviceClock, MachineLog } from '../bus/device.ts';
import { RegisterBank } from '../bus/register-bank.ts';
import { Uart } from '../devices/serial/uart.ts';
import { amsBlocks } from '../devices/system/ams.ts';
import { controlBlocks } from '../devices/system/control-registers.ts';
import { ddrcBlocks } from '../devices/system/ddrc.ts';
import type { Gpio } from '../devices/system/gpio.ts';
import { pcieBlocks } from '../devices/system/pcie.ts';
import { buildDmaMasters } from '../dma/masters.ts';
import { Eemi } from '../firmware/eemi.ts';
import { type PowerControl, Psci } from '../firmware/psci.ts';
import { Gic400 } from '../gic/gic.ts';
import { buildPeripherals } from './peripherals.ts';
import { CorePower } from './power.ts';

/** APU clock as a ZCU102 boots: 1.2 GHz, one core cycle each. */
export const clockHz = 1_200_000_000;

export const dramBase = physAddr(0);
/** On-chip memory (UG1085 chapter 18). */
const ocm = { base: physAddr(0xfffc_0000), size: 0x4_0000 };
const gicBase = physAddr(0xf901_0000);
const uartBases: readonly PhysAddr[] = [physAddr(0xff00_0000), physAddr(0xff01_0000)];

/** PPIs of the timers (ARM DDI 0500, 10.2; the Secure physical timer's 29 belongs to the firmware). */
const timerPpis = { cnthp: 26, cntv: 27, cntp: 30 } as const;
/** SPIs by their number, the GIC's ID less 32 (UG1085 table 13-1). */
const uartSpis = [21, 22];
const pmuSpi = 143;

/** Pins of the MIO with the board's user button SW19, high while it is pressed, and its LED DS50, on while high (UG1182, chapter 3). */
const buttonPin = 22;
const ledPin = 23;

/** Writes with which the first stage boot loader sets up a UART: 115200 8N1, both directions on (ZCU102 psu_init, psu_peripherals_init_data). */
const uartSetup: readonly (readonly [offset: number, value: number])[] = [
  [0x34, 0x05], // Baud_rate_divider
  [0x18, 0x8f], // Baud_rate_gen
  [0x00, 0x17], // Control: resets both FIFOs
  [0x04, 0x20], // Mode
];

export interface BoardOptions {
  readonly cores: number;
  /** Bytes of DRAM from `dramBase`. */
  readonly dramSize: number;
  /** Exception level in which firmware enters kernels. */
  readonly el: 1 | 2;
  readonly log: MachineLog;
  /** A byte leaves a UART. */
  transmit(uart: number, byte: number): void;
  /** The firmware was asked to end the machine. The cores stop soon after. */
  end(how: 'power-off' | 'reset'): void;
}

export class ZynqMp {
  readonly events = new Events();
  readonly probe = new Probe({ now: () => this.cluster.now, core: () => this.cluster.executing });
  readonly cluster: Cluster;
  readonly uarts: readonly Uart[];
  readonly bus: AddressMap;
  /** Physical interrupts that cores have acknowledged, by ID (IHI 0048B, 2.2.1). */
  readonly interrupts = new Uint32Array(1020);
  readonly #gpio: Gpio;
  readonly #devices: readonly Device[];
  readonly #dram: { base: PhysAddr; size: number };
  readonly #power: CorePower;

  constructor(options: BoardOptions) {
    const { events } = this;
    const { log } = options;
    const { probe } = this;
    const map = new AddressMap(log, probe);
    this.bus = map;
    this.#dram = { base: dramBase, size: options.dramSize };
    const gic = new Gic400('gic', {
      log,
      core: () => this.cluster.running,
      probe,
      acknowledged: (id) => {
        this.interrupts[id] = (this.interrupts[id] as number) + 1;
      },
      line: (core, line, level) => this.#power.signal(core, line, level),
    });
    map.add(gicBase, gic);
    this.cluster = new Cluster({
      cores: options.cores,
      ram: [this.#dram, ocm],
      bus: map,
      probe,
      events,
      clockHz,
      timerLine: (core, timer, level) => gic.setPpi(core, timerPpis[timer], level),
      pmuLine: (core, level) => gic.setSpi(pmuSpi + core, level),
      unknownRegister: (core, register, write) =>
        log(`cpu${core}`, `${write ? 'write' : 'read'} of ${register}: a Cortex-A53 has no such register`),
    });
    this.#power = new CorePower(this.cluster, options.cores, options.el);
    this.uarts = uartBases.map((base, i) => {
      const uart = new Uart(`uart${i}`, {
        clock: {
          hz: clockHz,
          get now() {
            return events.now;
          },
          at: (time, callback) => events.at(time, callback),
        },
        log,
        transmit: (byte) => options.transmit(i, byte),
        interrupt: (level) => gic.setSpi(uartSpis[i] as number, level),
      });
      map.add(base, uart);
      return uart;
    });
    const registerBlocks = { ...controlBlocks, ...pcieBlocks, ...amsBlocks, ...ddrcBlocks };
    const bank = (name: keyof typeof registerBlocks): RegisterBank => {
      const { base, size, table } = registerBlocks[name];
      const registers = new RegisterBank(name, size, table, log);
      map.add(base, registers);
      return registers;
    };
    const blocks = {
      crfApb: bank('crfApb'),
      apu: bank('apu'),
      fpdSlcr: bank('fpdSlcr'),
      iouSlcr: bank('iouSlcr'),
      crlApb: bank('crlApb'),
      ipiMessages: bank('ipiMessages'),
      csu: bank('csu'),
      pmuGlobal: bank('pmuGlobal'),
      ams: bank('ams'),
      ddrc: bank('ddrc'),
      pcieBridge: bank('pcieBridge'),
      pcieAttributes: bank('pcieAttributes'),
      pcieRootPort: bank('pcieRootPort'),
    };
    const clock = this.#deviceClock();
    const spi = (number: number, level: boolean) => gic.setSpi(number, level);
    const { gpio, placed: peripherals } = buildPeripherals({
      clock,
      log,
      spi,
      resetSystem: () => this.#end(options, 'reset'),
    });
    this.#gpio = gpio;
    const placed = [...peripherals, ...buildDmaMasters({ clock, log, cluster: this.cluster, bus: map, probe, spi })];
    for (const { base, device } of placed) map.add(base, device);
    for (const [name, base, size] of absentDevices) map.add(base, new AbsentDevice(name, size, log));
    this.#devices = [gic, ...this.uarts, ...Object.values(blocks), ...placed.map(({ device }) => device)];
    const power = this.#power;
    const control: PowerControl = {
      cores: options.cores,
      isOn: (core) => power.isOn(core),
      turnOn: (core, pc, x0) => power.turnOn(core, pc, x0),
      turnOff: (core) => power.turnOff(core),
      suspend: (core, pc, x0) => power.suspend(core, pc, x0),
      systemOff: () => this.#end(options, 'power-off'),
      systemReset: () => this.#end(options, 'reset'),
    };
    const eemi = new Eemi(blocks, control, log);
    const psci = new Psci(control, log);
    this.cluster.onFirmwareCall = (core, registers) => {
      const x0 = registers.x(0);
      probe.emitLong(ProbeKind.firmwareCall, Number(x0 & 0xffff_ffffn), registers.x(1));
      if (!eemi.call(registers)) psci.call(core, registers);
      probe.emitLong(ProbeKind.firmwareReturn, Number(x0 & 0xffff_ffffn), registers.x(0));
    };
  }

  /**
   * Does what the board's firmware does to start a kernel: sets up the UARTs, puts the kernel and what goes with it in DRAM, enters it on
   * the first core with the physical address of its device tree in X0, 0 for none. Returns the bytes placed.
   */
  start(kernel: KernelPlan, deviceTree = 0n): number {
    for (const uart of this.uarts) for (const [offset, value] of uartSetup) uart.write(offset, 4, value);
    const placed = placeSegments(kernel, {
      ...this.#dram,
      view: (address, length) => this.cluster.ramView(address, length),
    });
    for (const { address, memorySize } of kernel.segments)
      this.cluster.ramWritten(physAddr(Number(address)), Number(memorySize));
    this.#power.turnOn(0, kernel.entry, deviceTree);
    return placed;
  }

  /** Has the probe record these kinds of events from now on, and no others. The run is the same, only slower. */
  record(kinds: Iterable<number>, sink: ProbeSink): void {
    this.probe.record(kinds, sink);
    this.cluster.tracesExceptions = this.probe.recordsExceptions;
  }

  /** Whether the board's user LED is on. */
  get led(): boolean {
    return this.#gpio.output(ledPin);
  }

  /** Presses the board's user button, or lets it go. */
  setButton(pressed: boolean): void {
    this.#gpio.setInput(buttonPin, pressed);
  }

  /** Everything that devices and firmware remember. */
  deviceStates(): Record<string, unknown> {
    const states = this.#devices.map((device): [string, unknown] => [device.name, device.saveState()]);
    return { ...Object.fromEntries(states), power: this.#power.saveState() };
  }

  /** Goes on from what `deviceStates` gave. The cores' own states are to be loaded after it. */
  loadDeviceStates(states: Readonly<Record<string, unknown>>): void {
    for (const device of this.#devices) device.loadState(states[device.name]);
    this.#power.loadState(states.power);
  }

  #deviceClock(): DeviceClock {
    const { events, cluster } = this;
    return {
      hz: clockHz,
      get now() {
        return cluster.now;
      },
      at: (time, callback) => {
        cluster.limitTurn(time);
        return events.at(time, callback);
      },
    };
  }

  #end(options: BoardOptions, how: 'power-off' | 'reset'): void {
    options.end(how);
    this.cluster.stop();
  }
}
