import { expect, test } from 'vitest';
import { msr } from '../../a64/system-encoding.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { treeForBoot } from '../../boot/fdt/boot.ts';
import { boardTree } from './device-tree.ts';
import { ZynqMp } from './zynqmp.ts';

/** A board with these instructions at 0x80000, and what it sends, logs and does. */
function boardWith(words: readonly number[], cores = 1, el: 1 | 2 = 2) {
  const sent: string[] = [];
  const ends: string[] = [];
  const logged: string[] = [];
  const board = new ZynqMp({
    cores,
    dramSize: 1 << 20,
    el,
    log: (source, text) => logged.push(`${source}: ${text}`),
    transmit: (uart, byte) => sent.push(`uart${uart} ${String.fromCharCode(byte)}`),
    end: (how) => ends.push(how),
  });
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  const segment = { address: 0x8_0000n, bytes, memorySize: BigInt(bytes.length) };
  expect(board.start({ format: 'Image', segments: [segment], entry: 0x8_0000n })).toBe(bytes.length);
  const run = () => board.cluster.run(cycles(board.events.now + 100_000)).reason;
  return { board, sent, ends, logged, run };
}

test('PSCI by SMC turns another core on with its context; it prints and turns the system off', () => {
  const { sent, ends, logged, run, board } = boardWith(
    [
      0xd2b88000, // mov  x0, #0xc4000000
      0xf2800060, // movk x0, #3            CPU_ON
      0xd2800021, // mov  x1, #1
      0x100000a2, // adr  x2, second
      0xd2800843, // mov  x3, #'B'
      0xd4000003, // smc  #0
      0xd503207f, // wfi
      0x17ffffff, // b    . - 4
      0xd2bfe001, // second: mov x1, #0xff000000
      0xb9003020, // str  w0, [x1, #0x30]
      0xd2b08000, // mov  x0, #0x84000000
      0xf2800100, // movk x0, #8            SYSTEM_OFF
      0xd4000003, // smc  #0
    ],
    2,
  );
  expect(run()).toBe('stopped');
  expect(sent).toEqual(['uart0 B']);
  expect(ends).toEqual(['power-off']);
  expect(logged).toEqual(['psci: core 1 on at 0x80020', 'psci: core 1 turns the system off']);
  expect(board.cluster.stats().cores.map((core) => core.state)).toEqual(['waiting', 'running']);
});

test('a core that turns itself off leaves the machine idle', () => {
  const { run, board } = boardWith([
    0xd2b08000, // mov  x0, #0x84000000
    0xf2800040, // movk x0, #2            CPU_OFF
    0xd4000003, // smc  #0
  ]);
  expect(run()).toBe('idle');
  expect(board.cluster.stats().cores[0]?.state).toBe('off');
  expect(board.cluster.stats().instructions).toBe(3);
});

test('both UARTs answer where UG1087 puts them; an access to an empty address is an external abort', () => {
  const { sent, logged, run, board } = boardWith([
    0xd2bfe020, // mov  x0, #0xff010000
    0xd2800841, // mov  x1, #'B'
    0xb9003001, // str  w1, [x0, #0x30]
    0xb9402c02, // ldr  w2, [x0, #0x2c]
    0xd2bfd003, // mov  x3, #0xfe800000
    0xf9400064, // ldr  x4, [x3]
  ]);
  // The vector for exceptions from the current level with SP_ELx: b .
  board.cluster.ramView(physAddr(0x200), 4).set([0, 0, 0, 0x14]);
  run();
  const core = board.cluster.cores[0];
  expect(sent).toEqual(['uart1 B']);
  expect(core?.x(2)).toBe(0b01010n);
  expect(logged).toContain('bus: nobody answers at physical address 0xfe800000: external abort');
  // ESR_EL2: a data abort from the same level, a synchronous external abort not on a walk (Arm ARM, D17.2.37).
  const syndrome = core?.system('ESR_EL2') ?? 0n;
  expect([syndrome >> 26n, syndrome & 0x3fn]).toEqual([0x25n, 0x10n]);
});

test('a kernel is entered with x0 = 0 in the level that was asked for', () => {
  for (const el of [1, 2] as const) {
    const core = boardWith([0x14000000], 1, el).board.cluster.cores[0];
    expect([core?.el, core?.pc, core?.x(0)]).toEqual([el, 0x8_0000n, 0n]);
  }
});

