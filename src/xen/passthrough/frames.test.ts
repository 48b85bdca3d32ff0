import { expect, test } from 'vitest';
import { P2mType } from '../mm/p2m.ts';
import { XenBench } from '../xen-testing.ts';
import { mapFrames, permitFrames } from './frames.ts';

/** Frame of UART 1, whose registers a guest finds at 0x50000000 here. */
const uart = 0xff010n;

const map = (bench: XenBench, source: string) => {
  const domain = bench.guest(source, { paused: true });
  expect(permitFrames(bench.xen.board, uart, 1n)).toBe(0);
  expect(mapFrames(bench.xen, domain, 0x50000n, uart, 1)).toBe(0);
  bench.go(domain);
  return domain;
};

test('does iomem = ["0xff010,1"] let a guest load from and store to UART 1?', () => {
  const bench = new XenBench();
  const domain = map(
    bench,
    `
    movz x0, #0x5000, lsl #16
    mov  w1, #0x14            // transmitter and receiver on
    str  w1, [x0]
    mov  w1, #0x58
    str  w1, [x0, #0x30]
    ldr  w2, [x0]
    movz x3, #0x4010, lsl #16
    str  x2, [x3]
    b    .`,
  );
  const before = bench.serial.length;
  bench.run(20);
  expect(Number(bench.peek(domain, 0x4010_0000)) & 0x14).toBe(0x14);
  expect(bench.serial.slice(before)).toContain('X');
});

test('is nothing mapped after a range that does not fit?', () => {
  const bench = new XenBench();
  const domain = bench.guest('b .', { paused: true });
  expect(mapFrames(bench.xen, domain, 0xfffffffn, uart, 2)).toBe(-22);
  expect(domain.p2m.lookUp(0xfffffff)).toBeNull();
  const before = domain.p2m.lookUp(0x40000);
  expect(mapFrames(bench.xen, domain, 0x40000n, uart, 1)).toBe(0);
  expect(before?.type).toBe(P2mType.ramRw);
  expect(domain.p2m.lookUp(0x40000)).toMatchObject({ mfn: 0xff010, type: P2mType.mmioDirectDevice });
});
