import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Domain } from './domain/domain.ts';
import { XenBench } from './xen-testing.ts';

const counter = `
  adr  x9, count
1: ldr x1, [x9]
  add  x1, x1, #1
  str  x1, [x9]
  b    1b
  .align 12
count: .quad 0`;
const countOf = (bench: XenBench, domain: Domain): number => Number(bench.peek(domain, 0x4000_1000));

/** A checksum of all frames that are not of a domain. */
function othersSum(bench: XenBench, domain: Domain): number {
  const { heap, machine } = bench.xen;
  let sum = 0;
  for (let mfn = 0; mfn < heap.frames; mfn++) {
    if (heap.owner(mfn) === domain.domainId) continue;
    const words = machine.u32.subarray(machine.hostPage(mfn) * 1024, (machine.hostPage(mfn) + 1) * 1024);
    for (let i = 0; i < 1024; i += 1)
      if (words[i] !== 0) sum = (Math.imul(sum, 31) + mfn * 1024 + i + (words[i] as number)) | 0;
  }
  return sum;
}

/** Vectors that continue after the instruction that failed, or start again if its address is lost. */
const forgiving = `
  .align 11
vectors:
  .rept 16
  mrs  x0, elr_el1
  add  x0, x0, #4
  msr  elr_el1, x0
  mov  x1, #0x3c5
  msr  spsr_el1, x1
  eret
  .align 7
  .endr`;

describe('what a guest does stays in its domain', () => {
  test('random programs change no memory of others, and the others run on', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff_ffff), { minLength: 200, maxLength: 200 }), (words) => {
        const bench = new XenBench({ dramMiB: 32 });
        const victim = bench.guest(counter);
        const rogue = bench.guest(
          `adr x0, vectors\nmsr vbar_el1, x0\n${words.map((word) => `.word ${word}`).join('\n')}\nb .\n${forgiving}`,
          { paused: true },
        );
        bench.run(3);
        bench.xen.scheduling.pause(victim.vcpu(0).unit);
        bench.run(1);
        const before = othersSum(bench, rogue);
        bench.go(rogue);
        bench.run(3);
        expect(othersSum(bench, rogue)).toBe(before);
        const count = countOf(bench, victim);
        bench.xen.scheduling.unpause(victim.vcpu(0).unit);
        bench.run(40);
        expect(countOf(bench, victim)).toBeGreaterThan(count);
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ['masks its interrupts and spins', 'msr daifset, #15\nb .'],
    ['floods Xen with hypercalls', '1: mov x16, #17\nmov x0, #0\nhvc #0xea1\nb 1b'],
    [
      'floods Xen with faults',
      'adr x0, v\nmsr vbar_el1, x0\nb .\n.align 11\nv: .skip 0x200\n1: mov x1, #0x1000\nldr x1, [x1]\nb 1b',
    ],
    ['floods Xen’s console', 'adr x0, v\nmsr vbar_el1, x0\n1: hvc #3\nb 1b\n.align 11\nv: .skip 0x200\neret'],
    [
      'interrupts itself without end',
      '1: movz x1, #0x0300, lsl #16\nmovk x1, #0x1000\nmov w0, #0x2000000\nstr w0, [x1, #0xf00]\nb 1b',
    ],
    ['yields without end', '1: wfe\nb 1b'],
  ])('one that %s has its share of a pCPU and no more', (_, source) => {
    const bench = new XenBench();
    const victim = bench.guest(counter);
    const rogue = bench.guest(source);
    bench.run(300);
    const [running] = victim.vcpu(0).unit.runstate(bench.xen.machine.now()).times;
    // Roughly its share of a third of a second.
    expect(running / 300e6).toBeGreaterThan(0.45);
    expect(rogue.isShutDown).toBe(false);
  });

  test('a pointer outside its own memory is -EFAULT: to nothing, past the end of RAM, to the virtual GIC', () => {
    const call = (address: string, n: number) => `
      ldr  x1, =${address}
      mov  x0, #1                 // xen_version, XENVER_extraversion: 16 bytes
      mov  x16, #17
      hvc  #0xea1
      str  x0, [x19, #${8 * n}]`;
    const bench = new XenBench();
    const domain = bench.guest(
      `movz x19, #0x4010, lsl #16
      ${call('0x1000', 0)}
      ${call('0x401ffff8', 1)}
      ${call('0x03002000', 2)}
      ${call('0xffff000000000000', 3)}
      ${call('0x401ffff0', 4)}
      ${call('0x40100ff8', 5)}
      b .`,
    );
    bench.run(2);
    const results = [0, 1, 2, 3, 4, 5].map((n) => BigInt.asIntN(64, bench.peek(domain, 0x4010_0000 + 8 * n)));
    expect(results).toEqual([-14n, -14n, -14n, -14n, 0n, 0n]);
    // ".7", across a page as well.
    expect(bench.peek(domain, 0x401f_fff0)).toBe(0x372en);
    expect(bench.peek(domain, 0x4010_0ff8)).toBe(0x372en);
  });

  test('structures of hypercalls may not be in a mapped page of another domain', () => {
    const bench = new XenBench();
    const other = bench.guest('b .', { paused: true });
    const mfn = other.p2m.lookUp(0x4_0100)?.mfn ?? 0;
    expect(bench.xen.heap.owner(mfn)).toBe(other.domainId);
    const domain = bench.guest(
      'mov x19, #0x10000000\nmov x0, #1\nmov x1, x19\nmov x16, #17\nhvc #0xea1\nadr x1, r\nstr x0, [x1]\nmov x0, #5\nstr x0, [x19]\nb .\n.align 12\nr: .quad 0',
      { paused: true },
    );
    domain.p2m.map(0x1_0000, 1, mfn, 6);
    bench.go(domain);
    bench.run(1);
    expect(BigInt.asIntN(64, bench.peek(domain, 0x4000_1000))).toBe(-14n);
    // The mapping itself works.
    expect(bench.peek(other, 0x4010_0000)).toBe(5n);
  });
});