test('the devices’ states are plain data, by device', () => {
  const { board } = boardWith([0x14000000]);
  const states = board.deviceStates();
  expect(Object.keys(states)).toEqual(expect.arrayContaining(['gic', 'uart0', 'uart1']));
  expect(structuredClone(states)).toEqual(states);
  // 115200 baud by the first stage boot loader.
  expect(states.uart0).toMatchObject({ baudGenerator: 0x8f, baudDivider: 5 });
});

test('code runs from on-chip memory', () => {
  const { board, sent } = boardWith([
    0xd2bfff80, // mov  x0, #0xfffc0000
    0x100000a1, // adr  x1, code
    0xa9400c22, // ldp  x2, x3, [x1]
    0xa9000c02, // stp  x2, x3, [x0]
    0xd61f0000, // br   x0
    0xd503201f, // nop
    0xd2bfe001, // code: mov x1, #0xff000000
    0x52800962, // mov  w2, #'K'
    0xb9003022, // str  w2, [x1, #0x30]
    0x14000000, // b    .
  ]);
  board.cluster.run(cycles(20_000));
  expect(sent).toEqual(['uart0 K']);
});

test('software lights the LED and sees the button', () => {
  const { board } = boardWith([
    0xd2bfe140, // mov  x0, #0xff0a0000
    0xd2a01001, // mov  x1, #0x800000         MIO23
    0xb9020401, // str  w1, [x0, #0x204]      DIRM_0
    0xb9020801, // str  w1, [x0, #0x208]      OEN_0
    0xb9406002, // loop: ldr w2, [x0, #0x60]  DATA_0_RO
    0x531f7842, // lsl  w2, w2, #1            MIO22 is where MIO23 was
    0x0a010042, // and  w2, w2, w1
    0xb9004002, // str  w2, [x0, #0x40]       DATA_0
    0x17fffffc, // b    loop
  ]);
  const lit = [false, true, true, false].map((pressed, i) => {
    board.setButton(pressed);
    board.cluster.run(cycles(20_000 * (i + 1)));
    // DATA_0: the LED DS50 is at MIO23.
    return ((board.bus.read(physAddr(0xff0a_0040), 4) ?? 0) & (1 << 23)) !== 0;
  });
  expect(lit).toEqual([false, true, true, false]);
});

test('the virtual timer is not pending at the GIC once its count has passed 2^64 and ISTATUS is 0', () => {
  const { board } = boardWith([
    0xd2800c80, // mov  x0, #100
    msr([3, 4, 14, 0, 3], 0), // CNTVOFF_EL2: the virtual count is 2^64 - 100
    0x92800621, // mov  x1, #-50
    msr([3, 3, 14, 3, 2], 1), // CNTV_CVAL_EL0
    0xd2800021, // mov  x1, #1
    msr([3, 3, 14, 3, 1], 1), // CNTV_CTL_EL0
    0x14000000, // b    .
  ]);
  const pending = (): boolean => ((board.bus.read(physAddr(0xf901_0200), 4) ?? 0) & (1 << 27)) !== 0;
  const seen = [40, 60, 90, 110].map((ticks) => {
    board.cluster.run(cycles(ticks * 12));
    return pending();
  });
  expect(seen).toEqual([false, true, true, false]);
});

test.each([1, 2, 3, 4])('tree, GIC, PSCI and L2CTLR_EL1 agree on a chip with %i cores', (cores) => {
  const { board } = boardWith([0x14000000], cores);
  const tree = treeForBoot(boardTree(), { cores, dramBase: 0, dramSize: 1 << 20 });
  expect(tree.root.child('cpus')?.children.length).toBe(cores);
  expect((((board.bus.read(physAddr(0xf901_0004), 4) ?? 0) >>> 5) & 7) + 1).toBe(cores);
  expect(board.cluster.cores[0]?.system('L2CTLR_EL1')).toBe(BigInt(cores - 1) << 24n);
  const affinityInfo = (core: number): bigint => {
    const x = [0xc400_0004n, BigInt(core), 0n];
    board.cluster.onFirmwareCall(0, { x: (n) => x[n] ?? 0n, setX: (n, value) => x.splice(n, 1, value) });
    return BigInt.asIntN(64, x[0] ?? 0n);
  };
  const states = [0, 1, 2, 3, 4].map(affinityInfo);
  expect(states).toEqual([0, 1, 2, 3, 4].map((core) => (core === 0 ? 0n : core < cores ? 1n : -2n)));
});
