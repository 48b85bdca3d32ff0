/**
 * The nodes that the PMU firmware manages (UG1200; embeddedsw, pm_defs.h and the tables of each kind), and what the
 * configuration of a ZCU102 lets the application processors do with them (its first stage boot loader's pm_cfg_obj.c).
 */

/** Capabilities of a slave. */
export const Capability = { access: 1, context: 2, wakeup: 4 } as const;

export type NodeKind = 'power' | 'processor' | 'slave' | 'pll';

export interface Node {
  readonly id: number;
  readonly kind: NodeKind;
  /** Capabilities in each state of a slave, from the lowest state on. */
  readonly states: readonly number[];
  /** Microseconds from the lowest state to the highest. */
  readonly latency: number;
  /** A slave that the application processors may use. */
  readonly configured: boolean;
  /** A slave that they use from the start. */
  readonly preallocated: boolean;
  /** Whether it can wake a processor. */
  readonly wakes: boolean;
}

export const NodeId = {
  apu: 1,
  apu0: 2,
  apu3: 5,
  rpu: 6,
  rpu0: 7,
  rpu1: 8,
  pld: 9,
  fpd: 10,
  lpd: 62,
  vpll: 51,
  rpll: 53,
} as const;

const { access, context, wakeup } = Capability;
const generic = [0, access | context | wakeup];
const memory = [0, context, access | context];
const power = [0, access | context];
const alwaysOn = [access | context | wakeup];

type Row = readonly [ids: readonly number[], states: readonly number[], latency: number, wakes: boolean];
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

const slaves: readonly Row[] = [
  [range(11, 19), memory, 1000, false], // OCM banks, TCM banks, L2
  [[20, 21, 58, 63, 69], power, 1000, false], // GPU's pixel processors, GPU, VCU, PL
  [[22, 23], [0, wakeup, ...generic.slice(1)], 152, true], // USB
  [range(24, 27), generic, 0, true], // TTC
  [[28, 41, 42, 59, 60], generic, 0, false], // SATA, DP, GDMA, PCIE, PCAP
  [range(29, 40), generic, 0, true], // ETH, UART, SPI, I2C, SD
  [range(43, 48), generic, 0, true], // ADMA, NAND, QSPI, GPIO, CAN
  [[49], [wakeup], 0, true], // EXTERN
  [[55], memory, 1000, false], // DDR
  [[56], generic, 0, true], // IPI_APU
  [[57, ...range(64, 68)], generic, 0, false], // IPIs of the RPUs and the PL
  [[61], alwaysOn, 0, true], // RTC
  [[72], generic, 0, false], // SWDT_1
];

/** Slaves of the ZCU102's configuration, and those that the application processors hold from the start. */
const configured = new Set([
  ...[...range(11, 22), ...range(24, 28), 32, 33, 34, 37, 38, 40, 41, 42, 43, 45, 46, 48, 49, 55, 56, 58, 59, 61, 69],
]);
const preallocated = new Set([...range(11, 14), 19, 37, 38, 40, 45, 55, 56, 69]);

const others = (ids: readonly number[], kind: NodeKind, latency: number): Node[] =>
  ids.map((id) => ({ id, kind, states: [], latency, configured: false, preallocated: false, wakes: false }));

export const nodes: ReadonlyMap<number, Node> = new Map(
  [
    ...others([NodeId.apu, NodeId.rpu, NodeId.pld, NodeId.fpd, NodeId.lpd], 'power', 10_000),
    ...others(range(NodeId.apu0, NodeId.apu3), 'processor', 2000),
    ...others([NodeId.rpu0, NodeId.rpu1], 'processor', 2000),
    ...others(range(50, 54), 'pll', 1),
    ...slaves.flatMap(([ids, states, latency, wakes]) =>
      ids.map(
        (id): Node => ({
          id,
          kind: 'slave',
          states,
          latency,
          configured: configured.has(id),
          preallocated: preallocated.has(id),
          wakes,
        }),
      ),
    ),
  ].map((node) => [node.id, node]),
);
export const nodeCount = 78;
