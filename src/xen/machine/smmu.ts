/** The SMMU-500 of the chip as Xen uses it: contexts of stage 2 alone (Arm IHI 0062D, chapters 9 to 16). */
import { placeOf } from '../../soc/board/map.ts';
import { Cb, Sctlr } from '../../soc/smmu/context.ts';
import { CbarType, Cr0, contextBanks, Gr0, Gr1, streamGroups } from '../../soc/smmu/registers.ts';
import { enableShared, targetShared } from './gic.ts';
import type { Machine } from './machine.ts';

const base = placeOf('smmu').base;
/** Global register spaces 0 and 1, and the context banks: pages of 4 KiB. */
const page = 0x1000;
const gr1 = base + page;
const bankAt = (bank: number): number => base + (contextBanks + bank) * page;

export const smmu = {
  groups: streamGroups,
  banks: contextBanks,
  /** All its faults come as one shared interrupt: the node in the tree names it once for each bank. */
  interrupt: 32 + (placeOf('smmuReg').spis[0] ?? 0),
} as const;

/** sCR0: report global and configuration faults, no broadcasts, and an unknown stream is a fault. */
const control = Cr0.GFRE | Cr0.GFIE | (1 << 4) | (1 << 5) | Cr0.USFCFG | (1 << 11) | (1 << 13);
/** S2CR.TYPE: 0 is translation. */
const fault = 2 << 16;
const smrValid = 2 ** 31;
/** CBA2R: tables of AArch64. */
const aarch64Tables = 1;
/** TCR: EAE, PASize 48 bits, inner shareable, write-back, from level 1, 40-bit addresses. */
const stage2Control = 0x8000_0000 + (5 << 16) + (3 << 12) + (1 << 10) + (1 << 8) + (1 << 6) + 24;
/** FSR: all but FORMAT. */
const faults = 0xc000_01fe;
/** Xen numbers the SMMU's VMIDs by bank. */
const vmidOf = (bank: number): number => bank + 1;

/** Sets it up: no stream has a context, and its interrupt goes to the first pCPU. */
export const startSmmu = (machine: Machine): void => {
  for (let group = 0; group < streamGroups; group++) refuseStream(machine, group);
  for (let bank = 0; bank < contextBanks; bank++) {
    machine.writeDevice(bankAt(bank) + Cb.SCTLR, 0);
    machine.writeDevice(bankAt(bank) + Cb.FSR, faults);
  }
  machine.writeDevice(base + Gr0.TLBIALLNSNH, 0);
  takeGlobalFault(machine);
  machine.writeDevice(base + Gr0.sCR0, control);
  targetShared(machine, smmu.interrupt, 0);
  enableShared(machine, smmu.interrupt);
};

/** Has a bank translate a stream, in a mapping group of its own. */
export const mapStream = (machine: Machine, group: number, stream: number, bank: number): void => {
  machine.writeDevice(base + Gr0.S2CR + 4 * group, bank);
  machine.writeDevice(base + Gr0.SMR + 4 * group, smrValid + stream);
};

/** Makes each access of a group's stream a fault. */
export const refuseStream = (machine: Machine, group: number): void =>
  machine.writeDevice(base + Gr0.S2CR + 4 * group, fault);

/** Has a bank translate by stage 2 tables: the halves of their root's address. */
export const startBank = (machine: Machine, bank: number, rootLow: number, rootHigh: number): void => {
  const at = bankAt(bank);
  machine.writeDevice(gr1 + Gr1.CBAR + 4 * bank, CbarType.stage2 | vmidOf(bank));
  machine.writeDevice(gr1 + Gr1.CBA2R + 4 * bank, aarch64Tables);
  machine.writeDevice(at + Cb.TTBR0, rootLow);
  machine.writeDevice(at + Cb.TTBR0 + 4, rootHigh);
  machine.writeDevice(at + Cb.TCR, stage2Control);
  machine.writeDevice(at + Cb.SCTLR, Sctlr.CFIE | Sctlr.CFRE | Sctlr.M);
};

export const stopBank = (machine: Machine, bank: number): void => {
  machine.writeDevice(bankAt(bank) + Cb.SCTLR, 0);
  flushBank(machine, bank);
};

/** Has it forget what it knows of a bank's tables. */
export const flushBank = (machine: Machine, bank: number): void => {
  machine.writeDevice(base + Gr0.TLBIVMID, vmidOf(bank));
  machine.writeDevice(base + Gr0.sTLBGSYNC, 0);
};

/** A fault of a bank, which is cleared; null if there is none. */
export const takeBankFault = (
  machine: Machine,
  bank: number,
): { status: number; low: number; high: number; syndrome: number } | null => {
  const at = bankAt(bank);
  const status = machine.readDevice(at + Cb.FSR);
  if ((status & faults) === 0) return null;
  const low = machine.readDevice(at + Cb.FAR);
  const high = machine.readDevice(at + Cb.FAR + 4);
  const syndrome = machine.readDevice(at + Cb.FSYNR0);
  machine.writeDevice(at + Cb.FSR, status);
  return { status, low, high, syndrome };
};

/** GFSR and its syndromes of a fault that belongs to no bank, which is cleared; null if there is none. */
export const takeGlobalFault = (machine: Machine): number[] | null => {
  const registers = [Gr0.sGFSR, Gr0.sGFSYNR0, Gr0.sGFSYNR1, Gr0.sGFSYNR2];
  const values = registers.map((offset) => machine.readDevice(base + offset));
  const [status = 0] = values;
  if (status === 0) return null;
  machine.writeDevice(base + Gr0.sGFSR, status);
  return values;
};
