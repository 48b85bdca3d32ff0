import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dmaAddr } from '../../base/units.ts';
import {
  adma0,
  DmaBench,
  gdma0,
  gdmaStream,
  isPage,
  isTable,
  noWrite2,
  readOnly1,
  smmuBase,
  smmuReg,
  stage1Page,
  stage2Page,
} from '../dma/dma-testing.ts';
import { Interrupt, State, Zdma } from '../dma/zdma-registers.ts';
import { Cb, Fsr, Sctlr } from './context.ts';
import { Smmu } from './smmu.ts';

const spi = 155;
/** Registers, by the names of the architecture. */
const sCR0 = smmuBase;
const sACR = smmuBase + 0x10;
const sGFAR = smmuBase + 0x40;
const sGFSR = smmuBase + 0x48;
const sGFSRRESTORE = smmuBase + 0x4c;
const sGFSYNR0 = smmuBase + 0x50;
const sGFSYNR1 = smmuBase + 0x54;
const TLBIVMID = smmuBase + 0x64;
const sTLBGSYNC = smmuBase + 0x70;
const sTLBGSTATUS = smmuBase + 0x74;
const SMR = (n: number) => smmuBase + 0x800 + 4 * n;
const S2CR = (n: number) => smmuBase + 0xc00 + 4 * n;
const CBAR = (n: number) => smmuBase + 0x1000 + 4 * n;
const CBFRSYNRA = (n: number) => smmuBase + 0x1400 + 4 * n;
const CBA2R = (n: number) => smmuBase + 0x1800 + 4 * n;
const cb = (n: number, offset: number) => smmuBase + 0x1_0000 + 0x1000 * n + offset;

const valid = 0x8000_0000;
/** Faults are reported and interrupt; unknown streams fault. */
const enabled = 0x406;
const reports = Sctlr.CFRE | Sctlr.CFIE | Sctlr.M;
const va64 = 1;

const tables1 = 0x10_0000;
const tables2 = 0x20_0000;

/** A board whose first GDMA channel goes to a context bank. */
function bench(bank = 0): DmaBench {
  const b = new DmaBench();
  b.fill(0x1000, 0x1000);
  b.write(gdma0 + Zdma.IEN, 0xfff);
  b.write(SMR(5), valid | gdmaStream);
  b.write(S2CR(5), bank);
  b.write(sCR0, enabled);
  return b;
}

/**
 * Stage 1 of bank 0: 39 bits, 4 KiB granule; the VA pages 0x40, 0x41, 0x42 of 1 GiB on are the physical 1, 0x30 and,
 * read-only, 0x31.
 */
function stage1(b: DmaBench, { asid = 7, cbar = (1 << 16) | 3 } = {}): void {
  b.poke64(tables1, BigInt(tables1 + 0x1000) | isTable);
  b.poke64(tables1 + 8, BigInt(tables1 + 0x1000) | isTable);
  b.poke64(tables1 + 0x1000, BigInt(tables1 + 0x2000) | isTable);
  const pages = [0x1000, 0x3_0000].map((pa) => stage1Page(pa) | isPage);
  b.poke64(tables1 + 0x2000 + 8 * 0x40, ...pages, stage1Page(0x3_1000, readOnly1) | isPage);
  b.write(CBAR(0), cbar);
  b.write(CBA2R(0), va64);
  b.write64(cb(0, Cb.TTBR0), BigInt(tables1) | (BigInt(asid) << 48n));
  b.write(cb(0, Cb.TCR), (1 << 23) | 25);
  b.write(cb(0, Cb.TCR2), (7 << 15) | 2);
  b.write(cb(0, Cb.MAIR0), 0xff);
  b.write(cb(0, Cb.SCTLR), reports);
}
const va = 0x4004_0000;

/**
 * Stage 2 of a bank as Xen has it: 40 bits, two root tables; IPA page 0x80 is physical page 1, 0x81 page 0x32, 0x82
 * read-only.
 */
