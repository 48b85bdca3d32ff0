/**
 * The map of the chip: where each device is (UG1085 table 10-1), its shared peripheral interrupts (table 13-1) and, of
 * a DMA master, the stream ID at the SMMU (table 16-3). A row is all that places a device on the board.
 */
import { defined } from '../../base/assert.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { type PhysAddr, physAddr } from '../../base/units.ts';
import { AbsentDevice } from '../bus/absent.ts';
import type { Device, DeviceClock, DeviceWiring } from '../bus/device.ts';
import { RegisterBank, type RegisterTable } from '../bus/register-bank.ts';
import type { ResetCause } from '../bus/reset-cause.ts';
import { Can } from '../devices/serial/can.ts';
import { I2c } from '../devices/serial/i2c.ts';
import { Qspi } from '../devices/serial/qspi.ts';
import { Spi } from '../devices/serial/spi.ts';
import { Uart } from '../devices/serial/uart.ts';
import { ams } from '../devices/system/ams.ts';
import {
  afi,
  apu,
  csu,
  efuse,
  fpdAfi,
  fpdSlcr,
  iouSlcr,
  ipiMessages,
  lpdAfi,
  rpu,
} from '../devices/system/control-registers.ts';
import { ddrc } from '../devices/system/ddrc.ts';
import { Gpio } from '../devices/system/gpio.ts';
import { Ipi } from '../devices/system/ipi.ts';
import { pcieAttributes, pcieBridge, pcieRootPort } from '../devices/system/pcie.ts';
import { CrfApb, CrlApb, PmuGlobal } from '../devices/system/reset-registers.ts';
import { Rtc } from '../devices/timers/rtc.ts';
import { Swdt } from '../devices/timers/swdt.ts';
import { SystemCounter } from '../devices/timers/system-counter.ts';
import { Ttc } from '../devices/timers/ttc.ts';
import type { StreamPort } from '../dma/stream-port.ts';
import { ZdmaChannel } from '../dma/zdma.ts';
import { Gic400, GicPage, type GicWiring } from '../gic/gic.ts';
import type { Bridge } from '../net/bridge.ts';
import { Gem } from '../net/gem/gem.ts';
import { SmmuInterrupts } from '../smmu/interrupts.ts';
import { Smmu, type SmmuWiring } from '../smmu/smmu.ts';
import { Sdhci } from '../storage/sdhci/sdhci.ts';

export interface Place {
  readonly name: string;
  readonly base: PhysAddr;
  readonly size: number;
  /** Shared peripheral interrupts by the device's outputs, numbered from 0: the GIC's ID less 32. */
  readonly spis: readonly number[];
  /** Null for a device that is no DMA master. */
  readonly stream: number | null;
}

/** What the board offers the device at a place. */
export interface Site extends DeviceWiring, GicWiring {
  readonly probe: Probe;
  /** Virtual time at the start of the core's turn, for a device that need not be exact. */
  readonly turnClock: DeviceClock;
  readonly memory: SmmuWiring['memory'];
  /** The system counter. */
  counter(): number;
  /** The device's way to memory, by its stream ID. */
  port(): StreamPort;
  /** The SMMU lets a stream's stalled access be retried, or makes it fail. */
  resume(stream: number, terminate: boolean): void;
  /** A device that was built before this one. */
  device<D extends Device>(name: string, kind: abstract new (...args: never[]) => D): D;
  /** Where the wire of the board's Ethernet socket leads. */
  readonly lan: Bridge;
  /** A byte leaves a UART. */
  transmit(uart: number, byte: number): void;
  resetSystem(cause: ResetCause): void;
  /** A register holds a core in reset, or lets it go. */
  holdCore(core: number, held: boolean): void;
  /** A register changes the reset line of the device with this name. */
  resetDevice(name: string): void;
}

type Build = (name: string, site: Site) => Device;

const a =
  (kind: new (name: string, site: Site) => Device): Build =>
  (name, site) =>
    new kind(name, site);
const uart =
  (index: number): Build =>
  (name, site) =>
    new Uart(name, { ...site, clock: site.turnClock, transmit: (byte) => site.transmit(index, byte) });
const registers =
  (table: RegisterTable): Build =>
  (name, { log }) =>
    new RegisterBank(name, table, log);
/** The MultiBoot register is what a boot loader leaves for the one after the next reset (UG1085 chapter 11). */
const security: Build = (name, { log }) => new RegisterBank(name, csu, log, undefined, [csu.csu_multi_boot[0]]);
const counter =
  (frame: 'read' | 'control'): Build =>
  (name, site) =>
    new SystemCounter(name, frame, site);
const smmu: Build = (name, site) => {
  const outputs = site.device('smmuReg', SmmuInterrupts);
  return new Smmu(name, { ...site, interrupts: (global, context) => outputs.set(global, context) });
};
const qspi: Build = (name, site) => new Qspi(name, { ...site, port: site.port() });
const gem: Build = (name, site) =>
  new Gem(name, { ...site, port: site.port(), lan: name === 'gem3' ? site.lan : null });
