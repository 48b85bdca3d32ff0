/**
 * The PMU firmware's nodes: who uses them, with which requirements, and in which power state they are (UG1200,
 * chapter 5; embeddedsw, pm_core.c). The states are remembered, and answered; a device whose node is off works on.
 */

import type { PowerControl } from '../psci.ts';
import { type Answer, invalidParameter, noAccess, noFeature, Status, success } from '../status.ts';
import { type Node, NodeId, nodeCount, nodes } from './node-table.ts';

/** How a caller wants to learn of the end of its request. */
export const Acknowledge = { no: 1, blocking: 2, later: 3 } as const;
const ProcessorState = { off: 0, active: 1, sleep: 2, suspending: 3 } as const;
const Characteristic = { power: 1, temperature: 2, latency: 3 } as const;
const Event = { stateChange: 1, zeroUsers: 2 } as const;
const usedByCaller = 1;
const noLimit = 0xffff_ffff;
/** To power a core down and up again, in microseconds. */
const suspendLatency = 4000;
const abortReasons = { first: 100, last: 103 } as const;

export const nodesAtPowerOn = () => ({
  /** By node: requested by the application processors; their requirements; whether it wakes them. */
  requested: Uint8Array.from({ length: nodeCount }, (_, id) => (nodes.get(id)?.preallocated ? 1 : 0)),
  requirements: Uint8Array.from({ length: nodeCount }, (_, id) => {
    const node = nodes.get(id);
    return node?.configured ? (node.states.at(-1) ?? 0) : 0;
  }),
  wakes: new Uint8Array(nodeCount),
  latencies: new Uint32Array(nodeCount).fill(noLimit),
  /** Events that the caller wants to learn of, a bit each. */
  notified: new Uint8Array(nodeCount),
  /** Cores that have announced that they will suspend, a bit each. */
  suspending: 0,
  /** States of the power nodes and the RPUs that a caller has changed; 1 for on. */
  on: Uint8Array.from({ length: nodeCount }, (_, id) => (nodes.get(id)?.kind === 'power' ? 1 : 0)),
});
export type NodesState = ReturnType<typeof nodesAtPowerOn>;

export class Nodes {
  readonly #state: NodesState;
  readonly #power: Pick<PowerControl, 'cores' | 'isOn'>;
  readonly #pllRuns: (node: number) => boolean;
  readonly #notify: (node: number, event: number, state: number) => void;

  /** `notify` tells the caller of an event that it has registered for. */
  constructor(
    state: NodesState,
    power: Pick<PowerControl, 'cores' | 'isOn'>,
    pllRuns: (node: number) => boolean,
    notify: (node: number, event: number, state: number) => void,
  ) {
    this.#state = state;
    this.#power = power;
    this.#pllRuns = pllRuns;
    this.#notify = notify;
  }

