import { Core } from '../../a64/layout.ts';
import type { El2 } from '../../arch/exceptions/el2.ts';
import { waitForInterrupt } from '../../arch/exceptions/interrupts.ts';
import type { TlbiName } from '../../arch/mmu/tlb/tlb-maintenance.ts';
import { Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { SystemSlot } from '../../arch/state/slots.ts';
import { readRegister, writeRegister } from '../../arch/system/system.ts';
import { TimerControl } from '../../arch/timers/timer.ts';
import { assert, defined } from '../../base/assert.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import { type Nanoseconds, nanoseconds } from '../time/time.ts';
import { setX, Word, wordOf } from './registers.ts';

/** Bytes of a page or frame. */
export const pageSize = 4096;

/**
 * Xen's only way to the hardware: registers of the core that it runs on, memory, and devices over the bus as that core.
 * Frames are numbers of 4 KiB pages (MFN). Host pages and host addresses say where their bytes are in the views of
 * memory.
 */
export class Machine {
  readonly cpus: number;
  readonly probe: Probe;
  /** Frames of DRAM, which begins at frame 0. */
  readonly frames: number;
  /** Views of memory. The first 32-bit word of a frame is at `hostPage` * 1024. */
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
  /** Ticks of the system counter in a second. */
  readonly counterHz: number;
  /**
   * Whether EL2 runs. If not, code of Xen runs between the turns of the cores: on none of the pCPUs, and at no cost.
   */
  isEntered = false;
  private readonly board: Pick<ZynqMp, 'cluster' | 'start'>;
  private readonly cluster: Cluster;
  private readonly nanosecondsPerTick: number;

  constructor(board: Pick<ZynqMp, 'cluster' | 'start'>) {
    const { cluster } = board;
    const { memory } = cluster;
    this.board = board;
    this.cluster = cluster;
    this.cpus = cluster.cores.length;
    this.probe = cluster.probe;
    this.frames = defined(memory.ram[0], 'DRAM').size / pageSize;
    this.u8 = memory.u8;
    this.u16 = memory.u16;
    this.u32 = memory.u32;
    this.u64 = memory.u64;
    this.counterHz = cluster.system.timers.frequency;
    this.nanosecondsPerTick = 1e9 / this.counterHz;
  }

  /** Turns the machine on. `el2` owns EL2 of all cores; the firmware enters it at `entry`, a physical address. */
  powerOn(el2: El2, entry: number): void {
    this.cluster.el2 = el2;
    this.board.start({ format: 'Image', segments: [], entry: BigInt(entry) });
  }

  /** EL2 is at another moment of the machine, which may have had another before. */
  moved(el2: El2): void {
    this.cluster.el2 = el2;
  }

  /** The pCPU that runs this code. */
  get cpu(): number {
    return this.cluster.running;
  }

  get core(): CoreState {
    return this.cluster.cores[this.cluster.running] as CoreState;
  }

  /** CNTPCT_EL0. */
  get counter(): number {
    return this.cluster.system.timers.count(this.core);
  }

  /** The time since the system counter started, which is when the machine was turned on. */
  now(): Nanoseconds {
    return nanoseconds(Math.floor(this.counter * this.nanosecondsPerTick));
  }

  ticks(time: Nanoseconds): number {
    return Math.ceil(time / this.nanosecondsPerTick);
  }

  /** The time at which the counter has a value. A time that is too large for an exact number never comes. */
  nanoseconds(ticks: number): Nanoseconds {
    return nanoseconds(Math.min(Number.MAX_SAFE_INTEGER, Math.floor(ticks * this.nanosecondsPerTick)));
  }

  /** Charges cycles of EL2's work to the core that it runs on. */
  spend(cycles: number): void {
    if (cycles === 0 || !this.isEntered) return;
    this.cluster.spend(this.cpu, cycles);
    this.spent += cycles;
  }

  /** The cycles that were charged so far, on all cores. */
  spent = 0;

  /** Cycles that EL2 has worked since power-on, by pCPU. */
  get el2Cycles(): number[] {
    return this.cluster.stats().cores.map((core) => core.el2Cycles);
  }

  /** Whether EL2 has used up the turn of its core. */
  get isTurnOver(): boolean {
    return this.isEntered && (this.core.word(Core.budget) | 0) <= 0;
  }

  readDevice(address: number): number {
    const value = this.cluster.mmu.bus.read(physAddr(address), 4);
    assert(value !== null, 'Xen reads devices that are there');
    return value;
  }

  writeDevice(address: number, value: number, size: 1 | 2 | 4 = 4): void {
    this.cluster.mmu.bus.write(physAddr(address), size, value >>> 0);
  }

  /** Calls a function of the firmware by SMC. Returns its result. */
  firmware(id: number, ...args: readonly number[]): number {
    const { core } = this;
    for (const [n, value] of [id, ...args].entries()) core.setX(n, BigInt(value));
    this.passToFirmware();
    return core.word(Core.x) | 0;
  }

  /** Executes an SMC with the guest's own registers, in which the firmware answers. */
  passToFirmware(): void {
    const { core } = this;
    this.cluster.onFirmwareCall(core.index, core);
  }

  /** The value of a system register by its encoding. */
  systemRegister(encoding: number): bigint {
    const { core } = this;
    readRegister(core, this.cluster.system.register(encoding), Core.scratch);
    return core.long(Core.scratch);
  }

  /** MRS of a guest: reads a system register into Xn. */
  readSystem(encoding: number, n: number): void {
    const { core } = this;
    readRegister(core, this.cluster.system.register(encoding), Core.scratch);
    setX(core, n, core.word(Core.scratch), core.word(Core.scratch + 4));
  }

  /** MSR of a guest: writes Xn to a system register. */
  writeSystem(encoding: number, n: number): void {
    writeRegister(this.core, this.cluster.system.register(encoding), Core.x + 8 * n);
  }

  /** MSR of Xen's own: writes a value to a system register, if the core has it. */
  setSystem(name: SystemSlot, value: bigint): void {
    const register = this.cluster.system.registers.find((known) => known.name === name);
    if (!register) return;
    this.core.setLong(Core.scratch, value);
    writeRegister(this.core, register, Core.scratch);
  }

  /** Has the core take account of changed registers: HCR_EL2, VTTBR_EL2, or the system registers of the guest. */
  registersChanged(): void {
    this.cluster.system.stateChanged(this.core);
  }

  /** The host page of a frame; 0 if it is not RAM. */
  hostPage(mfn: number): number {
    return this.cluster.mmu.of(this.core).walker.hostPage(mfn);
  }

  /** The bytes of a frame, to be written; with `reads`, only to be read. */
  page(mfn: number, reads = false): Uint8Array {
    const address = physAddr(mfn * pageSize);
    if (!reads) this.written(address, pageSize);
    return this.cluster.ramView(address, pageSize);
  }

  /** Notes that bytes of RAM are about to be written. */
  written(address: PhysAddr, length: number): void {
    for (let page = Math.floor(address / pageSize); page * pageSize < address + length; page++) {
      this.cluster.memory.touch(this.hostPage(page));
    }
    this.cluster.ramChanges(address, length);
  }

  /** Clears a frame. */
  scrub(mfn: number): void {
    if (this.cluster.memory.clear(this.hostPage(mfn))) this.cluster.ramChanges(physAddr(mfn * pageSize), pageSize);
  }

  /** The frame of the last translation that succeeded. */
  frame = 0;

  /**
   * The host address of a virtual address of the guest in the core (AT S12E1R or S12E1W); 0 if the guest cannot access
   * it, or if it is not RAM. `frame` is its frame then. `writes`: how many bytes of the page the caller will write from
   * there on; 0 if it reads.
   */
  translate(low: number, high: number, writes: number): number {
    const mmu = this.cluster.mmu.of(this.core);
    let host = mmu.el1Address(low >>> 0, high >>> 0, writes);
    if (host === 0 && this.onUnreachable(low >>> 0, high >>> 0)) host = mmu.el1Address(low >>> 0, high >>> 0, writes);
    if (host !== 0) this.frame = mmu.el1Page;
    return host;
  }

  /** A translation has failed. Returns whether to try again, since what it depends on has changed. */
  onUnreachable: (low: number, high: number) => boolean = () => false;

  /** Writes a descriptor of a translation table: `at` is the index of its low word in `u32`. */
  writeDescriptor(at: number, low: number, high: number): void {
    this.cluster.memory.touch(at >>> 10);
    this.u32[at] = low;
    this.u32[at + 1] = high;
  }

  /** Programs the hypervisor's physical timer of the core; null stops it. */
  setHypervisorTimer(deadline: Nanoseconds | null): void {
    const { core } = this;
    if (deadline !== null) {
      const ticks = this.ticks(deadline);
      core.setWord(timerCompare, ticks >>> 0);
      core.setWord(timerCompare + 4, Math.floor(ticks / 2 ** 32));
    }
    core.setWord(timerControl, deadline === null ? 0 : TimerControl.ENABLE);
    this.cluster.system.timers.update(core, 'cnthp');
  }

  /** Whether the hypervisor's physical timer of the core has reached its deadline. */
  get isHypervisorTimerDue(): boolean {
    return (this.cluster.system.timers.control(this.core, 'cnthp') & TimerControl.ISTATUS) !== 0;
  }

  /** Has the core take account of changed registers of its virtual timer. */
  virtualTimerChanged(): void {
    this.cluster.system.timers.update(this.core, 'cntv');
  }

  /** TLBI VMALLS12E1IS with another VTTBR_EL2, given as halves. */
  flushGuest(vttbrLow: number, vttbrHigh: number): void {
    const { core } = this;
    const { words } = core;
    const low = words[Word.VTTBR_EL2] as number;
    const high = words[Word.VTTBR_EL2 + 1] as number;
    words[Word.VTTBR_EL2] = vttbrLow;
    words[Word.VTTBR_EL2 + 1] = vttbrHigh;
    this.cluster.mmu.invalidate(core, 'VMALLS12E1IS', 0, 0);
    words[Word.VTTBR_EL2] = low;
    words[Word.VTTBR_EL2 + 1] = high;
    this.cluster.mmu.contextChanged(core);
  }

  /** A TLBI of EL1's regime, for the VMID in VTTBR_EL2. */
  invalidate(operation: TlbiName, low: number, high: number): void {
    this.cluster.mmu.invalidate(this.core, operation, low, high);
  }

  /** TLBI VMALLE1: this core's entries of the VMID in VTTBR_EL2. */
  flushGuestHere(): void {
    const { core } = this;
    this.cluster.mmu.invalidate(core, 'VMALLE1', 0, 0);
    this.cluster.mmu.contextChanged(core);
  }

  /** ERET. */
  return(): void {
    this.cluster.system.exceptions.exceptionReturn(this.core);
  }

  /** WFI at EL2 with interrupts unmasked: the core goes on at its interrupt vector. */
  wait(): void {
    const { core } = this;
    core.setWord(Core.pstate, (core.word(Core.pstate) & ~Pstate.daif) | Pstate.D);
    this.cluster.system.stateChanged(core);
    if ((core.word(Core.exitRequest) & 1) === 0) waitForInterrupt(core);
  }
}

const timerControl = 4 * wordOf('CNTHP_CTL_EL2');
const timerCompare = 4 * wordOf('CNTHP_CVAL_EL2');
