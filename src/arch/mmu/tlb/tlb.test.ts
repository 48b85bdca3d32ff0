import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessKind, CodeTlb } from '../../../a64/layout.ts';
import { physAddr } from '../../../base/units.ts';
import { Memory } from '../../state/memory.ts';
import { CoreTlb } from './tlb.ts';
import { dataPage, ram, TlbModel, tables, tlbSteps } from './tlb-testing.ts';

describe('the TLBs', () => {
  const model = new TlbModel();

  it('hold nothing that a TLBI has taken away', () => {
    fc.assert(
      fc.property(tlbSteps, (list) => {
        model.reset();
        for (const s of list) model.run(s);
      }),
      { numRuns: 600, seed: 4 },
    );
  }, 60_000);

  it('do not mix up address spaces when context numbers run out', () => {
    model.reset();
    model.map(0, 0, { target: 0, readOnly: false, valid: true });
    model.map(1, 0, { target: 1, readOnly: false, valid: true });
    for (let i = 0; i < 1500; i++) {
      const odd = i & 1;
      model.bench.set({ TTBR0_EL1: BigInt(tables(odd)) | (BigInt((i * 7) % 600) << 48n) }, odd);
      expect(model.bench.fill(0x3000n, AccessKind.read)).toBe(model.bench.host(dataPage(odd)));
      // Even and odd ASIDs must not meet: 600 is even, 7 odd.
      model.bench.set({}, 2);
    }
  });
});

it('a TLBI by address drops the instruction entry of every context there can be', () => {
  const memory = new Memory(1, [{ base: physAddr(ram), size: 0x1000 }]);
  const tlb = new CoreTlb(memory, 0);
  const low = 0x4021_1000;
  const page = {
    page: low >>> 12,
    sizeLog2: 12,
    pieceLog2: 12,
    global: false,
    readable: true,
    writable: true,
    device: false,
  };
  for (let number = 0; number < 255; number++) {
    const context = number << 4;
    const tag = (tlb.codeEntry(low, context) << 2) + CodeTlb.tag;
    tlb.setCode({ low, high: 0, context }, page, 0, 0, true);
    expect(memory.u32[tag >>> 2]).toBe(low | context);
    expect(tlb.dropPage(low >>> 12)).toBe(true);
    expect(memory.u32[tag >>> 2], `context ${number}`).toBe(0xffff_ffff);
  }
});
