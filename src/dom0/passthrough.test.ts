import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { boardWithFreeUart } from '../xen/passthrough/board-testing.ts';
import { Dom0Bench } from './dom0-testing.ts';

const read = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../guests/${path}`, import.meta.url)));

const bench = new Dom0Bench(
  { uart: read('build/xen/uart.img'), spin: read('build/xen/spin.img') },
  2,
  boardWithFreeUart(),
);
const config = (name: string, image: string): string =>
  `name = "${name}"\nkernel = "/guests/${image}.img"\nmemory = 16\niomem = ["0xff010,1"]\nirqs = [54]\n`;
bench.dom0.files.write('/uart.cfg', config('uart', 'uart'));
bench.dom0.files.write('/spin.cfg', config('spin', 'spin'));
const golden = new TextDecoder().decode(read('xen/golden/uart.txt'));

test('does a guest with irqs = [54] of a marked UART take its interrupt as on real Xen, also after one that left it active?', () => {
  for (const domid of [1, 2]) {
    expect(bench.script('xl create -q /uart.cfg; sleep 0.3').code).toBe(0);
    expect(bench.consoles.get(domid)?.replaceAll('\r', '')).toBe(golden);
  }
});

test('is a second domain with the same interrupt refused as by real Xen, until the first is gone?', () => {
  expect(bench.script('xl create -q /spin.cfg; xl create -q /uart.cfg')).toEqual({
    code: 3,
    printed: expect.stringContaining('Domain 4:failed give domain access to irq 54: Device or resource busy\n'),
  });
  expect(bench.serial).toContain('(XEN) IRQ 54 is already used by domain 3\r\n');
  expect(bench.script('xl destroy spin; xl create -q /uart.cfg; sleep 0.3').code).toBe(0);
  expect(bench.consoles.get(5)?.replaceAll('\r', '')).toBe(golden);
});

test('is an interrupt that is named twice refused?', () => {
  bench.dom0.files.write('/twice.cfg', config('twice', 'spin').replace('[54]', '[54, 54]'));
  expect(bench.script('xl create -q /twice.cfg').printed).toContain('failed give domain access to irq 54: Device or');
});
