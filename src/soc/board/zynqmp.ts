/** The Zynq UltraScale+ MPSoC of a ZCU102: its cores, its devices by the map (map.ts), and how they are wired. */

import type { InterruptLine } from '../../arch/exceptions/interrupts.ts';
import { timerPpis } from '../../arch/timers/timer.ts';
import { assert, defined } from '../../base/assert.ts';
import { Events, type EventsState, type HeldEvents } from '../../base/events.ts';
import type { Hasher } from '../../base/hasher.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { noDomain, Probe, type ProbeSink } from '../../base/probe/probe.ts';
import { anything, list, pair, record, type Shape, text, whole } from '../../base/shape.ts';
import { type DmaAddr, type PhysAddr, physAddr } from '../../base/units.ts';
import type { KernelPlan } from '../../boot/elf.ts';
import { placeSegments } from '../../boot/loader.ts';
import { Cluster } from '../../cluster/cluster.ts';
import { type ClusterState, clusterState } from '../../cluster/cluster-state.ts';
import { AddressMap } from '../bus/address-map.ts';
import { type Device, type DeviceClock, type MachineLog, StatefulDevice } from '../bus/device.ts';
import { RegisterBank } from '../bus/register-bank.ts';
import { type ResetCause, resetCauses } from '../bus/reset-cause.ts';
import { Uart } from '../devices/serial/uart.ts';
import { apu, crlApb } from '../devices/system/control-registers.ts';
import { Gpio } from '../devices/system/gpio.ts';
import { CrfApb, ResetReason } from '../devices/system/reset-registers.ts';
import { type Interconnect, StreamPort } from '../dma/stream-port.ts';
import { Eemi, type FirmwareBlocks } from '../firmware/eemi.ts';
import { type PowerControl, Psci } from '../firmware/psci.ts';
import { Gic400 } from '../gic/gic.ts';
import { type Bridge, type BridgeState, bridgeState } from '../net/bridge.ts';
import { Network } from '../net/network.ts';
import { Smmu, type SmmuExplanation } from '../smmu/smmu.ts';
import type { Disk } from '../storage/disk.ts';
import { Sdhci } from '../storage/sdhci/sdhci.ts';
import { devicePlaces, dramBase, ocm, pmuSpi } from './map.ts';
import { CorePower } from './power.ts';

/** APU clock as a ZCU102 boots: 1.2 GHz, one core cycle each. */
export const clockHz = 1_200_000_000;

/** Pin of the MIO with the board's user button SW19, high while it is pressed (UG1182, chapter 3). */
const buttonPin = 22;

/**
 * Writes with which the first stage boot loader sets up a UART: 115200 8N1, both directions on (ZCU102 psu_init,
 * psu_peripherals_init_data).
 */
const uartSetup: readonly (readonly [offset: number, value: number])[] = [
  [0x34, 0x05], // Baud_rate_divider
  [0x18, 0x8f], // Baud_rate_gen
  [0x00, 0x17], // Control: resets both FIFOs
  [0x04, 0x20], // Mode
];

/** How the board has stopped. After a reset, `ZynqMp.reset` and `start` begin again. */
export type BoardEnd = 'power-off' | ResetCause;

/** What a cause sets in CRL_APB.RESET_REASON. The first stage boot loader clears the bit of a PS-only reset again. */
const reasons: Readonly<Record<ResetCause, number>> = {
  software: ResetReason.soft,
  psOnly: 0,
  error: ResetReason.pmuSystemReset,
  subsystem: 0,
};

/** What the whole chip shares, which a restart of the application processors leaves as it is. */
const outsideSubsystem: ReadonlySet<string> = new Set([
  ...['crfApb', 'fpdSlcr', 'iouSlcr', 'crlApb', 'csu', 'pmuGlobal', 'efuse', 'rpu', 'ddrc', 'ams', 'fpdAfi', 'lpdAfi'],
  ...devicePlaces.map(({ name }) => name).filter((name) => name.startsWith('afiFm')),
  ...['systemCounter', 'systemCounterControl', 'rtc', 'csuSwdt', 'lpdSwdt', 'ipiMessages'],
]);

