/**
 * The inter-processor interrupts of the Zynq UltraScale+: UG1085 chapter 13, "Inter-Processor Interrupts", registers as
 * in the IPI module of UG1087. Eleven agents, each with registers of its own, trigger each other. The four of the
 * platform management unit accept a trigger at once and do nothing, because all requests to the unit come by SMC
 * (`eemi.ts`). The other agents' interrupts go to the GIC.
 */
import { type DeviceWiring, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../../bus/device.ts';
import { allMasked, InterruptStatus, type InterruptStatusState } from '../../bus/interrupt-status.ts';

const TRIG = 0x00;
const OBS = 0x04;
const ISR = 0x10;
const IMR = 0x14;
const IER = 0x18;
const IDR = 0x1c;

/**
 * Agents: where their registers are in the block, their bit in everybody's registers, and their interrupt output; the
 * PMU's have none.
 */
const agents: readonly { readonly offset: number; readonly bit: number; readonly output: number | null }[] = [
  { offset: 0x0_0000, bit: 0, output: 0 }, // APU
  { offset: 0x1_0000, bit: 8, output: 1 }, // RPU 0
  { offset: 0x2_0000, bit: 9, output: 2 }, // RPU 1
  { offset: 0x3_0000, bit: 16, output: null }, // PMU 0 to 3
  { offset: 0x3_1000, bit: 17, output: null },
  { offset: 0x3_2000, bit: 18, output: null },
  { offset: 0x3_3000, bit: 19, output: null },
  { offset: 0x4_0000, bit: 24, output: 3 }, // programmable logic 0 to 3
  { offset: 0x5_0000, bit: 25, output: 4 },
  { offset: 0x6_0000, bit: 26, output: 5 },
  { offset: 0x7_0000, bit: 27, output: 6 },
];
const allAgents = agents.reduce((mask, { bit }) => mask | (1 << bit), 0);

export class Ipi extends StatefulDevice<InterruptStatusState[]> {
  readonly #unknown: UnknownRegisters;
  readonly #interrupts: readonly InterruptStatus[];

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(
      name,
      agents.map(() => allMasked(allAgents)),
    );
    this.#unknown = new UnknownRegisters(name, log);
    this.#interrupts = this.state.map((state, i) => {
      const output = agents[i]?.output ?? null;
      return new InterruptStatus(state, allAgents, (level) => output !== null && interrupt(level, output));
    });
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const i = agentAt(offset);
    const interrupts = this.#interrupts[i];
    if (!interrupts) return this.#unknown.read(offset);
    switch (offset & 0xffc) {
      case TRIG:
      case IER:
      case IDR:
        return 0; // write-only
      case OBS:
        return readLanes(this.#observed(i), offset, size);
      case ISR:
        return readLanes(interrupts.status, offset, size);
      case IMR:
        return readLanes(interrupts.mask, offset, size);
      default:
        return this.#unknown.read(offset);
    }
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const word = writeLanes(value, offset, size);
    const i = agentAt(offset);
    const interrupts = this.#interrupts[i];
    if (!interrupts) {
      this.#unknown.write(offset, value);
      return;
    }
    switch (offset & 0xffc) {
      case TRIG:
        for (const [target, { bit, output }] of agents.entries())
          if ((word >>> bit) & 1 && output !== null) this.#interrupts[target]?.raise(bitOf(i));
        break;
      case ISR:
        interrupts.clear(word);
        break;
      case IER:
        interrupts.enable(word);
        break;
      case IDR:
        interrupts.disable(word);
        break;
      case OBS:
      case IMR:
        break; // read-only
      default:
        this.#unknown.write(offset, value);
    }
  }

  protected override stateLoaded(): void {
    for (const interrupts of this.#interrupts) interrupts.update();
  }

  /** The agents that this one has triggered and that have not cleared it yet. */
  #observed(sender: number): number {
    return agents.reduce(
      (mask, { bit }, i) => ((this.#interrupts[i]?.status ?? 0) & bitOf(sender) ? mask | (1 << bit) : mask),
      0,
    );
  }
}

const agentAt = (offset: number): number => agents.findIndex((agent) => agent.offset === (offset & ~0xfff));
const bitOf = (agent: number): number => 1 << (agents[agent]?.bit ?? 0);