function stage2(b: DmaBench, bank: number, vmid = 9): void {
  b.poke64(tables2, BigInt(tables2 + 0x2000) | isTable);
  b.poke64(tables2 + 0x2000, BigInt(tables2 + 0x3000) | isTable);
  const pages = [0x1000, 0x3_2000].map((pa) => stage2Page(pa) | isPage);
  b.poke64(tables2 + 0x3000 + 8 * 0x80, ...pages, (stage2Page(0x3_3000) & ~noWrite2) | isPage);
  b.write(CBAR(bank), vmid);
  b.write(CBA2R(bank), va64);
  b.write64(cb(bank, Cb.TTBR0), BigInt(tables2));
  b.write(cb(bank, Cb.TCR), 0x8000_0000 | (2 << 16) | (1 << 6) | 24);
  b.write(cb(bank, Cb.SCTLR), reports);
}

const copied = (b: DmaBench, source: number, destination: number, size = 64): number => {
  b.write(gdma0 + Zdma.ISR, 0xfff);
  b.copy(gdma0, source, destination, size);
  b.pass(2000);
  return b.read(gdma0 + Zdma.ISR);
};

test("it is the chip's, for drivers to find", () => {
  const b = new DmaBench();
  // IDR0 as in UG1087, without the AArch32 formats and what is Secure.
  expect([0x20, 0x24, 0x28, 0x3c].map((offset) => b.read(smmuBase + offset))).toEqual([
    0x7e01_3e30, 0x3000_0f10, 0x5555, 0x21,
  ]);
  expect(b.read(sCR0)).toBe(0x20_0001);
  // Linux's probe of the widths of stream matching, and its set-up of the MMU-500.
  b.write(SMR(0), 0x7fff_0000);
  expect(b.read(SMR(0))).toBe(0x7fff_0000);
  b.write(SMR(47), 0x7fff);
  expect(b.read(SMR(47))).toBe(0x7fff);
  b.write(sACR, (b.read(sACR) & ~(1 << 26)) | (1 << 8) | (1 << 10));
  expect(b.read(sACR)).toBe(0x504);
  b.write(cb(15, Cb.ACTLR), b.read(cb(15, Cb.ACTLR)) & ~2);
  expect(b.read(cb(15, Cb.ACTLR))).toBe(1);
  b.write(smmuBase + 0x60, 0);
  b.write(smmuBase + 0x6c, 0);
  b.write(smmuBase + 0x68, 0);
  b.write(sTLBGSYNC, 0);
  expect(b.read(sTLBGSTATUS)).toBe(0);
  b.write(smmuBase + 0x20, 0);
  expect(b.read(smmuBase + 0x20)).toBe(0x7e01_3e30);
  expect(b.read(smmuBase + 0x2fe0)).toBe(0x81);
  expect(b.logged).toEqual([]);
});

test('off, it lets everything through; on, streams go by their groups', () => {
  const b = new DmaBench();
  const data = b.fill(0x1000, 64);
  expect(copied(b, 0x1000, 0x2000)).toBe(Interrupt.DMA_DONE);
  b.write(sCR0, enabled & ~0x400);
  expect(copied(b, 0x1000, 0x2100)).toBe(Interrupt.DMA_DONE);
  b.write(sCR0, enabled);
  expect(copied(b, 0x1000, 0x2200)).toBe(Interrupt.AXI_RD_DATA);
  // All GDMA channels by a mask; ADMA's not.
  b.write(SMR(0), valid | (7 << 16) | gdmaStream);
  b.write(S2CR(0), 1 << 16);
  expect(copied(b, 0x1000, 0x2300)).toBe(Interrupt.DMA_DONE);
  b.write(sGFSR, b.read(sGFSR));
  b.copy(adma0 + 0x3_0000, 0x1040, 0x2400, 16);
  b.pass(100);
  expect(b.read(sGFSR)).toBe(2);
  expect(b.read(sGFAR)).toBe(0x1040);
  expect(b.read(sGFSYNR0)).toBe(0);
  expect(b.read(sGFSYNR1)).toBe(0x86b);
  for (const at of [0x2000, 0x2100, 0x2300]) expect(b.bytes(at, 64)).toEqual(data);
  expect(b.bytes(0x2200, 64)).toEqual(new Uint8Array(64));
});