export interface BoardOptions {
  readonly cores: number;
  /** Bytes of DRAM from `dramBase`. */
  readonly dramSize: number;
  /** Exception level in which firmware enters kernels. */
  readonly el: 1 | 2;
  readonly log: MachineLog;
  /** Name of the bridge to which its Ethernet socket is wired. Default: lan. */
  readonly lan?: string;
  /** A byte leaves a UART. */
  transmit(uart: number, byte: number): void;
  /** The board is turned off, or something resets it. The cores stop soon after. */
  end(how: BoardEnd): void;
}

/** Everything on the board but memory and the card's contents. */
export interface BoardState {
  readonly events: EventsState;
  readonly cluster: ClusterState;
  readonly devices: unknown;
  readonly network: readonly BridgeState[];
  /** Physical interrupts that cores have acknowledged, by ID. */
  readonly interrupts: readonly number[];
}

export const boardState: Shape<BoardState> = record<BoardState>({
  events: record<EventsState>({ now: whole(), waiting: list(pair(whole(), text)) }),
  cluster: clusterState,
  devices: anything,
  network: list(bridgeState),
  interrupts: list(whole()),
});

export class ZynqMp {
  readonly events = new Events();
  readonly probe = new Probe({ now: () => this.cluster.now, core: () => this.cluster.executing });
  readonly cluster: Cluster;
  readonly bus: AddressMap;
  readonly network: Network;
  /** Where the wire of its Ethernet socket leads. */
  readonly lan: Bridge;
  /** Physical interrupts that cores have acknowledged, by ID (IHI 0048B, 2.2.1). */
  readonly interrupts = new Uint32Array(1020);
  /** The SMMU has refused an access of a DMA master, by its stream ID. For who only looks. */
  onDmaFault: (stream: number, address: DmaAddr, write: boolean) => void = () => {};
  /**
   * A hypervisor in machine code has put a guest's context into a core (VTTBR_EL2 is written while the virtual interface is
   * on) or has taken one out (the virtual interface is turned off). For who only looks.
   */
  onGuestContext: (core: number, isIn: boolean) => void = () => {};
  readonly #uarts: readonly Uart[];
  readonly #gpio: Gpio;
  readonly #gic: Gic400;
  readonly #smmu: Smmu;
  /** The controller of the board's SD slot. The other one is connected to nothing (UG1182, chapter 3). */
  readonly #sd: Sdhci;
  readonly #devices = new Map<string, Device>();
  readonly #dram: { base: PhysAddr; size: number };
  readonly #power: CorePower;
  readonly #eemi: Eemi;

