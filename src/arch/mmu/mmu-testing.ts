import { Core } from '../../a64/layout.ts';
import { defined } from '../../base/assert.ts';
import { type PhysAddr, physAddr } from '../../base/units.ts';
import { CoreState } from '../state/core.ts';
import { Memory } from '../state/memory.ts';
import type { SystemSlot } from '../state/slots.ts';
import { address } from './core-mmu.ts';
import type { Fault } from './faults.ts';
import { Mmu } from './mmu.ts';

interface AccessOptions {
  /** Registers of the access. */
  readonly count?: number;
  /** The core. */
  readonly index?: number;
}

/** A fault as it was when it was raised, with its address in one. */
type SeenFault = Omit<Fault, 'low' | 'high'> & { readonly va: bigint };
const seen = ({ low, high, ...fault }: Fault): SeenFault => ({ ...fault, va: address(low, high) });

/** For tests: cores with an MMU over a little RAM and one device, and what they raised. */
export class MmuBench {
  readonly memory: Memory;
  readonly states: readonly CoreState[];
  readonly mmu: Mmu;
  readonly dataAborts: SeenFault[] = [];
  readonly instructionAborts: SeenFault[] = [];
  pcAlignmentFaults = 0;
  readonly watchpoints: bigint[] = [];
  /** Pages that hold translated code in their first half, and the writes that were announced for them. */
  readonly code = new Set<number>();
  readonly codeWrites: { page: number; offset: number; size: number }[] = [];
  /** Accesses that reached the bus. */
  readonly bus: string[] = [];

  constructor(
    readonly ramBase = 0x4000_0000,
    readonly ramSize = 0x40_0000,
    cores = 1,
  ) {
    this.memory = new Memory(cores, [{ base: physAddr(ramBase), size: ramSize }]);
    this.states = Array.from({ length: cores }, (_, i) => new CoreState(this.memory, i));
    const device = { base: 0xff00_0000, size: 0x1000 };
    const answers = (pa: PhysAddr) => pa >= device.base && pa < device.base + device.size;
    this.mmu = new Mmu(
      this.states,
      {
        read: (pa, size) => {
          this.bus.push(`r${size} ${pa.toString(16)}`);
          return answers(pa) ? (pa & 0xff) * 0x01010101 : null;
        },
        write: (pa, size, value) => {
          this.bus.push(`w${size} ${pa.toString(16)} ${value.toString(16)}`);
          return answers(pa);
        },
      },
      {
        codeIn: (page) => this.code.has(page),
        codeAt: (page, offset) => this.code.has(page) && offset < 0x800,
        onCodeWrite: (page, offset, size) => this.codeWrites.push({ page, offset, size }),
        codePageFor: () => this.memory.codePageBase,
        raiseDataAbort: (_, fault) => this.dataAborts.push(seen(fault)),
        raiseInstructionAbort: (_, fault) => this.instructionAborts.push(seen(fault)),
        raisePcAlignment: () => this.pcAlignmentFaults++,
        raiseWatchpoint: (_, va) => this.watchpoints.push(va),
        confinesCode: () => false,
        watches: () => false,
        wasRead: () => {},
        wasWritten: () => {},
        stage2Refuses: () => {},
      },
    );
    this.mmu.flushAll();
  }

  core(index = 0): CoreState {
    return defined(this.states[index], 'core');
  }

  /** Sets registers of a core, and its level if given, and lets the MMU know. */
  set(registers: Partial<Record<SystemSlot, bigint>>, level?: number, index = 0): void {
    const core = this.core(index);
    for (const [name, value] of Object.entries(registers)) core.setSystem(name as SystemSlot, value);
    if (level !== undefined) core.setWord(Core.el, level);
    this.mmu.contextChanged(core);
  }

  /** Says which access `fill` and `access` are about. */
  aim(va: bigint, kind: number, index = 0): void {
    this.core(index).setLong(Core.accessAddress, BigInt.asUintN(64, va));
    this.core(index).setWord(Core.accessKind, kind);
  }

  fill(va: bigint, kind: number, size = 1, { count = 1, index = 0 }: AccessOptions = {}): number {
    this.aim(va, kind, index);
    return this.mmu.fill(this.core(index).base, size, count);
  }

  access(va: bigint, kind: number, size = 1, { count = 1, index = 0 }: AccessOptions = {}): number {
    this.aim(va, kind, index);
    return this.mmu.access(this.core(index).base, size, count);
  }

  fetch(pc: bigint, index = 0): number {
    this.core(index).pc = BigInt.asUintN(64, pc);
    return this.mmu.fetch(this.core(index).base);
  }

  /** Host address of a physical one, as `fill` gives it. */
  host(pa: number): number {
    return this.memory.host(physAddr(pa)) | 0;
  }

  /** Writes a 64-bit word, for example a descriptor, to RAM. */
  poke(pa: number, value: bigint): void {
    this.memory.u64[this.memory.host(physAddr(pa)) / 8] = value;
  }

  peek(pa: number): bigint {
    return defined(this.memory.u64[this.memory.host(physAddr(pa)) / 8], 'word');
  }
}