/** The first stage boot loader tells only the controller that has a slot of its clock; the other has the reset value. */
const sdhci: Build = (name, site) =>
  new Sdhci(name, { ...site, port: site.port(), baseMHz: name === 'sd1' ? 187 : 100 });
/**
 * A DMA channel. A beat of its bus takes a cycle of GDMA_REF or ADMA_REF, which the first stage boot loader leaves at
 * 600 and 500 MHz; the cores have 1200 MHz.
 */
const zdma =
  (busBytes: 8 | 16, cyclesPerBeat: number): Build =>
  (name, site) => {
    const port = site.port();
    const channel = new ZdmaChannel(name, { ...site, port, busBytes, cyclesPerBeat });
    port.resumed = (terminate) => channel.resume(terminate);
    return channel;
  };
const absent: Build = (name, { log }) => new AbsentDevice(name, log);

type Row = readonly [
  name: string,
  base: number,
  size: number,
  spis: readonly number[],
  build: Build,
  stream?: number | undefined,
];

/** The eight channels of a DMA controller, one after the other, with consecutive interrupts and stream IDs. */
const channels = ([name, base, size, [spi = 0], build, stream = 0]: Row): Row[] =>
  Array.from({ length: 8 }, (_, i) => [`${name}${i}`, base + i * size, size, [spi + i], build, stream + i]);

