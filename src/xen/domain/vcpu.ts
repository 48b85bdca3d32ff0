import { defined } from '../../base/assert.ts';
import { VCpuContext } from '../machine/context.ts';
import { PauseFlag, type SchedUnit } from '../sched/unit.ts';
import type { VTimer } from '../time/vtimer.ts';
import { VCpuGic } from '../vgic/vgic.ts';
import type { Domain } from './domain.ts';

/** HCR_EL2 of guests (get_default_hcr_flags), with RW: VM, SWIO, PTW, FMO, IMO, AMO, FB, BSU, TWI, TWE, TID3, TSC, TIDCP, TAC, TSW. */
const defaultHcr = 0x807c_663f | 0;

/** A virtual CPU of a domain. */
export class VCpu {
  /** Its registers while it is on no pCPU. */
  readonly context: VCpuContext;
  readonly gic: VCpuGic;
  /** HCR_EL2, whose high half is zero. */
  hcr = defaultHcr;
  /** Host address of its struct vcpu_info; 0 where it has none yet. */
  info = 0;
  hasRegisteredInfo = false;
  /** Guest address, in halves, where it wants its runstate written. */
  runstateArea: { readonly low: number; readonly high: number } | null = null;
  #unit: SchedUnit | undefined;
  #timer: VTimer | undefined;

  constructor(
    readonly domain: Domain,
    readonly id: number,
  ) {
    this.context = new VCpuContext(id);
    this.gic = new VCpuGic(id);
  }

  /** Gives it what belongs to it in the rest of Xen; once. */
  attach(unit: SchedUnit, timer: VTimer): void {
    this.#unit = unit;
    this.#timer = timer;
  }

  get unit(): SchedUnit {
    return defined(this.#unit, 'the unit of a vCPU');
  }

  get timer(): VTimer {
    return defined(this.#timer, 'the timers of a vCPU');
  }

  /** Whether neither PSCI nor the toolstack has turned it on. */
  get isDown(): boolean {
    return (this.unit.pauseFlags & PauseFlag.down) !== 0;
  }

  toString(): string {
    return `d${this.domain.domainId}v${this.id}`;
  }
}