test('global faults: status, several, restored, masked; without GFRE they are silent', () => {
  const b = new DmaBench();
  b.fill(0x1000, 64);
  b.fill(0x2000, 64);
  b.write(sCR0, enabled);
  expect(copied(b, 0x1000, 0x2000)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.pending(spi)).toBe(true);
  expect(b.read(smmuReg + 0x10)).toBe(0x11);
  b.write(smmuReg + 0x1c, 0x1f);
  expect(b.pending(spi)).toBe(false);
  b.write(smmuReg + 0x18, 0x1f);
  expect(b.pending(spi)).toBe(true);
  copied(b, 0x1000, 0x2000);
  expect(b.read(sGFSR)).toBe(0x8000_0002);
  b.write(sGFSR, 0x8000_0002);
  expect(b.read(sGFSR)).toBe(0);
  expect(b.pending(spi)).toBe(false);
  b.write(sGFSRRESTORE, 0x8000_0004);
  expect(b.read(sGFSR)).toBe(0x8000_0004);
  expect(b.pending(spi)).toBe(true);
  b.write(sGFSR, 0xffff_ffff);
  // Reads then return zeros, and writes are lost.
  b.write(sCR0, 0x400);
  expect(copied(b, 0x1000, 0x2000)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x2000, 64)).toEqual(b.fill(0x3000, 64));
  expect(b.pending(spi)).toBe(false);
  b.write(sGFSR, 0xffff_ffff);
  // A conflict, a context that faults, and one that does not exist.
  b.write(sCR0, enabled);
  b.write(SMR(1), valid | gdmaStream);
  b.write(SMR(2), valid | (7 << 16) | gdmaStream);
  for (const [group, s2cr, fault] of [
    [1, 0, 4],
    [2, 2 << 16, 1],
    [2, 16, 8],
  ] as const) {
    b.write(S2CR(group), s2cr);
    expect(copied(b, 0x1000, 0x2000)).toBe(Interrupt.AXI_RD_DATA);
    expect(b.read(sGFSR)).toBe(fault);
    b.write(sGFSR, fault);
    b.write(SMR(1), 0);
  }
});

test('stage 1 translates both ways, and faults by its tables', () => {
  const b = bench();
  stage1(b);
  expect(copied(b, va, va + 0x1000, 0x1000)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_0000, 0x1000)).toEqual(b.bytes(0x1000, 0x1000));

  expect(copied(b, va, va + 0x2010)).toBe(Interrupt.AXI_WR_DATA);
  expect(b.read(cb(0, Cb.FSR))).toBe(0x400 | Fsr.PF);
  expect(b.read(cb(0, Cb.FAR))).toBe(va + 0x2010);
  expect(b.read(cb(0, Cb.FSYNR0))).toBe(0x13);
  expect(b.read(CBFRSYNRA(0))).toBe(gdmaStream);
  expect(b.pending(spi)).toBe(true);
  expect(b.read(smmuReg + 0x10)).toBe(1);
  expect(copied(b, 2 ** 40 + va, 0)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(cb(0, Cb.FSR)) >>> 0).toBe((0x400 | Fsr.PF | Fsr.MULTI) >>> 0);
  expect(b.read(cb(0, Cb.FAR))).toBe(va + 0x2010);
  b.write(cb(0, Cb.FSR), 0xffff_ffff);
  expect(b.read(cb(0, Cb.FSR))).toBe(0);
  expect(b.pending(spi)).toBe(false);

  expect(copied(b, va + 0x5000, va)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(cb(0, Cb.FSR))).toBe(0x400 | Fsr.TF);
  expect(b.read(cb(0, Cb.FSYNR0))).toBe(3);
  b.write(cb(0, Cb.FSR), 0xffff_ffff);
  // An address of 49 bits.
  expect(copied(b, 2 ** 48 - 0x1000, va)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(cb(0, Cb.FAR + 4))).toBe(0xffff);
  expect(b.logged).toEqual([]);
});