  constructor(options: BoardOptions) {
    const { events } = this;
    const { log } = options;
    const { probe } = this;
    this.bus = new AddressMap(log, probe);
    this.#dram = { base: dramBase, size: options.dramSize };
    this.cluster = new Cluster({
      cores: options.cores,
      ram: [this.#dram, ocm],
      bus: this.bus,
      probe,
      events,
      clockHz,
      timerLine: (core, timer, level) => this.#gic.setPpi(core, timerPpis[timer], level),
      pmuLine: (core, level) => this.#gic.setSpi(pmuSpi + core, level),
      unknownRegister: (core, register, write) =>
        log(`cpu${core}`, `${write ? 'write' : 'read'} of ${register}: a Cortex-A53 has no such register`),
    });
    this.network = new Network(this.#clock('network'));
    this.lan = this.network.addBridge(options.lan ?? 'lan');
    this.#power = new CorePower(this.cluster, options.cores, options.el, (core, on) =>
      this.#device('crfApb', CrfApb).follow(core, on),
    );
    this.#build(options);
    this.#gic = this.#device('gic', Gic400);
    this.#smmu = this.#device('smmu', Smmu);
    this.#sd = this.#device('sd1', Sdhci);
    this.#gpio = this.#device('gpio', Gpio);
    this.#uarts = ['uart0', 'uart1'].map((name) => this.#device(name, Uart));
    const bank = (name: string) => this.#device(name, RegisterBank);
    const blocks: FirmwareBlocks = {
      crfApb: bank('crfApb'),
      fpdSlcr: bank('fpdSlcr'),
      iouSlcr: bank('iouSlcr'),
      crlApb: bank('crlApb'),
      csu: bank('csu'),
      efuse: bank('efuse'),
    };
    const power = this.#power;
    const control: PowerControl = {
      cores: options.cores,
      isOn: (core) => power.isOn(core),
      turnOn: (core, pc, x0) => power.turnOn(core, pc, x0),
      turnOff: (core) => power.turnOff(core),
      suspend: (core, pc, x0) => power.suspend(core, pc, x0),
      systemOff: () => this.#end(options, 'power-off'),
      systemReset: () => {
        const cause = this.#eemi.restart;
        if (cause) this.#end(options, cause);
        else power.turnOff(this.cluster.running);
      },
    };
    this.#eemi = new Eemi(
      {
        blocks,
        registers: {
          read: (address) => this.bus.read(physAddr(address), 4) ?? 0,
          write: (address, value) => void this.bus.write(physAddr(address), 4, value),
        },
        memory: (address, length) =>
          address + length <= this.#dram.base + this.#dram.size
            ? this.cluster.ramView(physAddr(address), length)
            : null,
      },
      { ...control, reset: (cause) => this.#end(options, cause) },
      log,
    );
    const psci = new Psci(control, log);
    this.cluster.system.onStage2 = (core) => {
      if (this.#gic.isVirtualInterfaceOn(core)) this.onGuestContext(core, true);
    };
    this.cluster.onFirmwareCall = (core, registers) => {
      const x0 = registers.x(0);
      probe.emitLong(ProbeKind.firmwareCall, Number(x0 & 0xffff_ffffn), registers.x(1));
      if (!this.#eemi.call(core, registers)) psci.call(core, registers);
      probe.emitLong(ProbeKind.firmwareReturn, Number(x0 & 0xffff_ffffn), registers.x(0));
    };
  }

  /**
   * Starts a kernel as the board's firmware does: sets up the UARTs, puts the kernel's segments in DRAM and enters it
   * on the first core, with the physical address of its device tree in X0, or 0. Returns the number of bytes placed.
   */
  start(kernel: KernelPlan, deviceTree = 0n): number {
    for (const uart of this.#uarts) for (const [offset, value] of uartSetup) uart.write(offset, 4, value);
    for (const { address, memorySize } of kernel.segments)
      this.cluster.ramChanges(physAddr(Number(address)), Number(memorySize));
    const placed = placeSegments(kernel, {
      ...this.#dram,
      view: (address, length) => this.cluster.ramView(address, length),
    });
    this.#power.turnOn(0, kernel.entry, deviceTree);
    return placed;
  }

  /**
   * Resets what the cause resets, after the cores have stopped. Memory keeps its contents, and time goes on. The cores
   * are off until `start`.
   */
  reset(cause: ResetCause): void {
    const isWhole = cause !== 'subsystem';
    this.probe.emit(ProbeKind.systemReset, resetCauses.indexOf(cause));
    for (const core of this.cluster.cores.keys()) this.probe.setContext(core, noDomain, 0);
    this.#power.reset();
    for (const [name, device] of this.#devices) if (isWhole || !outsideSubsystem.has(name)) device.reset();
    this.#eemi.reset();
    this.cluster.resetAll(isWhole);
    const reason = reasons[cause];
    this.#device('crlApb', RegisterBank).change(crlApb.RESET_REASON[0], reason, reason);
  }

  /** Has the probe record these kinds of events from now on, and no others. The run is the same, only slower. */
  record(kinds: Iterable<number>, sink: ProbeSink): void {
    this.probe.record(kinds, sink);
    this.cluster.tracesExceptions = this.probe.recordsExceptions(this.cluster.el2 !== undefined);
  }

  /** Bytes for the receiver of a UART; returns how many it has taken. */
  receive(uart: number, bytes: Uint8Array): number {
    return this.#uarts[uart]?.receive(bytes) ?? 0;
  }

  /** Whether software has powered a core down until an interrupt wakes it. */
  isSuspended(core: number): boolean {
    return this.#power.isSuspended(core);
  }

  /** Presses the board's user button, or releases it. */
  setButton(pressed: boolean): void {
    this.#gpio.setInput(buttonPin, pressed);
  }

  /** The card in the SD slot; null for none. */
  get card(): Disk | null {
    return this.#sd.disk;
  }

  /** How often what the guest has written to a card came to rest, since power-on. */
  get cardFlushes(): number {
    return this.#sd.flushes;
  }

  /** Puts a card into the empty SD slot. `isCardSize` says which sizes there are. */
  insertCard(disk: Disk): void {
    this.#sd.insert(disk);
  }

  /** Takes the card out of the SD slot. */
  ejectCard(): void {
    this.#sd.eject();
  }

  /** Adds everything on the board that decides how it goes on. */
  fingerprint(hasher: Hasher): void {
    this.cluster.fingerprint(hasher);
    this.events.fingerprint(hasher);
    hasher.add(JSON.stringify(this.deviceStates()));
    this.network.fingerprint(hasher);
    this.#sd.fingerprint(hasher);
  }

  /** Everything that devices and firmware remember. */
  deviceStates(): Record<string, unknown> {
    const states = [...this.#devices].map(([name, device]): [string, unknown] => [name, device.saveState()]);
    return {
      ...Object.fromEntries(states.filter(([, state]) => state !== null)),
      firmware: this.#eemi.saveState(),
      power: this.#power.saveState(),
    };
  }

  /** Continues from what `deviceStates` returned. Load the cores' own states after it. */
  loadDeviceStates(states: Readonly<Record<string, unknown>>): void {
    for (const [name, device] of this.#devices) device.loadState(states[name]);
    // Devices that were loaded after it have driven its inputs.
    this.#gic.loadState(states.gic);
    this.#eemi.loadState(states.firmware);
    this.#power.loadState(states.power);
  }

  saveState(): BoardState {
    return {
      events: this.events.saveState(),
      cluster: this.cluster.saveState(),
      devices: this.deviceStates(),
      network: this.network.saveState(),
      interrupts: [...this.interrupts],
    };
  }

  /**
   * Continues from a saved state. Memory must have been loaded before, and the card inserted; `others` loads what else
   * is at the board and sets events; where it cannot set them again, `held` has them. Throws AssertionError if it is
   * the state of another board.
   */
  loadState(state: BoardState, others: () => void, held?: HeldEvents): void {
    assert(typeof state.devices === 'object' && state.devices !== null, 'the state has devices');
    this.events.loadNow(state.events);
    this.loadDeviceStates({ ...state.devices });
    this.network.loadState(state.network);
    others();
    this.cluster.loadState(state.cluster);
    this.events.loadWaiting(state.events, held);
    this.interrupts.set(state.interrupts);
  }

  /** How a DMA master's access would be translated, by its stream ID. Nothing changes. */
  explainStream(stream: number, address: DmaAddr, write: boolean): SmmuExplanation {
    return this.#smmu.explain(stream, address, write);
  }

  /** Builds every device of the map and places it on the bus. */
  #build(options: BoardOptions): void {
    const { cluster, bus, events, probe, interrupts } = this;
    const { log } = options;
    const ports = new Map<number, StreamPort>();
    const interconnect: Interconnect = {
      translate: (stream, address, write) => {
        const translation = this.#smmu.translate(stream, address, write);
        if (typeof translation === 'string') this.onDmaFault(stream, address, write);
        return translation;
      },
      isRam: (address) => cluster.memory.host(address) !== 0,
      ramView: (address, length) => cluster.ramView(address, length),
      ramChanges: (address, length) => cluster.ramChanges(address, length),
      bus,
      probe,
    };
    const common = {
      log,
      cores: options.cores,
      probe,
      memory: cluster.memory,
      core: () => cluster.running,
      acknowledged: (id: number) => {
        interrupts[id] = (interrupts[id] as number) + 1;
      },
      virtualInterface: (core: number, on: boolean) => {
        if (!on) this.onGuestContext(core, false);
      },
      line: (core: number, line: InterruptLine, level: boolean) => this.#power.signal(core, line, level),
      resume: (stream: number, terminate: boolean) => ports.get(stream)?.resumed(terminate),
      device: <D extends Device>(name: string, kind: abstract new (...args: never[]) => D) => this.#device(name, kind),
      lan: this.lan,
      transmit: options.transmit,
      counter: () => cluster.system.timers.countAt(cluster.now),
      resetSystem: (cause: ResetCause) => this.#end(options, cause),
      holdCore: (core: number, held: boolean) => this.#holdCore(core, held, log),
      resetDevice: (device: string) => this.#device(device, StatefulDevice).resetByLine(),
    };
    for (const place of devicePlaces) {
      const { name, spis, stream } = place;
      const device = place.build(name, {
        ...common,
        clock: this.#clock(name),
        turnClock: {
          hz: clockHz,
          owner: name,
          get now() {
            return events.now;
          },
          at: (time, callback, owner) => events.at(time, callback, owner),
        },
        interrupt: (level, output = 0) => this.#gic.setSpi(defined(spis[output], `an interrupt of ${name}`), level),
        port: () => {
          const id = defined(stream, `the stream ID of ${name}`);
          const port = new StreamPort(id, interconnect);
          ports.set(id, port);
          return port;
        },
      });
      bus.add(place, device);
      this.#devices.set(name, device);
    }
  }

  /** Exact to the cycle. */
  #clock(owner: string): DeviceClock {
    const { cluster, events } = this;
    return {
      hz: clockHz,
      owner,
      get now() {
        return cluster.now;
      },
      at: (time, callback, name) => {
        cluster.limitTurn(time);
        return events.at(time, callback, name);
      },
    };
  }

  #device<D extends Device>(name: string, kind: abstract new (...args: never[]) => D): D {
    const device = this.#devices.get(name);
    assert(device instanceof kind, `${name} is a ${kind.name}`);
    return device;
  }

  /**
   * RST_FPD_APU holds a core in reset or lets it go. It then starts where the APU's registers say (UG1085 chapter 6);
   * on the chip at EL3, here where the firmware would leave it, because there is no code at EL3.
   */
  #holdCore(core: number, held: boolean, log: MachineLog): void {
    if (core >= this.cluster.cores.length) return;
    if (held) {
      log('apu', `core ${core} is held in reset by RST_FPD_APU`);
      this.#power.hold(core);
      return;
    }
    const registers = this.#device('apu', RegisterBank);
    if ((registers.get(apu.CONFIG_0[0]) & (1 << core)) === 0) {
      log('apu', `core ${core} would start in AArch32, which there is none of: it stays off`);
      return;
    }
    const low = registers.get(apu.RVBARADDR0L[0] + 8 * core);
    const high = registers.get(apu.RVBARADDR0H[0] + 8 * core);
    const entry = (BigInt(high) << 32n) | BigInt(low);
    log('apu', `core ${core} starts at 0x${entry.toString(16)} by RST_FPD_APU`);
    this.#power.turnOn(core, entry, 0n);
  }

  #end(options: BoardOptions, how: BoardEnd): void {
    options.end(how);
    this.cluster.stop();
  }
}
