import { Core, LevelEntry, Tlb } from '../../a64/layout.ts';
import { waitForInterrupt } from '../../arch/exceptions/interrupts.ts';
import type { CoreMmu } from '../../arch/mmu/core-mmu.ts';
import { Need } from '../../arch/mmu/walk.ts';
import { Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { assert } from '../../base/assert.ts';
import { type PhysAddr, physAddr } from '../../base/units.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { type Nanoseconds, nanoseconds } from '../time/time.ts';
import { Word, wordOf } from './registers.ts';

export const pageSize = 4096;

/** What Xen finds of the chip in its device tree. */
export const gic = {
  distributor: 0xf901_0000,
  /** The last of its aliases, behind which its second page follows at once. */
  cpuInterface: 0xf902_f000,
  hypervisorInterface: 0xf904_0000,
  virtualCpuInterface: 0xf906_f000,
  maintenanceInterrupt: 25,
} as const;
export const uart0 = { base: 0xff00_0000, interrupt: 53 } as const;

/** How Xen reaches the machine: registers of the core that it runs on, memory, and devices over the bus as that core. */
export class Machine {
  readonly cluster: Cluster;
  readonly cpus: number;
  /** Memory by 32-bit words; a page's first word is `hostPage` * 1024. */
  readonly u32: Uint32Array;
  readonly u8: Uint8Array;
  /** Ticks of the system counter in a second. */
  readonly counterHz: number;
  readonly #nanosecondsPerTick: number;
  /** Whether EL2 runs. Otherwise its state is changed from outside, between the turns of the cores: as by none of the pCPUs, and at no cost. */
  isEntered = false;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.cpus = cluster.cores.length;
    this.u32 = cluster.memory.u32;
    this.u8 = cluster.memory.u8;
    this.counterHz = cluster.system.timers.frequency;
    this.#nanosecondsPerTick = 1e9 / this.counterHz;
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

  /** NOW(): since the counter began, which is when the machine was turned on. */
  now(): Nanoseconds {
    return nanoseconds(Math.floor(this.counter * this.#nanosecondsPerTick));
  }

  ticks(time: Nanoseconds): number {
    return Math.ceil(time / this.#nanosecondsPerTick);
  }

  /** When the counter shows so many ticks; what lies beyond the exact numbers never comes. */
  nanoseconds(ticks: number): Nanoseconds {
    return nanoseconds(Math.min(Number.MAX_SAFE_INTEGER, Math.floor(ticks * this.#nanosecondsPerTick)));
  }

  /** EL2's work takes time of the core that it runs on. */
  spend(cycles: number): void {
    if (cycles !== 0 && this.isEntered) this.cluster.spend(this.cpu, cycles);
  }

  /** Whether EL2 has worked for so long that something else is due on the machine. */
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

  /** The firmware's function by SMC; its result. */
  firmware(id: number, ...args: readonly number[]): number {
    const { core } = this;
    for (const [n, value] of [id, ...args].entries()) core.setX(n, BigInt(value));
    this.cluster.onFirmwareCall(core.index, core);
    return core.word(Core.x) | 0;
  }

  /** Host page of a frame; 0 where there is no RAM. */
  hostPage(mfn: number): number {
    return this.cluster.mmu.of(this.core).walker.hostPage(mfn);
  }

  /** A frame's bytes. They are about to be written, unless `reads` is set. */
  page(mfn: number, reads = false): Uint8Array {
    const address = physAddr(mfn * pageSize);
    if (!reads) this.written(address, pageSize);
    return this.cluster.ramView(address, pageSize);
  }

  /** Bytes of RAM are about to be written. */
  written(address: PhysAddr, length: number): void {
    for (let page = Math.floor(address / pageSize); page * pageSize < address + length; page++) {
      this.cluster.memory.touch(this.hostPage(page));
    }
    this.cluster.ramWritten(address, length);
  }

  /** Makes a frame zero. */
  scrub(mfn: number): void {
    if (this.cluster.memory.clear(this.hostPage(mfn))) this.cluster.ramWritten(physAddr(mfn * pageSize), pageSize);
  }

  /**
   * AT S12E1R or S12E1W for an address of the guest whose registers are in the core: the host address of what is there, 0 if
   * the guest could not access it or it is no RAM. `frame` then says which frame it is in. `writes`: that so many bytes of the
   * page, from the address on, are about to be written; 0 for a read.
   */
  translate(low: number, high: number, writes: number): number {
    const { core } = this;
    const mmu = this.cluster.mmu.of(core);
    return this.#lookUp(core, mmu, low, high, writes !== 0) || this.#walk(mmu, low, high, writes);
  }

  /** Frame of the last translation that succeeded. */
  frame = 0;

  /** The data TLB may know already. */
  #lookUp(core: CoreState, mmu: CoreMmu, low: number, high: number, write: boolean): number {
    const { u32 } = this;
    const level = (core.base + Core.levels + LevelEntry.size) >>> 2;
    if (u32[level + LevelEntry.known / 4] === 0) return 0;
    const at = mmu.tlb.dataEntry(low);
    const tag = at + (write ? Tlb.writeTag : Tlb.readTag) / 4;
    if (u32[tag] !== ((low & ~0xfff) | (u32[level] as number)) >>> 0 || u32[tag + 1] !== high >>> 0) return 0;
    this.frame = u32[at + Tlb.physicalPage / 4] as number;
    return ((u32[at + Tlb.addend / 4] as number) + low) >>> 0;
  }

  #walk(mmu: CoreMmu, low: number, high: number, writes: number): number {
    const { walker, hooks } = mmu;
    const need = writes !== 0 ? Need.write : Need.read;
    if (!walker.translate(low >>> 0, high >>> 0, 1, true, need, false, 'all')) return 0;
    const { page } = walker;
    const host = walker.hostPage(page);
    if (host === 0) return 0;
    this.frame = page;
    if (writes !== 0) {
      this.cluster.memory.touch(host);
      if (hooks.codeIn(page)) hooks.onCodeWrite(page, low & 0xfff, writes);
    }
    return host * pageSize + (low & 0xfff);
  }

  /** Programs the hypervisor's physical timer of the core; null stops it. */
  setHypervisorTimer(deadline: Nanoseconds | null): void {
    const { core, cluster } = this;
    if (deadline !== null) {
      const ticks = this.ticks(deadline);
      core.setWord(timerCompare, ticks >>> 0);
      core.setWord(timerCompare + 4, Math.floor(ticks / 2 ** 32));
    }
    core.setWord(timerControl, deadline === null ? 0 : 1);
    cluster.system.timers.update(core, 'cnthp');
  }

  /** TLBI VMALLS12E1IS with a VTTBR_EL2 of its own, as halves. */
  flushGuest(vttbrLow: number, vttbrHigh: number): void {
    const { core } = this;
    const { words } = core;
    const low = words[Word.VTTBR_EL2] as number;
    const high = words[Word.VTTBR_EL2 + 1] as number;
    words[Word.VTTBR_EL2] = vttbrLow;
    words[Word.VTTBR_EL2 + 1] = vttbrHigh;
    this.cluster.mmu.invalidate(core, 4, 3, 6, 0, 0);
    words[Word.VTTBR_EL2] = low;
    words[Word.VTTBR_EL2 + 1] = high;
    this.cluster.mmu.contextChanged(core);
  }

  /** TLBI VMALLE1: this core's entries of the VMID in VTTBR_EL2. */
  flushGuestHere(): void {
    const { core } = this;
    this.cluster.mmu.invalidate(core, 0, 7, 0, 0, 0);
    this.cluster.mmu.contextChanged(core);
  }

  /** ERET. */
  return(): void {
    this.cluster.system.exceptions.exceptionReturn(this.core);
  }

  /** WFI at EL2 with interrupts unmasked: the core goes on at its vector. */
  wait(): void {
    const { core } = this;
    core.setWord(Core.pstate, (core.word(Core.pstate) & ~Pstate.daif) | Pstate.D);
    this.cluster.system.stateChanged(core);
    if ((core.word(Core.exitRequest) & 1) === 0) waitForInterrupt(core);
  }
}

const timerControl = 4 * wordOf('CNTHP_CTL_EL2');
const timerCompare = 4 * wordOf('CNTHP_CVAL_EL2');