test('granules of 64 KiB, and the upper half of the addresses by TTBR1', () => {
  const b = bench();
  stage1(b);
  // 36 bits of 64 KiB pages: level 2 and level 3. Of the second table's pages number 3 is physical 0x30000.
  b.poke64(tables2, BigInt(tables2 + 0x1_0000) | isTable);
  b.poke64(tables2 + 0x1_0000 + 8 * 3, stage1Page(0x3_0000) | isPage);
  b.write64(cb(0, Cb.TTBR1), BigInt(tables2));
  // T0SZ 25, T1SZ 28, TG1 64 KiB; the sign is bit 48.
  b.write(cb(0, Cb.TCR), (3 << 30) | (28 << 16) | 25);
  const upper = 2 ** 49 - 2 ** 36 + 0x3_0000;
  expect(copied(b, va, upper + 0x8000)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_8000, 64)).toEqual(b.bytes(0x1000, 64));
  expect(copied(b, va, upper + 0x1_0000)).toBe(Interrupt.AXI_WR_DATA);
  expect(b.read(cb(0, Cb.FSYNR0))).toBe(0x13);
  expect(b.read(cb(0, Cb.FAR + 4))).toBe(Math.floor(upper / 2 ** 32));
  b.write(cb(0, Cb.FSR), 0xffff_ffff);
  // With the sign in bit 47 the same page has another address.
  b.write(cb(0, Cb.TCR2), (5 << 15) | 2);
  expect(copied(b, va, 2 ** 48 - 2 ** 36 + 0x3_8100)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_8100, 64)).toEqual(b.bytes(0x1000, 64));
  b.write(cb(0, Cb.TLBIALL), 0);
  b.write(cb(0, Cb.TLBSYNC), 0);
  b.write(cb(0, Cb.TCR), (3 << 30) | (1 << 23) | (28 << 16) | 25);
  expect(copied(b, va, 2 ** 48 - 2 ** 36 + 0x3_8100)).toBe(Interrupt.AXI_WR_DATA);
});

test('stage 2 translates as Xen has it; with 48 bits as Linux has it', () => {
  const b = bench(3);
  stage2(b, 3);
  expect(copied(b, 0x8_0000, 0x8_1000)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_2000, 64)).toEqual(b.bytes(0x1000, 64));
  expect(copied(b, 0x8_0000, 0x8_2004)).toBe(Interrupt.AXI_WR_DATA);
  expect(b.read(cb(3, Cb.FSR))).toBe(0x400 | Fsr.PF);
  expect(b.read(cb(3, Cb.FAR))).toBe(0x8_2004);
  expect(b.read(cb(3, Cb.IPAFAR))).toBe(0x8_2000);
  expect(b.read(cb(3, Cb.FSYNR0))).toBe(0x13);
  b.write(cb(3, Cb.FSR), 0xffff_ffff);
  expect(copied(b, 2 ** 41, 0)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(cb(3, Cb.FSR))).toBe(0x400 | Fsr.TF);

  b.write(TLBIVMID, 9);
  b.write(sTLBGSYNC, 0);
  b.poke64(tables2 + 0x8000, BigInt(tables2) | isTable);
  b.write64(cb(3, Cb.TTBR0), BigInt(tables2 + 0x8000));
  b.write(cb(3, Cb.TCR), 0x8000_0000 | (5 << 16) | (2 << 6) | 16);
  expect(copied(b, 0x8_0000, 0x8_1100)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_2100, 64)).toEqual(b.bytes(0x1000, 64));
});

