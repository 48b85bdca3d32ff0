/**
 * Xen's ARINC 653 scheduler: a table of slots that repeats for ever. It follows the rules of docs/xen/arinc653.md; the
 * numbers in comments are theirs.
 */
import type { Hasher } from '../../../base/hasher.ts';
import { Errno } from '../../public/errno.ts';
import { XEN_SCHEDULER } from '../../public/hypercalls.ts';
import { milliseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { firstCpu, hasCpu } from '../cpu-mask.ts';
import type { Decision, Scheduler, SchedulerCore, SchedulerKind } from '../scheduler.ts';
import type { SchedUnit } from '../unit.ts';
import { isTable, sameUuid, type Table } from './table.ts';

/** Rules 1.4 and 2.6. */
const standardSlot = milliseconds(10);

/** Rule 2.5: whose turn it is, in all pools with this scheduler. */
interface Turn {
  /** The number of the current slot; from the number of slots on, the frame's rest. */
  slot: number;
  end: Nanoseconds;
}

export class Arinc653Scheduler implements Scheduler {
  readonly id = XEN_SCHEDULER.ARINC653;
  readonly title = 'ARINC 653 Scheduler';
  readonly name = 'arinc653';
  readonly parameters = {};
  readonly ignoresAffinity = true;
  private readonly core: SchedulerCore;
  private readonly units: SchedUnit[] = [];
  private _table: Table = { majorFrame: nanoseconds(0), slots: [] };
  /** Whether a table was set. */
  private isSet = false;
  /** Rule 1.3: by the number of its slot. */
  private vcpus: (SchedUnit | null)[] = [];
  private readonly turn: Turn;
  private frameEnd: Nanoseconds = nanoseconds(0);

  constructor(core: SchedulerCore) {
    this.core = core;
    const another = core.policies.find((policy) => policy instanceof Arinc653Scheduler);
    this.turn = another ? another.turn : { slot: 0, end: nanoseconds(0) };
  }

  get table(): Table {
    return this._table;
  }

  /** Rules 1.2 and 2.7: 0, or a negated error. */
  setTable(table: Table): number {
    if (!isTable(table)) return -Errno.EINVAL;
    this.isSet = true;
    this.take(table);
    this.frameEnd = this.core.now();
    return 0;
  }

  domainParameters = () => ({});

  setDomainParameters(): number {
    return 0;
  }

  addCpu(): void {}
  removeCpu(): void {}
  insertDomain(): void {}
  removeDomain(): void {}

  /** Rules 1.3 and 1.4. */
  insert(unit: SchedUnit): void {
    this.units.push(unit);
    unit.processor = this.pickCpu(unit);
    const { majorFrame, slots } = this._table;
    if (unit.domain.domainId === 0 && !this.isSet)
      this.take({
        majorFrame: nanoseconds(majorFrame + standardSlot),
        slots: [...slots, { uuid: new Uint8Array(16), vcpu: unit.id, runtime: standardSlot }],
      });
    else this.findVcpus();
  }

  remove(unit: SchedUnit): void {
    this.units.splice(this.units.indexOf(unit), 1);
    this.findVcpus();
  }

  sleep(unit: SchedUnit): void {
    if (this.core.current(unit.processor) === unit) this.core.raiseSchedule(unit.processor);
  }

  wake({ processor }: SchedUnit): void {
    this.core.raiseSchedule(processor);
  }

  /** Rule 2.8. */
  yield(): void {}

  /** Rule 3.1. */
  pickCpu({ processor }: SchedUnit): number {
    return hasCpu(this.core.online, processor) ? processor : firstCpu(this.core.online);
  }

  affinityChanges(): void {}

  /** Section 2. */
  schedule(cpu: number, _current: SchedUnit, now: Nanoseconds): Decision {
    this.advance(now);
    const { slot, end } = this.turn;
    const unit = this.vcpus[slot];
    const next = unit?.runnable && unit.processor === cpu ? unit : this.core.idle(cpu);
    return { next, slice: nanoseconds(end - now) };
  }

  fingerprint(hasher: Hasher): void {
    const { majorFrame, slots } = this._table;
    hasher.add(this.isSet, majorFrame, this.turn.slot, this.turn.end, this.frameEnd);
    for (const { uuid, vcpu, runtime } of slots) hasher.add(uuid, vcpu, runtime);
    hasher.add(
      this.vcpus.map((unit) => unit?.toString()),
      this.units.map(String),
    );
  }

  dumpSettings(): void {}
  dumpCpu(): void {}

  /** Rules 2.1 and 2.6: leaves the slots that are over behind. */
  private advance(now: Nanoseconds): void {
    const { majorFrame, slots } = this._table;
    const turn = this.turn;
    if (slots.length === 0) this.frameEnd = nanoseconds(now + standardSlot);
    else if (now >= this.frameEnd) {
      turn.slot = 0;
      turn.end = nanoseconds(now + (slots[0]?.runtime ?? 0));
      this.frameEnd = nanoseconds(now + majorFrame);
    }
    while (turn.slot < slots.length && now >= turn.end)
      turn.end = nanoseconds(turn.end + (slots[++turn.slot]?.runtime ?? 0));
    if (turn.slot >= slots.length) turn.end = this.frameEnd;
  }

  private take(table: Table): void {
    this._table = table;
    this.findVcpus();
  }

  /** Rule 1.3. */
  private findVcpus(): void {
    this.vcpus = this._table.slots.map(
      ({ uuid, vcpu }) => this.units.find(({ id, domain }) => id === vcpu && sameUuid(domain.uuid, uuid)) ?? null,
    );
  }
}

/** The ARINC 653 scheduler as one of those that `sched=` may name. */
export const arinc653: SchedulerKind = {
  id: XEN_SCHEDULER.ARINC653,
  name: 'arinc653',
  bootParameters: [],
  domainParameters: {},
  create: (core) => new Arinc653Scheduler(core),
};
