import { describe, expect, test } from 'vitest';
import type { Domain } from '../domain/domain.ts';
import { XenBench } from '../xen-testing.ts';

/**
 * Vectors of a guest that note ESR, FAR and ELR of an exception of its own level behind x19's count, and go on behind
 * what failed.
 */
const vectors = `
  .align 11
vectors:
  .skip 0x200
  ldr  x9, [x19]
  add  x9, x9, #1
  str  x9, [x19]
  add  x10, x19, x9, lsl #5
  mrs  x11, esr_el1
  str  x11, [x10]
  mrs  x11, far_el1
  str  x11, [x10, #8]
  mrs  x11, elr_el1
  str  x11, [x10, #16]
  mrs  x12, spsr_el1
  str  x12, [x10, #24]
  add  x11, x11, #4
  msr  elr_el1, x11
  eret
  .align 11`;

const prologue = `
  movz x19, #0x4010, lsl #16
  adr  x0, vectors
  msr  vbar_el1, x0`;

const page = 0x4010_0000;
/** Results are stored from x19 + 0x800 on. */
const result = (bench: XenBench, domain: Domain, n: number): bigint => bench.peek(domain, page + 0x800 + 8 * n);

interface Exception {
  readonly esr: number;
  readonly far: bigint;
}

const run = (source: string, setUp: (bench: XenBench, domain: Domain) => void = () => {}) => {
  const bench = new XenBench();
  const domain = bench.guest(`${prologue}\n${source}\nb .\n${vectors}`, { paused: true });
  setUp(bench, domain);
  bench.go(domain);
  bench.run(2);
  const count = Number(bench.peek(domain, page));
  const exceptions = Array.from({ length: count }, (_, i): Exception => {
    const at = page + 32 * (i + 1);
    return { esr: Number(bench.peek(domain, at)), far: bench.peek(domain, at + 8) };
  });
  return { bench, domain, exceptions, said: bench.serial.split('\r\n').filter((line) => line.includes('d1v0')) };
};

/** ESR_EL1 as Xen sets it: only EC and IL. */
const undefinedInstruction = { esr: 0x0200_0000 };
const dataAbort = (far: bigint) => ({ esr: 0x9600_0000, far });

describe('system registers', () => {
  test('identification registers are those of the core; registers that do not exist are UNDEFINED', () => {
    const { bench, domain, exceptions } = run(`
      mrs x0, id_aa64pfr0_el1
      str x0, [x19, #0x800]
      mrs x0, midr_el1
      str x0, [x19, #0x808]
      mrs x0, mpidr_el1
      str x0, [x19, #0x810]
      mrs x0, actlr_el1
      str x0, [x19, #0x818]
      mrs x0, S3_0_C0_C7_7
      str x0, [x19, #0x820]
      msr S3_0_C0_C4_0, x0
      mrs x0, S3_1_C15_C2_0
      mrs x0, S3_0_C12_C11_5
      msr S3_0_C12_C11_5, x0`);
    expect([0, 1, 2, 3, 4].map((n) => result(bench, domain, n))).toEqual([0x1111n, 0x410f_d034n, 0x8000_0000n, 0n, 0n]);
    // A write of an identification register, an implementation defined register, a register of a GICv3.
    expect(exceptions.map(({ esr }) => esr)).toEqual(new Array(4).fill(undefinedInstruction.esr));
  });

  test('guests have no debug and no performance monitors', () => {
    const { bench, domain, exceptions } = run(`
      mov  x0, #-1
      msr  mdscr_el1, x0
      mrs  x1, mdscr_el1
      str  x1, [x19, #0x800]
      msr  dbgbvr0_el1, x0
      mrs  x1, dbgbvr0_el1
      str  x1, [x19, #0x808]
      msr  oslar_el1, xzr
      mrs  x1, oslsr_el1
      str  x1, [x19, #0x810]
      msr  pmcr_el0, x0
      mrs  x1, pmcr_el0
      str  x1, [x19, #0x818]
      msr  pmuserenr_el0, x0
      mrs  x1, pmccntr_el0
      str  x1, [x19, #0x820]
      mrs  x1, mdrar_el1
      str  x1, [x19, #0x828]
      mrs  x1, dbgclaimset_el1`);
    expect([0, 1, 2, 3, 4, 5].map((n) => result(bench, domain, n))).toEqual([0n, 0n, 8n, 0n, 0n, 0n]);
    expect(exceptions).toHaveLength(1);
    expect(exceptions[0]).toMatchObject(undefinedInstruction);
  });

  test('after cache maintenance by set and way, virtual memory controls trap until the caches are on', () => {
    const { bench, domain, exceptions } = run(`
      dc   cisw, xzr
      ldr  x0, =0x30d50999
      msr  contextidr_el1, x0
      mrs  x1, contextidr_el1
      str  x1, [x19, #0x800]`);
    expect(exceptions).toEqual([]);
    expect(result(bench, domain, 0)).toBe(0x30d5_0999n);
    const tvm = 1 << 26;
    expect(domain.vcpu(0).hcr & tvm).toBe(tvm);
  });
});