test('nested: stage 1 and its tables go through stage 2', () => {
  const b = bench(0);
  stage1(b, { cbar: (3 << 16) | (3 << 8) });
  stage2(b, 3);
  // Stage 1 in IPAs: its tables at their own addresses, its pages those of stage 2.
  const identity = [0, 1, 2].map((i) => stage2Page(tables1 + 0x1000 * i) | isPage);
  b.poke64(tables2 + 0x3000 + 8 * 0x100, ...identity);
  const pages = [0x8_0000, 0x8_1000, 0x8_2000, 0x9_0000].map((ipa) => stage1Page(ipa) | isPage);
  b.poke64(tables1 + 0x2000 + 8 * 0x40, ...pages);
  expect(copied(b, va, va + 0x1000)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_2000, 64)).toEqual(b.bytes(0x1000, 64));
  // An access that stage 2 forbids is a fault of its bank, with the other bank's number.
  expect(copied(b, va, va + 0x2008)).toBe(Interrupt.AXI_WR_DATA);
  expect(b.read(cb(0, Cb.FSR))).toBe(0);
  expect(b.read(cb(3, Cb.FSR))).toBe(0x400 | Fsr.PF);
  expect(b.read(cb(3, Cb.FAR))).toBe(va + 0x2008);
  expect(b.read(cb(3, Cb.IPAFAR))).toBe(0x8_2000);
  b.write(cb(3, Cb.FSR), 0xffff_ffff);
  expect(copied(b, va + 0x3000, va)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(cb(3, Cb.IPAFAR))).toBe(0x9_0000);
  b.write(cb(3, Cb.FSR), 0xffff_ffff);
  // A table of stage 1 that stage 2 does not map.
  b.write(TLBIVMID, 9);
  b.write(sTLBGSYNC, 0);
  b.poke64(tables2 + 0x3000 + 8 * 0x102, 0n);
  expect(copied(b, va, va + 0x1000)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(cb(3, Cb.FSYNR0))).toBe((1 << 10) | 3);
  expect(b.read(cb(3, Cb.IPAFAR))).toBe(tables1 + 0x2000);
  // A second stage that is of another type.
  b.write(CBAR(3), 1 << 16);
  expect(copied(b, va, va + 0x1000)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.read(sGFSR)).toBe(1);
});

test('an entry is used until it is invalidated and the invalidation is synced', () => {
  const b = bench();
  stage1(b);
  const at = tables1 + 0x2000 + 8 * 0x41;
  const other = stage1Page(0x3_4000) | isPage;
  const writes = (to: number): boolean => {
    b.bytes(to, 8).fill(0);
    expect(copied(b, va, va + 0x1000, 8)).toBe(Interrupt.DMA_DONE);
    return b.bytes(to, 8).some((byte) => byte !== 0);
  };
  expect(writes(0x3_0000)).toBe(true);
  b.poke64(at, other);
  expect(writes(0x3_0000)).toBe(true);
  // For another ASID or another page nothing changes.
  b.write(cb(0, Cb.TLBIASID), 8);
  b.write64(cb(0, Cb.TLBIVA), (7n << 48n) | BigInt((va + 0x2000) >> 12));
  b.write(TLBIVMID, 4);
  b.write(cb(0, Cb.TLBSYNC), 0);
  expect(writes(0x3_0000)).toBe(true);
  const operations: readonly (() => void)[] = [
    () => b.write(cb(0, Cb.TLBIASID), 7),
    () => b.write(cb(0, Cb.TLBIALL), 0),
    () => b.write(TLBIVMID, 3),
    () => b.write(smmuBase + 0x68, 0),
    () => b.write64(cb(0, Cb.TLBIVA), (7n << 48n) | BigInt((va + 0x1000) >> 12)),
    () => b.write64(cb(0, Cb.TLBIVAAL), BigInt((va + 0x1000) >> 12)),
  ];
  for (const [i, operation] of operations.entries()) {
    const [was, is] = i % 2 === 0 ? [0x3_0000, 0x3_4000] : [0x3_4000, 0x3_0000];
    operation();
    expect(writes(was)).toBe(true);
    if (i % 3 === 0) b.write(sTLBGSYNC, 0);
    else b.write(cb(0, Cb.TLBSYNC), 0);
    expect(writes(is)).toBe(true);
    b.poke64(at, stage1Page(was) | isPage);
  }
});

