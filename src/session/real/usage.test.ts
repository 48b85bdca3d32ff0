import { expect, test } from 'vitest';
import { assemble } from '../../a64/assembler/assemble.ts';
import { cycles } from '../../base/units.ts';
import { clockHz, ZynqMp } from '../../soc/board/zynqmp.ts';
import { samplePeriod } from '../usage/usage.ts';
import { RealDomains } from './domains.ts';
import { RealUsage } from './usage.ts';

/** What a hypervisor does at its switches: two domains in turn, each for twice so many instructions, and its own work. */
const hypervisor = (first: number, own: number, second: number) => `
  movz x0, #0xf904, lsl #16
  mov w1, #1
  movz x2, #1, lsl #48
  movz x3, #2, lsl #48
  movz x8, #3, lsl #48
  mov w5, #${first}
  mov w6, #${own}
  mov w7, #${second}
turn:
  str w1, [x0]
  msr vttbr_el2, x2
a: subs w5, w5, #1
  b.ne a
  mov w5, #${first}
  msr vttbr_el2, x8
  msr vttbr_el2, x2
  str wzr, [x0]
b: subs w6, w6, #1
  b.ne b
  mov w6, #${own}
  str w1, [x0]
  msr vttbr_el2, x3
c: subs w7, w7, #1
  b.ne c
  mov w7, #${second}
  str wzr, [x0]
  b turn
`;

test('who used a core is known to the cycle of the switch, and what Xen has is what is left', () => {
  const source = assemble(hypervisor(30_000, 10_000, 60_000), { origin: 0x8_0000n });
  if (!source.ok) throw new Error(JSON.stringify(source.error));
  const board = new ZynqMp({ cores: 1, dramSize: 2 ** 24, el: 2, log: () => {}, transmit: () => {}, end: () => {} });
  const domains = new RealDomains(1, 'credit');
  domains.named(0, 'Domain-0');
  domains.named(7, 'other');
  const usage = new RealUsage(board, domains, null);
  const { bytes } = source.value;
  board.start({
    format: 'Image',
    entry: 0x8_0000n,
    segments: [{ address: 0x8_0000n, bytes, memorySize: BigInt(bytes.length) }],
  });
  const samples = 4;
  for (let n = 1; n <= samples; n++) {
    board.cluster.run(cycles((n * samplePeriod * clockHz) / 1e9));
    usage.sliceEnded(n * samplePeriod);
  }
  const end = samples * samplePeriod;
  const { series } = usage.utilisation({ from: 0, to: end, buckets: 1 });
  const used = (kind: string, domain: number) =>
    ((series.find((one) => one.kind === kind && one.domain === domain)?.busy[0] ?? 0) * clockHz) / 1e9;
  const own = used('xen', -1);
  expect(used('vcpu', 0) + used('vcpu', 7) + own).toBeCloseTo((end * clockHz) / 1e9, 0);
  expect(own).toBeCloseTo(used('idle', -1), 0);
  // The last turn may be under way; each switch is known to the instruction.
  const turns = Math.floor((end * clockHz) / 1e9 / 200_011);
  for (const [domain, instructions] of [
    [0, 60_004],
    [7, 120_002],
  ] as const) {
    const whole = turns * instructions;
    expect(used('vcpu', domain)).toBeGreaterThan(whole - 2 * turns);
    expect(used('vcpu', domain)).toBeLessThan(whole + 2 * turns + instructions);
  }
  const again = new RealUsage(board, domains, null);
  const state = usage.saveState();
  again.loadState(state);
  expect(again.saveState()).toEqual(state);
  expect(again.running()).toEqual(usage.running());
});