describe('calls', () => {
  test('by HVC #0 and SMC #0 follow SMCCC and PSCI', () => {
    const call = (instruction: string, id: number, at: number, argument = 0) => `
      ldr  w0, =0x${id.toString(16)}
      ldr  x1, =0x${argument.toString(16)}
      mov  x2, #0
      ${instruction} #0
      str  x0, [x19, #${0x800 + 8 * at}]`;
    const { bench, domain, exceptions, said } = run(
      call('hvc', 0x8400_0000, 0) +
        call('smc', 0x8400_0000, 1) +
        call('hvc', 0x8000_0000, 2) +
        call('hvc', 0x8000_0001, 3, 0x8000_8000) +
        call('hvc', 0x8400_000a, 4, 0xc400_0003) +
        call('hvc', 0x8400_000a, 5, 0x8400_000e) +
        call('hvc', 0xc400_0004, 6, 0) +
        call('hvc', 0xc400_0004, 7, 1) +
        call('hvc', 0xc400_0003, 8, 7) +
        call('hvc', 0x8400_0006, 9) +
        call('hvc', 0x8500_ff01, 10) +
        call('hvc', 0x8600_ff01, 11) +
        call('smc', 0xb200_0000, 12) +
        call('smc', 0xc200_0001, 13) +
        call('smc', 0xc200_0024, 14, 3) +
        call('smc', 0xc200_0013, 15, 0xff5e_0000) +
        call('smc', 0xc200_000c, 16) +
        call('smc', 0x8200_1000, 17),
    );
    const minusOne = 0xffff_ffff_ffff_ffffn;
    expect(Array.from({ length: 18 }, (_, n) => result(bench, domain, n))).toEqual([
      0x1_0001n,
      0x1_0001n,
      0x1_0001n,
      minusOne,
      0n,
      minusOne,
      0n,
      1n,
      minusOne - 1n,
      2n,
      0xdc12_18a7n,
      minusOne,
      minusOne,
      // EEMI: the version is that of the firmware, all other functions are refused.
      0x1_0001_0000_0000n,
      2002n,
      2002n,
      2002n,
      2002n,
    ]);
    expect(exceptions).toEqual([]);
    expect(said).toEqual([
      '(XEN) d1v0 Unhandled SMC/HVC: 0x8600ff01',
      '(XEN) d1v0 Unhandled SMC/HVC: 0xb2000000',
      '(XEN) d1v0 eemi: fn=36 No access',
      '(XEN) d1v0 zynqmp-pm: fn=19 No MMIO access to 4284350464',
      '(XEN) d1v0 IPI mailbox: fn=4096 No access',
    ]);
  });

  test('with other immediates are UNDEFINED', () => {
    // If an HVC is UNDEFINED, Xen has the guest return to the instruction after it.
    const { exceptions, said } = run('hvc #1\nnop\nsmc #1\nhvc #0xe12\nnop\nhvc #0xffff\nnop');
    expect(exceptions).toHaveLength(4);
    for (const exception of exceptions) expect(exception).toMatchObject(undefinedInstruction);
    expect(said).toEqual([
      '(XEN) d1v0 Invalid HVC imm 0x1',
      '(XEN) d1v0 Invalid HVC imm 0xe12',
      '(XEN) d1v0 Invalid HVC imm 0xffff',
    ]);
  });

  test('a hypercall that Arm does not have is -ENOSYS, and logged once', () => {
    const { bench, domain, said } = run(`
      mov  x16, #15               // set_timer_op
      hvc  #0xea1
      str  x0, [x19, #0x800]
      mov  x16, #15
      hvc  #0xea1
      mov  x0, #0                 // xen_version
      mov  x16, #17
      hvc  #0xea1
      str  x0, [x19, #0x808]
      mov  x0, #1
      mov  x1, #0x1000            // no memory there
      mov  x16, #17
      hvc  #0xea1
      str  x0, [x19, #0x810]
      mov  x0, #0
      mov  x1, #1
      mov  x2, x19
      mov  x16, #18               // console_io
      hvc  #0xea1
      str  x0, [x19, #0x818]`);
    expect([0, 1, 2, 3].map((n) => BigInt.asIntN(64, result(bench, domain, n)))).toEqual([-38n, 0x4_0011n, -14n, -1n]);
    expect(said).toEqual(['(XEN) d1v0 hypercall 15 is not there: -ENOSYS']);
  });
});