test('a stage 2 entry is invalidated by its IPA, also by another page of its block', () => {
  const b = bench(3);
  stage2(b, 3);
  b.poke64(tables2 + 0x2008, stage2Page(0x20_0000) & ~2n);
  expect(copied(b, 0x8_0000, 0x30_0000)).toBe(Interrupt.DMA_DONE);
  b.poke64(tables2 + 0x2008, 0n);
  expect(copied(b, 0x8_0000, 0x30_0000)).toBe(Interrupt.DMA_DONE);
  b.write64(cb(3, Cb.TLBIIPAS2), 0x201n);
  b.write(cb(3, Cb.TLBSYNC), 0);
  expect(copied(b, 0x8_0000, 0x30_0000)).toBe(Interrupt.AXI_WR_DATA);
});

test('a fault may stall an access until it is retried or ended', () => {
  const b = bench();
  stage1(b);
  b.write(cb(0, Cb.SCTLR), reports | Sctlr.CFCFG);
  expect(copied(b, va, va + 0x4000)).toBe(0);
  expect(b.read(gdma0 + Zdma.STATUS)).toBe(State.busy);
  expect(b.read(cb(0, Cb.FSR))).toBe(Fsr.SS | 0x400 | Fsr.TF);
  expect(b.pending(spi)).toBe(true);
  // As a demand pager does.
  b.poke64(tables1 + 0x2000 + 8 * 0x44, stage1Page(0x3_5000) | isPage);
  b.write(cb(0, Cb.FSR), Fsr.TF);
  expect(b.pending(spi)).toBe(false);
  expect(b.read(cb(0, Cb.FSR))).toBe(Fsr.SS);
  b.write(cb(0, Cb.RESUME), 0);
  b.pass(100);
  expect(b.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_5000, 64)).toEqual(b.bytes(0x1000, 64));
  expect(b.read(cb(0, Cb.FSR))).toBe(0);
  expect(copied(b, va, va + 0x6000)).toBe(0);
  b.write(cb(0, Cb.RESUME), 1);
  expect(b.read(gdma0 + Zdma.ISR)).toBe(Interrupt.AXI_WR_DATA);
});

test('descriptors are translated like data', () => {
  const b = bench();
  stage1(b);
  b.descriptor(0x3_0000, va, 64, 2 << 3);
  b.descriptor(0x3_0010, va + 0x1100, 64, 0);
  b.write(gdma0 + Zdma.CTRL0, 1 << 6);
  b.write(gdma0 + Zdma.SRC_START_LSB, va + 0x1000, 0, va + 0x1010, 0);
  b.write(gdma0 + Zdma.CTRL2, 1);
  b.pass(1000);
  expect(b.read(gdma0 + Zdma.ISR)).toBe(Interrupt.DMA_DONE);
  expect(b.bytes(0x3_0100, 64)).toEqual(b.bytes(0x1000, 64));
});

test('a bank that is off lets accesses through; one with AArch32 tables faults, and the log says why', () => {
  const b = bench();
  stage1(b);
  b.write(cb(0, Cb.SCTLR), 0);
  expect(copied(b, 0x1000, 0x6000)).toBe(Interrupt.DMA_DONE);
  b.write(cb(0, Cb.SCTLR), reports);
  b.write(CBA2R(0), 0);
  expect(copied(b, va, va + 0x1000)).toBe(Interrupt.AXI_RD_DATA);
  expect(b.logged).toHaveLength(1);
  expect(b.logged[0]).toContain('AArch32');
});

