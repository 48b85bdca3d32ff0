import { Core } from '../../src/a64/layout.ts';
import { Pstate, Sctlr } from '../../src/arch/state/control-bits.ts';
import type { CoreState } from '../../src/arch/state/core.ts';
import { setMode, updateChecks } from '../../src/arch/state/pstate.ts';
import { defined } from '../../src/base/assert.ts';
import { Events } from '../../src/base/events.ts';
import { cycles, physAddr } from '../../src/base/units.ts';
import { Cluster } from '../../src/cluster/cluster.ts';
import { literal, memorySize, Place, Record, type RecordView, Signal } from './record.ts';

/** Where the translation tables and the vectors of EL1 lie. */
const tables = 0x3000_0000;
const tablesSize = 0x5000;
const vectors = tables + 0x4000;

/** A core at EL0 whose address space is that of the recorder: it executes tests. */
export class TestCore {
  readonly #cluster = new Cluster({
    cores: 1,
    ram: [
      { base: physAddr(Place.data), size: Place.dataSize },
      { base: physAddr(Place.code), size: Place.codeWindows * Place.codeWindow },
      { base: physAddr(tables), size: tablesSize },
    ],
    bus: { read: () => null, write: () => false },
    events: new Events(),
    clockHz: 1_200_000_000,
  });
  readonly #core = defined(this.#cluster.cores[0], 'core 0');

  constructor() {
    this.#start();
  }

  /** Maps the data, the code and the vectors, and lets EL0 do what Linux lets it do. */
  #start(): void {
    const core = this.#core;
    this.#cluster.reset(0, { pc: BigInt(vectors), el: 1, x0: 0n });
    const descriptors = new BigUint64Array(0x4000 / 8);
    // Normal memory (attribute 0), Inner Shareable, accessed.
    const normal = 0x700n;
    const el0 = 0x40n;
    const page = 0b11n;
    const block = 0b01n;
    const l2 = 0x1000 / 8;
    const l3 = 0x2000 / 8;
    descriptors[0] = BigInt(tables + 0x1000) | page;
    descriptors[l2 + Place.data / 2 ** 21] = BigInt(tables + 0x2000) | page;
    for (let at = 0; at < Place.dataSize; at += 4096)
      descriptors[l3 + at / 4096] = BigInt(Place.data + at) | normal | el0 | page;
    const end = Place.code + Place.codeWindows * Place.codeWindow;
    for (let at = Place.code; at < end; at += 2 ** 21)
      descriptors[l2 + at / 2 ** 21] = BigInt(at) | normal | el0 | block;
    descriptors[l2 + tables / 2 ** 21] = BigInt(tables) | normal | block;
    this.#cluster.ramView(physAddr(tables), 0x4000).set(new Uint8Array(descriptors.buffer));
    // b .
    this.#cluster
      .ramView(physAddr(vectors), 0x1000)
      .set(new Uint8Array(new Uint32Array(0x400).fill(0x1400_0000).buffer));

    core.setSystem('VBAR_EL1', BigInt(vectors));
    core.setSystem('TTBR0_EL1', BigInt(tables));
    core.setSystem('MAIR_EL1', 0xffn);
    // 39-bit addresses, 4 KiB pages, write-back walks, nothing under TTBR1, 40-bit output, top byte ignored.
    core.setSystem('TCR_EL1', 25n | (1n << 8n) | (1n << 10n) | (3n << 12n) | (1n << 23n) | (2n << 32n) | (1n << 37n));
    core.setSystem('CPACR_EL1', 3n << 20n);
    core.setSystem('SCTLR_EL1', BigInt(Sctlr.M | Sctlr.C | Sctlr.I | Sctlr.UCI | Sctlr.UCT | Sctlr.DZE));
    this.#cluster.mmu.of(core).flushAll();
  }

  /** Executes a test and writes the state after it to `result`. */
  run(test: RecordView, result: RecordView): void {
    const core = this.#core;
    const pc = test.word(Record.pc);
    const count = test.word(Record.count);
    const code = this.#cluster.ramView(physAddr(pc), Place.literals + Place.literalsSize);
    const memory = this.#cluster.ramView(physAddr(test.word(Record.memoryAddress)), memorySize);
    const bytes = (of: RecordView, field: number, size: number): Uint8Array =>
      of.u8.subarray(of.offset(field), of.offset(field) + size);
    const { u8 } = this.#cluster.memory;
    const v = u8.subarray(core.base + Core.v, core.base + Core.v + 512);
    const x = u8.subarray(core.base + Core.x, core.base + Core.x + 248);

    code.set(bytes(test, Record.words, 4 * count));
    for (let i = 0; i < Place.literalsSize; i++) code[Place.literals + i] = literal(i);
    memory.set(bytes(test, Record.memory, memorySize));
    setMode(core, 0);
    core.setWord(Core.pstate, Pstate.daif);
    x.set(bytes(test, Record.x, 248));
    v.set(bytes(test, Record.v, 512));
    core.sp = test.long(Record.sp);
    core.nzcv = test.word(Record.nzcv);
    core.setFloatState(test.word(Record.fpcr), test.word(Record.fpsr));
    core.setWord(Core.exclusiveAddress, 0);
    core.pc = BigInt(pc);
    updateChecks(core);
    this.#cluster.mmu.contextChanged(core);
    this.#cluster.ramChanges(physAddr(pc), code.length);

    this.#execute(count);
    // After a branch elsewhere, the next fetch is part of the test: it removes the address's tag and faults.
    if (core.el === 0 && core.pc !== BigInt(pc + 4 * count)) this.#execute(1);

    result.u8.set(test.u8.subarray(test.offset(0), test.offset(Record.size)), result.offset(0));
    bytes(result, Record.x, 248).set(x);
    bytes(result, Record.v, 512).set(v);
    bytes(result, Record.memory, memorySize).set(memory);
    const setLong = (field: number, value: bigint): void =>
      result.setLong(field, Number(value & 0xffff_ffffn), Number(value >> 32n));
    if (core.el === 0) {
      setLong(Record.pc, core.pc);
      setLong(Record.sp, core.sp);
      result.setWord(Record.nzcv, core.nzcv);
    } else {
      const { signal, fault } = signalOf(core);
      setLong(Record.pc, core.system('ELR_EL1'));
      setLong(Record.fault, fault);
      result.setWord(Record.signal, signal);
      setLong(Record.sp, core.system('SP_EL0'));
      result.setWord(Record.nzcv, core.systemLow('SPSR_EL1') & 0xf000_0000);
    }
    result.setWord(Record.fpcr, core.word(Core.fpcr));
    result.setWord(Record.fpsr, core.word(Core.fpsr));
    code.fill(0);
  }

  #execute(instructions: number): void {
    this.#cluster.debugger.stepBy(this.#core, instructions);
    this.#cluster.run(cycles(Number.POSITIVE_INFINITY));
  }
}

/** The signal that Linux makes of the exception in ESR_EL1, and its address. */
function signalOf(core: CoreState): { signal: number; fault: bigint } {
  const syndrome = core.systemLow('ESR_EL1');
  const elr = core.system('ELR_EL1');
  const far = core.system('FAR_EL1');
  switch (syndrome >>> 26) {
    case 0x00: // unallocated
    case 0x18: // trapped MSR, MRS, system instruction
      return { signal: Signal.illegal, fault: elr };
    case 0x20: // Instruction Abort
      return { signal: Signal.segmentation, fault: far };
    case 0x22: // PC alignment
      return { signal: Signal.bus, fault: far };
    case 0x24: // Data Abort: alignment or translation
      return { signal: (syndrome & 0x3f) === 0x21 ? Signal.bus : Signal.segmentation, fault: far };
    case 0x3c: // BRK
      return { signal: Signal.trap, fault: elr };
    default:
      return { signal: -1, fault: BigInt(syndrome >>> 0) };
  }
}