  request(id: number, capabilities: number): Answer {
    const node = slave(id);
    if (!node) return invalidParameter;
    if (!node.configured) return noAccess;
    if (this.#state.requested[id]) return [Status.doubleRequest];
    this.#state.requested[id] = 1;
    return this.#require(node, capabilities);
  }

  release(id: number): Answer {
    const node = slave(id);
    if (!node) return invalidParameter;
    if (!node.configured) return noAccess;
    if (!this.#state.requested[id]) return [Status.failure];
    this.#state.requested[id] = 0;
    this.#require(node, 0);
    if ((this.#state.notified[id] as number) & Event.zeroUsers) this.#notify(id, Event.zeroUsers, this.state(node));
    return success();
  }

  setRequirement(id: number, capabilities: number): Answer {
    const node = slave(id);
    if (!node) return invalidParameter;
    return this.#state.requested[id] ? this.#require(node, capabilities) : noAccess;
  }

  setLatency(id: number, latency: number): Answer {
    if (!slave(id)) return invalidParameter;
    if (!this.#state.requested[id]) return noAccess;
    this.#state.latencies[id] = latency;
    return success();
  }

  setWakeupSource(target: number, id: number, enable: number): Answer {
    const node = slave(id);
    if ((target !== NodeId.apu && !this.#isCore(target)) || !node) return invalidParameter;
    if (!node.configured) return noAccess;
    if (!node.wakes) return noFeature;
    if (enable > 1) return invalidParameter;
    this.#state.wakes[id] = enable;
    return success();
  }

  /** The state, the requirements of the application processors, and whether they use it. */
  status(id: number): Answer {
    const node = nodes.get(id);
    if (!node) return invalidParameter;
    const isUsed = this.#state.requested[id] === 1;
    return success(this.state(node), isUsed ? (this.#state.requirements[id] as number) : 0, isUsed ? usedByCaller : 0);
  }

  /** The power that a node uses, in the firmware's own scale, or the time that it takes to wake, in microseconds. */
  characteristic(id: number, type: number): Answer {
    const node = nodes.get(id);
    if (!node) return invalidParameter;
    const isOn = this.state(node) !== 0;
    switch (type) {
      case Characteristic.power:
        return success(isOn ? this.#consumption(node) : 0);
      case Characteristic.temperature:
        return noFeature;
      case Characteristic.latency:
        return success(isOn && this.state(node) === Math.max(1, node.states.length - 1) ? 0 : node.latency);
      default:
        return invalidParameter;
    }
  }

  registerNotifier(id: number, event: number, wake: number, enable: number): Answer {
    if (!nodes.has(id) || wake > 1 || enable > 1 || event < Event.stateChange || event > Event.zeroUsers)
      return invalidParameter;
    const before = this.#state.notified[id] as number;
    this.#state.notified[id] = enable ? before | event : before & ~event;
    return success();
  }

  /** The caller has said what it needs: what it has not requested by now goes to its lowest state. */
  finalize(): Answer {
    for (const node of nodes.values()) if (node.configured && !this.#state.requested[node.id]) this.#require(node, 0);
    return success();
  }

  /** A core says that its next WFI is to power it down. It stays on here: only PSCI powers a core down. */
  selfSuspend(core: number, latency: number): Answer {
    if (latency < suspendLatency) return invalidParameter;
    this.#state.suspending |= 1 << core;
    return success();
  }

  /** Asks another processor to suspend. The RPUs run nothing that could be asked, and a caller cannot ask itself. */
  suspendOther(id: number): Answer {
    if (id === NodeId.apu) return noAccess;
    return id === NodeId.rpu0 || id === NodeId.rpu1 ? [Status.failure] : invalidParameter;
  }

  abortSuspend(reason: number, id: number): Answer {
    if (!this.#isCore(id)) return [Status.invalidNode];
    if (reason < abortReasons.first || reason > abortReasons.last) return invalidParameter;
    const bit = 1 << (id - NodeId.apu0);
    if ((this.#state.suspending & bit) === 0) return [Status.internal];
    this.#state.suspending &= ~bit;
    return success();
  }

  /**
   * Wakes a processor. A core would start in EL3 at an address of the caller's choice, which the firmware's list of
   * address ranges forbids; the RPUs have no cores here, and only their state changes.
   */
  wake(id: number, hasAddress: boolean): Answer {
    const node = nodes.get(id);
    if (node?.kind !== 'processor') return [Status.invalidNode];
    if (this.#isCore(id)) return hasAddress || !this.#power.isOn(id - NodeId.apu0) ? noAccess : success();
    if (id < NodeId.rpu0) return [Status.invalidNode];
    if (!hasAddress && this.#state.on[id] === 0) return invalidParameter;
    this.#setOn(node, 1);
    return success();
  }

  /** Its own processors and domains a caller cannot force down, and a slave or PLL nobody. */
  forceDown(id: number): Answer {
    const node = nodes.get(id);
    if (!node || node.kind === 'slave' || node.kind === 'pll') return invalidParameter;
    const mayForce = id === NodeId.rpu || id === NodeId.pld || id === NodeId.rpu0 || id === NodeId.rpu1;
    if (!mayForce) return noAccess;
    this.#setOn(node, 0);
    if (id === NodeId.rpu) for (const rpu of [NodeId.rpu0, NodeId.rpu1]) this.#setOn(nodes.get(rpu) as Node, 0);
    return success();
  }

  /** A node's state as a number: of a slave its place among the slave's states. */
  state(node: Node): number {
    const { id, kind, states } = node;
    if (kind === 'pll') return this.#pllRuns(id) ? 1 : 0;
    if (kind === 'slave') {
      const needed = this.#state.requirements[id] as number;
      return states.findIndex((capabilities) => (capabilities & needed) === needed);
    }
    if (!this.#isCore(id)) return this.#state.on[id] as number;
    const core = id - NodeId.apu0;
    if ((this.#state.suspending >>> core) & 1) return ProcessorState.suspending;
    return this.#power.isOn(core) ? ProcessorState.active : ProcessorState.off;
  }

  #isCore(id: number): boolean {
    return id >= NodeId.apu0 && id < NodeId.apu0 + this.#power.cores;
  }

  #consumption({ id, kind, states }: Node): number {
    if (kind === 'processor') return 200;
    if (id === NodeId.apu) return 0;
    if (id === NodeId.lpd) return 100 + 100 * (this.#state.on[NodeId.rpu] as number);
    const isRetained = states.length === 3 && this.state(nodes.get(id) as Node) === 1;
    return isRetained ? 50 : 100;
  }

  /** Sets what the caller needs of a slave; the slave goes to the lowest state that has it. */
  #require(node: Node, capabilities: number): Answer {
    if (!node.states.some((state) => (state & capabilities) === capabilities)) return noFeature;
    const before = this.state(node);
    this.#state.requirements[node.id] = capabilities;
    this.#changed(node, before);
    return success();
  }

  #setOn(node: Node, value: 0 | 1): void {
    const before = this.state(node);
    this.#state.on[node.id] = value;
    this.#changed(node, before);
  }

  #changed(node: Node, before: number): void {
    const after = this.state(node);
    if (after !== before && (this.#state.notified[node.id] as number) & Event.stateChange)
      this.#notify(node.id, Event.stateChange, after);
  }
}

function slave(id: number): Node | undefined {
  const node = nodes.get(id);
  return node?.kind === 'slave' ? node : undefined;
}