test('the saved state is complete, whatever is written and accessed', () => {
  const [one, other] = [bench(), new DmaBench()];
  stage1(one);
  stage2(one, 3);
  const smmus = [one, other].map((b) => b.board.bus.occupants.find(({ device }) => device.name === 'smmu')?.device);
  const [smmu, copy] = smmus;
  const offset = fc.oneof(
    fc.constantFrom(0x0, 0x48, 0x64, 0x68, 0x70, 0x814, 0xc14, 0x1000, 0x100c, 0x1800),
    fc.constantFrom(...Object.values(Cb)).map((register) => 0x1_0000 + register),
    fc.constantFrom(...Object.values(Cb)).map((register) => 0x1_3000 + register),
    fc.nat(0x1_ffff),
  );
  const value = fc.oneof(fc.nat(0x1ff), fc.constant(0x8000_14e8), fc.integer({ min: 0, max: 0xffff_ffff }));
  const source = fc.constantFrom(va, va + 0x1000, 0x8_0000, 0x1000);
  const step = fc.tuple(offset, value, source);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      for (const [at, what, from] of steps) {
        smmu?.write(at & ~3, 4, what);
        smmu?.read(at & ~3, 4);
        copied(one, from, 0x3f_0000, 8);
      }
      const state = smmu?.saveState();
      copy?.loadState(JSON.parse(JSON.stringify(state)));
      expect(copy?.saveState()).toEqual(state);
    }),
    { numRuns: 100 },
  );
});

test('the explanation of an access is what becomes of it, whatever the registers hold', () => {
  const b = bench();
  stage1(b);
  stage2(b, 3);
  const { board } = b;
  const smmu = board.bus.occupants.map(({ device }) => device).find((device) => device instanceof Smmu);
  const register = fc.oneof(
    fc.constantFrom(sCR0, SMR(5), S2CR(5), SMR(6), S2CR(6), CBAR(0), CBAR(3), CBA2R(0), CBA2R(3)),
    fc.constantFrom(...[0, 3].flatMap((n) => [Cb.SCTLR, Cb.TTBR0, Cb.TCR, Cb.TCR2].map((offset) => cb(n, offset)))),
    fc.constantFrom(...[0, 8, 0x2000, 0x2200, 0x2208].map((offset) => tables1 + offset)),
    fc.constantFrom(...[0, 0x2000, 0x3400, 0x3408].map((offset) => tables2 + offset)),
  );
  const value = fc.oneof(
    fc.constantFrom(enabled, valid | gdmaStream, reports, va64, 3, 0x1_0003, 0x3_0300, 0, 1 << 16, 2 << 16),
    fc.constantFrom(tables1, tables2, tables1 | 3, 0x8000_0000 | (2 << 16) | (1 << 6) | 24, (1 << 23) | 25),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  const change = fc.option(fc.tuple(register, value), { nil: null, freq: 2 });
  const access = fc.record({
    address: fc.oneof(fc.constantFrom(va, va + 0x1008, va + 0x2000, 0x8_0000, 0x8_1004, 0x8_2000), fc.nat(0xffff_ffff)),
    write: fc.boolean(),
    stream: fc.constantFrom(gdmaStream, gdmaStream, gdmaStream + 1),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(fc.tuple(change, access), { maxLength: 12 }), (steps) => {
      stage1(b);
      stage2(b, 3);
      b.write(SMR(5), valid | gdmaStream);
      b.write(S2CR(5), steps.length % 2 === 0 ? 0 : 3);
      b.write(sCR0, enabled);
      for (const [changed, { address, write, stream }] of steps) {
        if (changed) b.write(changed[0], changed[1]);
        // What the TLB holds may be older than the tables.
        b.write(smmuBase + 0x68, 0);
        b.write(sTLBGSYNC, 0);
        const told = board.explainStream(stream, dmaAddr(address), write);
        const before = smmu?.saveState();
        const again = board.explainStream(stream, dmaAddr(address), write);
        expect(smmu?.saveState()).toEqual(before);
        expect(again).toEqual(told);
        const done = smmu?.translate(stream, dmaAddr(address), write);
        seen.add(told.kind === 'context' ? `context ${told.fault?.kind ?? 'done'}` : told.kind);
        if (told.kind === 'bypass') expect(done).toEqual({ pa: address });
        else if (told.kind === 'context' && told.translation?.result.ok)
          expect(done).toEqual({ pa: told.translation.result.pa });
        else expect(typeof done).toBe('string');
      }
    }),
    { numRuns: 300, seed: 7 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['bypass', 'global fault', 'context done', `context ${Fsr.TF}`]));
});