describe('memory that is not there', () => {
  test('is an abort for the guest, never memory of another domain', () => {
    const { exceptions } = run(`
      mov  x0, #0x300000
      msr  cpacr_el1, x0
      mov  x0, #0x1000
      ldr  x1, [x0]
      str  x1, [x0]
      movz x0, #0xf901, lsl #16   // the chip's GIC
      ldr  w1, [x0]
      movz x0, #0xff00, lsl #16   // its UART
      str  w1, [x0, #0x30]
      mov  x0, #0x100000000
      dc   civac, x0
      ldr  q0, [x0]
      ldp  x1, x2, [x0]`);
    expect(exceptions).toMatchObject([
      dataAbort(0x1000n),
      dataAbort(0x1000n),
      dataAbort(0xf901_0000n),
      dataAbort(0xff00_0030n),
      dataAbort(0x1_0000_0000n),
      dataAbort(0x1_0000_0000n),
      dataAbort(0x1_0000_0000n),
    ]);
  });

  test('a jump there is an instruction abort', () => {
    const { bench, domain } = run(`
      adr  x0, vectors
      mov  x1, #0x14000000        // b .
      str  w1, [x0, #0x200]
      ic   ialluis
      isb
      mov  x0, #0x2000
      br   x0`);
    bench.xen.scheduling.pause(domain.vcpu(0).unit);
    bench.run(1);
    const { context } = domain.vcpu(0);
    expect(context.system('ESR_EL1')).toBe(0x8600_0000n);
    expect(context.system('FAR_EL1')).toBe(0x2000n);
    expect(context.system('ELR_EL1')).toBe(0x2000n);
    expect(context.system('SPSR_EL2')).toBe(0x3c5n);
  });

  test('of accesses without a syndrome, emulated devices only take post-indexed loads and stores', () => {
    const { bench, domain, exceptions, said } = run(`
      movz x1, #0x0300, lsl #16
      movk x1, #0x1000
      ldr  w2, [x1], #4           // GICD_CTLR
      ldr  w3, [x1], #4           // GICD_TYPER
      str  x1, [x19, #0x800]
      str  x3, [x19, #0x808]
      mov  w4, #0x55
      add  x1, x1, #0x400
      strb w4, [x1], #-8          // GICD_IPRIORITYR, ID 8
      ldr  w5, [x1, #8]
      str  x5, [x19, #0x810]
      ldr  w5, [x1, #4]!`);
    expect([0, 1, 2].map((n) => result(bench, domain, n))).toEqual([0x0300_1008n, 1n, 0x55n]);
    expect(exceptions).toMatchObject([dataAbort(0x0300_1404n)]);
    expect(said.filter((line) => line.includes('Decoding'))).toHaveLength(1);
  });

  test('a store that its mapping does not allow is tried again for ever, and costs other domains nothing', () => {
    const { bench, domain } = run('adr x0, vectors\nstr x0, [x0]\nadd x5, x5, #1', ({ xen }, domain) => {
      const gfn = 0x4_0000;
      const mapping = domain.p2m.lookUp(gfn);
      domain.p2m.map(gfn, 1, mapping?.mfn ?? 0, 2);
      void xen;
    });
    bench.xen.scheduling.pause(domain.vcpu(0).unit);
    bench.run(1);
    expect(domain.vcpu(0).context.x(5)).toBe(0n);
  });
});

describe('waiting', () => {
  test('WFI blocks until an interrupt, WFE yields', () => {
    const bench = new XenBench();
    const waiter = bench.guest(
      '1: wfi\nadr x1, n\nldr x0, [x1]\nadd x0, x0, #1\nstr x0, [x1]\nb 1b\n.align 12\nn: .quad 0',
    );
    const yielder = bench.guest(
      '1: wfe\nadr x1, n\nldr x0, [x1]\nadd x0, x0, #1\nstr x0, [x1]\nb 1b\n.align 12\nn: .quad 0',
    );
    bench.run(50);
    expect(bench.peek(waiter, 0x4000_1000)).toBe(0n);
    expect(waiter.vcpu(0).unit.runstate(bench.xen.machine.now()).state).toBe(2);
    expect(bench.peek(yielder, 0x4000_1000)).toBeGreaterThan(1000n);
  });
});
