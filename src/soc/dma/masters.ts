/** The SMMU and the masters behind it: where each is (UG1085 table 10-1), its interrupt (table 13-1) and its stream ID (table 16-3). */

import type { PhysicalBus } from '../../arch/state/bus.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Device, DeviceClock, MachineLog } from '../bus/device.ts';
import { Qspi } from '../devices/serial/qspi.ts';
import { SmmuInterrupts } from '../smmu/interrupts.ts';
import { Smmu } from '../smmu/smmu.ts';
import { type Interconnect, StreamPort } from './stream-port.ts';
import { ZdmaChannel } from './zdma.ts';

const smmuSpi = 155;
const qspi = { base: 0xff0f_0000, spi: 15, stream: 0x873 };

/**
 * Eight channels of each controller, every 64 KiB. A beat is a cycle of GDMA_REF or ADMA_REF, 600 and 500 MHz as the first stage boot loader
 * leaves them, to the 1200 MHz of the cores.
 */
const controllers = [
  { name: 'gdma', base: 0xfd50_0000, spi: 124, stream: 0x14e8, busBytes: 16, cyclesPerBeat: 2 },
  { name: 'adma', base: 0xffa8_0000, spi: 77, stream: 0x868, busBytes: 8, cyclesPerBeat: 2.4 },
] as const;

export interface DmaWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  readonly cluster: Cluster;
  readonly bus: PhysicalBus;
  readonly probe: Probe;
  /** Drives a shared peripheral interrupt, by its number from 0. */
  spi(number: number, level: boolean): void;
}

/** Builds them all. */
export function buildDmaMasters({ clock, log, cluster, bus, probe, spi }: DmaWiring): readonly {
  readonly base: PhysAddr;
  readonly device: Device;
}[] {
  const channels = new Map<number, ZdmaChannel>();
  const interrupts = new SmmuInterrupts('smmuReg', { clock, log, interrupt: (level) => spi(smmuSpi, level) });
  const smmu = new Smmu('smmu', {
    memory: cluster.memory,
    log,
    probe,
    interrupts: (global, context) => interrupts.set(global, context),
    resume: (stream, terminate) => channels.get(stream)?.resume(terminate),
  });
  const interconnect: Interconnect = {
    translate: (stream, address, write) => smmu.translate(stream, address, write),
    isRam: (address) => cluster.memory.host(address) !== 0,
    ramView: (address, length) => cluster.ramView(address, length),
    ramWritten: (address, length) => cluster.ramWritten(address, length),
    bus,
    probe,
  };
  const placed: [number, Device][] = [
    [0xfd5f_0000, interrupts],
    [0xfd80_0000, smmu],
    [
      qspi.base,
      new Qspi('qspi', {
        clock,
        log,
        port: new StreamPort(qspi.stream, interconnect),
        interrupt: (level) => spi(qspi.spi, level),
      }),
    ],
  ];
  for (const { name, base, spi: first, stream, busBytes, cyclesPerBeat } of controllers) {
    for (let i = 0; i < 8; i++) {
      const port = new StreamPort(stream + i, interconnect);
      const interrupt = (level: boolean) => spi(first + i, level);
      const channel = new ZdmaChannel(`${name}${i}`, { clock, log, port, busBytes, cyclesPerBeat, interrupt });
      channels.set(stream + i, channel);
      placed.push([base + 0x1_0000 * i, channel]);
    }
  }
  return placed.map(([base, device]) => ({ base: physAddr(base), device }));
}