const rows: readonly Row[] = [
  // Name, base, size, interrupts, device, stream ID.
  ['gic', 0xf901_0000, 0x7_0000, [], a(Gic400)],
  ['uart0', 0xff00_0000, 0x1000, [21], uart(0)],
  ['uart1', 0xff01_0000, 0x1000, [22], uart(1)],
  ['crfApb', 0xfd1a_0000, 0x1000, [], a(CrfApb)],
  ['apu', 0xfd5c_0000, 0x1000, [], registers(apu)],
  ['fpdSlcr', 0xfd61_0000, 0x1000, [], registers(fpdSlcr)],
  ['iouSlcr', 0xff18_0000, 0x1000, [], registers(iouSlcr)],
  ['crlApb', 0xff5e_0000, 0x1000, [], a(CrlApb)],
  ['ipiMessages', 0xff99_0000, 0x1000, [], registers(ipiMessages)],
  ['csu', 0xffca_0000, 0x1_0000, [], security],
  ['pmuGlobal', 0xffd8_0000, 0x1000, [], a(PmuGlobal)],
  ['efuse', 0xffcc_0000, 0x2000, [], registers(efuse)],
  ['rpu', 0xff9a_0000, 0x1_0000, [], registers(rpu)],
  ...[0xfd36_0000, 0xfd37_0000, 0xfd38_0000, 0xfd39_0000, 0xfd3a_0000, 0xfd3b_0000, 0xff9b_0000].map(
    (base, i): Row => [`afiFm${i}`, base, 0x1000, [], registers(afi)],
  ),
  ['fpdAfi', 0xfd61_5000, 0x1000, [], registers(fpdAfi)],
  ['lpdAfi', 0xff41_9000, 0x1000, [], registers(lpdAfi)],
  ['ams', 0xffa5_0000, 0x1000, [], registers(ams)],
  ['ddrc', 0xfd07_0000, 0x1_0000, [], registers(ddrc)],
  ['pcieBridge', 0xfd0e_0000, 0x1000, [], registers(pcieBridge)],
  ['pcieAttributes', 0xfd48_0000, 0x1000, [], registers(pcieAttributes)],
  // Where a device tree's default puts the configuration space.
  ['pcieRootPort', 0x80_0000_0000, 0x1000, [], registers(pcieRootPort)],
  ['gpio', 0xff0a_0000, 0x1000, [16], a(Gpio)],
  ['systemCounter', 0xff25_0000, 0x1000, [], counter('read')],
  ['systemCounterControl', 0xff26_0000, 0x1000, [], counter('control')],
  // The agents APU, RPU 0 and 1, and the programmable logic's four.
  ['ipi', 0xff30_0000, 0x9_0000, [35, 33, 34, 29, 30, 31, 32], a(Ipi)],
  ['rtc', 0xffa6_0000, 0x1000, [26, 27], a(Rtc)],
  ['i2c0', 0xff02_0000, 0x1000, [17], a(I2c)],
  ['i2c1', 0xff03_0000, 0x1000, [18], a(I2c)],
  ['spi0', 0xff04_0000, 0x1000, [19], a(Spi)],
  ['spi1', 0xff05_0000, 0x1000, [20], a(Spi)],
  ['can0', 0xff06_0000, 0x1_0000, [23], a(Can)],
  ['can1', 0xff07_0000, 0x1_0000, [24], a(Can)],
  ['gem0', 0xff0b_0000, 0x1000, [57], gem, 0x874],
  ['gem1', 0xff0c_0000, 0x1000, [59], gem, 0x875],
  ['gem2', 0xff0d_0000, 0x1000, [61], gem, 0x876],
  ['gem3', 0xff0e_0000, 0x1000, [63], gem, 0x877],
  ['ttc0', 0xff11_0000, 0x1_0000, [36, 37, 38], a(Ttc)],
  ['ttc1', 0xff12_0000, 0x1_0000, [39, 40, 41], a(Ttc)],
  ['ttc2', 0xff13_0000, 0x1_0000, [42, 43, 44], a(Ttc)],
  ['ttc3', 0xff14_0000, 0x1_0000, [45, 46, 47], a(Ttc)],
  ['sd0', 0xff16_0000, 0x1000, [48], sdhci, 0x870],
  ['sd1', 0xff17_0000, 0x1000, [49], sdhci, 0x871],
  ['fpdSwdt', 0xfd4d_0000, 0x1000, [113], a(Swdt)],
  ['lpdSwdt', 0xff15_0000, 0x1000, [52], a(Swdt)],
  ['csuSwdt', 0xffcb_0000, 0x1000, [53], a(Swdt)],
  ['smmuReg', 0xfd5f_0000, 0x1000, [155], a(SmmuInterrupts)],
  ['smmu', 0xfd80_0000, 0x2_0000, [], smmu],
  ['qspi', 0xff0f_0000, 0x1000, [15], qspi, 0x873],
  ...channels(['gdma', 0xfd50_0000, 0x1_0000, [124], zdma(16, 2), 0x14e8]),
  ...channels(['adma', 0xffa8_0000, 0x1_0000, [77], zdma(8, 2.4), 0x868]),

  // Devices that have no model.
  ['ddrPhy', 0xfd08_0000, 0x1_0000, [], absent],
  ['ddrQos', 0xfd09_0000, 0x1_0000, [], absent],
  ['apmDdr', 0xfd0b_0000, 0x1_0000, [], absent],
  ['sata', 0xfd0c_0000, 0x1_0000, [], absent],
  ['siou', 0xfd3d_0000, 0x1_0000, [], absent],
  ['serdes', 0xfd40_0000, 0x4_0000, [], absent],
  ['apmCci', 0xfd49_0000, 0x1_0000, [], absent],
  ['dp', 0xfd4a_0000, 0x1_0000, [], absent],
  ['gpu', 0xfd4b_0000, 0x1_0000, [], absent],
  ['dpdma', 0xfd4c_0000, 0x1_0000, [], absent],
  ['cci', 0xfd6e_0000, 0x1_0000, [], absent],
  ['usb0Xhci', 0xfe20_0000, 0x4_0000, [], absent],
  ['usb1Xhci', 0xfe30_0000, 0x4_0000, [], absent],
  ['nand', 0xff10_0000, 0x1000, [], absent],
  ['lpdSlcr', 0xff41_0000, 0x1000, [], absent],
  ['ocmControl', 0xff96_0000, 0x1000, [], absent],
  ['xppu', 0xff98_0000, 0x1_0000, [], absent],
  ['usb0', 0xff9d_0000, 0x1_0000, [], absent],
  ['usb1', 0xff9e_0000, 0x1_0000, [], absent],
  ['apmOcm', 0xffa0_0000, 0x1_0000, [], absent],
  ['apmLpd', 0xffa1_0000, 0x1_0000, [], absent],
  ['csudma', 0xffc8_0000, 0x1000, [], absent],
];

/** Every device of the chip, in the order in which the board builds them. */
export const devicePlaces: readonly (Place & { readonly build: Build })[] = rows.map(
  ([name, base, size, spis, build, stream = null]) => ({ name, base: physAddr(base), size, spis, build, stream }),
);

/** The place of the device with this name. */
export const placeOf = (name: string): Place =>
  defined(
    devicePlaces.find((place) => place.name === name),
    `the place of ${name}`,
  );

/** The GIC's blocks (UG1085 table 10-1). All but the distributor have two pages of 64 KiB. */
const gicPage = (page: number) => physAddr(placeOf('gic').base + page * 0x1_0000);
export const gicBlocks = {
  distributor: { base: gicPage(GicPage.distributor), size: 0x1_0000 },
  cpuInterface: { base: gicPage(GicPage.cpuInterface), size: 0x2_0000 },
  control: { base: gicPage(GicPage.control), size: 0x2_0000 },
  virtualCpuInterface: { base: gicPage(GicPage.virtualCpuInterface), size: 0x2_0000 },
} as const;

/**
 * Shared peripheral interrupts of the cores' performance monitors (UG1085 table 13-1): core 0's, and the others' after
 * it.
 */
export const pmuSpi = 143;

export const dramBase = physAddr(0);
/** On-chip memory (UG1085 chapter 18). */
export const ocm = { base: physAddr(0xfffc_0000), size: 0x4_0000 };
